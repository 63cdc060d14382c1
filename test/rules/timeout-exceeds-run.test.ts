import { expect, test } from 'vitest';
import { load } from '../../src/language/load.ts';
import { timeoutExceedsRun } from '../../src/rules/timeout-exceeds-run.ts';
import { playbookOf, stepTypes } from '../fakes/step-types.ts';
import { findingsOf } from './findings.ts';

const text = (timeout: string) => playbookOf(`  - {timeout: ${timeout}, command: {pod: p, argv: [x]}}\n`);

test('an hour is what a run has where the playbook names nothing', () => {
  expect(findingsOf(timeoutExceedsRun, text('1h'))).toEqual([]);
  expect(findingsOf(timeoutExceedsRun, text('1h1s'))).toEqual(['5:15: warning: the step may take 1h1s, but the run ends after 1h']);
});

test("the playbook's own limit counts, and every attempt and repetition of the step", () => {
  const { playbook } = load({ name: 'sample.yaml', text: text('10m') }, stepTypes);
  const [step] = playbook?.steps ?? [];
  if (playbook === undefined || step === undefined) throw new Error('does not load');
  const find = (timeout: number, more: object) =>
    timeoutExceedsRun
      .check({ ...playbook, ...{ timeout }, steps: [{ ...step, ...more }] }, { steps: stepTypes })
      .map(({ message }) => message);
  expect(find(600_000, {})).toEqual([]);
  expect(find(599_000, {})).toEqual(['the step may take 10m, but the run ends after 9m59s']);
  expect(find(1_800_000, { retry: { attempts: 3 } })).toEqual([]);
  expect(find(1_800_000, { retry: { attempts: 2 }, repeat: { times: 2 } })).toEqual([
    'the step may take 10m 4 times, 40m together, but the run ends after 30m',
  ]);
});
