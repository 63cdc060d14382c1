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

const never = 'command: {pod: p, argv: [x], expect: {stdout: 0}}';
const after = (steps: string) => findingsOf(unreachableStep, playbookOf(steps)).map((line) => line.replace(/ warning: .*/, ''));
const last = '  - command: {pod: p, argv: [x]}\n';

test.each([
  ['a step that always fails', `  - ${never}\n${last}`, '6:5:'],
  ['the step after that, and no other', `  - ${never}\n${last}${last}`, '6:5:'],
  ['a group with such a step', `  - parallel:\n      - ${never}\n    ${last}${last}`, '8:5:'],
  ['one that is tried until what never is', `  - retry: {attempts: 2, until: "false"}\n    command: {pod: p, argv: [x]}\n${last}`, '7:5:'],
])('nothing is reached behind %s', (_, steps, place) => expect(after(steps)).toEqual([place]));

test.each([
  ['a step that is gone on after', `  - continueOnError: true\n    ${never}\n${last}`],
  ['a group that is gone on after', `  - continueOnError: true\n    parallel:\n      - ${never}\n    ${last}${last}`],
  ['a step that may be skipped', `  - when: run.id == "a"\n    ${never}\n${last}`],
  ['an attack, which may be prevented', `  - attack: [T1046]\n    ${never}\n${last}`],
])('the step behind %s is reached', (_, steps) => expect(after(steps)).toEqual([]));

test('what an alert is expected of, and what stands in `finally`, is reached', () => {
  expect(after(`  - ${never}\n  - expect-something: {alert: a}\nfinally:\n${last}`)).toEqual([]);
});
