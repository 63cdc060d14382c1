import { expect, test } from 'vitest';
import { unreachableStep } from '../../src/rules/unreachable-step.ts';
import { playbookOf } from '../fakes/step-types.ts';
import { findingsOf } from './findings.ts';

const inputs = `inputs:
  mode: {type: enum, values: [a, b], default: a}
  dry: {type: boolean, default: false}
  host: {type: string, default: x}
`;
const find = (when: string) =>
  findingsOf(
    unreachableStep,
    playbookOf(`  - {id: s, command: {pod: p, argv: [x]}}\n  - {when: ${JSON.stringify(when)}, command: {pod: p, argv: [x]}}\n`, inputs),
  ).map((line) => line.replace(/^[\d:]+ warning: /, ''));

test.each([
  'false',
  '1 > 2',
  'inputs.mode == "c"',
  'inputs.mode == "a" && inputs.mode == "b"',
  'inputs.dry && !inputs.dry',
  'inputs.mode == "a" && steps.s.exitCode == 0 && inputs.mode == "b"',
  '(inputs.mode == "c" || false) && inputs.host == "y"',
])('%s is never true', (when) => expect(find(when)).toHaveLength(1));

test.each([
  'true',
  'inputs.mode == "a"',
  'inputs.mode == "c" || steps.s.exitCode == 0',
  'steps.s.exitCode == 0 ? inputs.mode == "c" : true',
  'inputs.host == "anything"',
  'inputs.mode == "a" && inputs.host == "&& false"',
  'inputs.mode == "a" && has(steps.s)',
  '["a", "c"].exists(x, x == inputs.mode)',
  'inputs.mode == "\\"" || true',
])('%s may be true', (when) => expect(find(when)).toEqual([]));

test('the message shows the part that cannot be', () => {
  expect(find('steps.s.exitCode == 0 && inputs.mode == "c"')).toEqual(['the step never runs: `inputs.mode == "c"` is never true']);
});
