import { expect, test } from 'vitest';
import type { Step, StepList } from '../../src/language/playbook.ts';
import { techniquesOf } from '../../src/language/step-tree.ts';

const step = (attack: string[], definition?: StepList): Step => ({
  path: ['steps', 0],
  name: 'a',
  attack,
  continueOnError: false,
  type: definition === undefined ? 'exec' : 'uses',
  body: undefined,
  ...(definition === undefined ? {} : { uses: { with: {}, definition } }),
});
/** A file of these steps; `read` is called whenever somebody looks at them. */
const file = (steps: Step[], read: () => void): StepList => ({
  kind: 'StepTemplate',
  file: 'a.yaml',
  folder: '',
  metadata: { name: 'a', title: 'A', risk: 'low' },
  inputs: {},
  variables: {},
  timeout: 1,
  get steps() {
    read();
    return steps;
  },
  finally: [],
  outputs: {},
});

test('the techniques of a step are its own, else those of the file that it uses, each once', () => {
  const used = file([step(['T1046']), step([]), step(['T1046', 'T1552'])], () => undefined);
  expect(techniquesOf(step([], used))).toEqual(['T1046', 'T1552']);
  expect(techniquesOf(step(['T1610'], used))).toEqual(['T1610']);
});

test('each file is read once, however often files use one another', () => {
  let reads = 0;
  const read = () => {
    reads++;
  };
  let top = step(['T1046']);
  for (let depth = 0; depth < 40; depth++) top = step([], file([top, top], read));
  expect(techniquesOf(top)).toEqual(['T1046']);
  expect(reads).toBe(40);
});
