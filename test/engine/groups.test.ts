// Steps that are tried again, done again, run together, or stand in another file.
import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, expect, test } from 'vitest';
import type { References } from '../../src/language/references.ts';
import { Failure } from '../../src/ports/failure.ts';
import { alertOf, fakeSource } from '../fakes/alert-source.ts';
import { newStage, type Stage } from './stage.ts';

let stage: Stage;
beforeEach(() => {
  stage = newStage();
});

const ends = () => stage.events.flatMap((event) => (event.type === 'step-finished' ? [event] : []));
const endOf = (name: string) => ends().find(({ step }) => step.name === name)?.end;
const said = () => stage.events.flatMap((event) => (event.type === 'step-said' ? [event.text] : []));

/** Moves the clock on whenever everything sleeps, until the run ends. */
async function through<T>(running: Promise<T>, step = 1000): Promise<T> {
  let isOver = false;
  const over = running.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    await turn();
    await turn();
    if (!isOver) stage.clock.advance(step);
  }
  return await over;
}

const file = (rest: string, more = '') =>
  `apiVersion: kubesim/v1\nkind: StepTemplate\nmetadata: {name: inner, title: Inner${more}}\n${rest}`;
const files = (entries: Record<string, string>): References =>
  new Map(Object.entries(entries).map(([path, text]) => [path, { kind: 'file', text }]));

test('a step that fails is tried again, with growing pauses, until it succeeds', async () => {
  let tries = 0;
  const at: number[] = [];
  stage.actions.third = async () => {
    at.push(stage.clock.now());
    return ++tries < 3 ? { mismatches: ['not yet'] } : { outputs: { text: 'done' } };
  };
  const result = await through(stage.start('steps:\n  - {name: try, act: third, retry: {attempts: 5, delay: 2s, backoff: 3}}\n'), 500);
  expect(result.exitCode).toBe(0);
  expect(endOf('try')).toMatchObject({ status: 'succeeded', attempts: 3 });
  expect(said()).toEqual(['attempt 1 of 5: not yet; again in 2 s', 'attempt 2 of 5: not yet; again in 6 s']);
  expect([(at[1] ?? 0) - (at[0] ?? 0) >= 2000, (at[2] ?? 0) - (at[1] ?? 0) >= 6000]).toEqual([true, true]);
});

test('the last failure counts, and what no attempt can change is not tried again', async () => {
  const failing = await through(stage.start('steps:\n  - {name: try, act: wrong, retry: {attempts: 2}}\n'));
  expect(failing).toMatchObject({ exitCode: 3, problem: { code: 'expectation' } });
  expect(endOf('try')).toMatchObject({ status: 'failed', attempts: 2 });
  stage = newStage();
  await through(stage.start('steps:\n  - {name: denied, act: denied, retry: {attempts: 9}}\n'));
  expect(endOf('denied')).toMatchObject({ status: 'prevented' });
  expect(said()).toEqual([]);
});

test('until asks the outputs of the attempt', async () => {
  let count = 0;
  stage.actions.counts = async () => ({ outputs: { text: String(++count) } });
  const result = await through(stage.start(`steps:\n  - {name: ask, act: counts, retry: {attempts: 4, until: 'outputs.text == "3"'}}\n`));
  expect(result.exitCode).toBe(0);
  expect(count).toBe(3);
  expect(said()[0]).toBe('attempt 1 of 4: `outputs.text == "3"` is not true; again in 1 s');
});

test('an interruption ends the pause', async () => {
  const running = stage.start('steps:\n  - {name: try, act: wrong, retry: {attempts: 3, delay: 1h}}\n');
  while (said().length === 0) await turn();
  stage.interrupt.abort(new Failure('interrupted', 'stopped by SIGINT'));
  expect((await running).exitCode).toBe(130);
});

test('a step is repeated, and each time is told', async () => {
  const result = await through(stage.start('steps:\n  - {name: scan, act: works, attack: [T1046], repeat: {times: 3, every: 5s}}\n'));
  expect(result.exitCode).toBe(0);
  const executions = endOf('scan')?.executions ?? [];
  expect(executions).toHaveLength(3);
  expect((executions[1]?.startedAt ?? 0) - (executions[0]?.startedAt ?? 0)).toBeGreaterThanOrEqual(5000);
});

test('a repeated attack is detected when enough of its executions have an alert of their own', async () => {
  const attack =
    'steps:\n  - {id: scan, name: scan, act: works, attack: [T1046], repeat: {times: 3, every: 5s}}\n  - hope-of: {alert: a, of: [scan], required: {times: 2, of: 3}}\n';
  const alertsFor = async (times: (executions: readonly { startedAt: number }[]) => number[]) => {
    stage = newStage();
    const source = fakeSource();
    const running = stage.start(attack, { world: { sources: [source] } });
    while (endOf('scan') === undefined) {
      await turn();
      await turn();
      if (endOf('scan') === undefined) stage.clock.advance(1000);
    }
    for (const [index, seen] of times(endOf('scan')?.executions ?? []).entries())
      source.tell({ type: 'alert', alert: alertOf({ id: `a${index}`, seen, entities: { namespace: 'sim-k3x9', commandLines: [] } }) });
    source.tell({ type: 'heartbeat', at: stage.clock.now() + 60_000 });
    return (await through(running, 2000)).verdicts[0];
  };
  const both = await alertsFor(([one, , three]) => [(one?.startedAt ?? 0) + 1, (three?.startedAt ?? 0) + 1]);
  expect(both).toMatchObject({ outcome: 'detected', reason: expect.stringMatching(/^2 of 3 times by /) });
  const one = await alertsFor(([, two]) => [(two?.startedAt ?? 0) + 1]);
  expect(one).toMatchObject({ outcome: 'missed', reason: expect.stringContaining('only 1 of 2 executions with an alert') });
});

test('steps of a group run at the same time, and the next step waits for all of them', async () => {
  const order: string[] = [];
  const gate = Promise.withResolvers<void>();
  stage.actions.first = async () => {
    order.push('first begins');
    await gate.promise;
    order.push('first ends');
    return {};
  };
  stage.actions.second = async () => {
    order.push('second');
    gate.resolve();
    return { outputs: { text: 'two' } };
  };
  stage.actions.two = async () => {
    order.push('after');
    return {};
  };
  const result = await stage.start(
    'steps:\n  - parallel:\n      - {name: a, act: first}\n      - {name: b, id: b, act: second}\n  - {name: c, act: "${{ steps.b.text }}"}\n',
  );
  expect(result.exitCode).toBe(0);
  expect(order).toEqual(['first begins', 'second', 'first ends', 'after']);
  expect(ends().map(({ step }) => step.key)).toEqual(['steps.0.parallel.1', 'steps.0.parallel.0', 'steps.1']);
});

test('a step of a group that fails lets the others end, and stops what comes after', async () => {
  const group = (more = '') => `steps:\n  - parallel: [{name: a, act: wrong}, {name: b, act: works}]\n${more}  - {name: c, act: works}\n`;
  expect((await stage.start(group())).exitCode).toBe(3);
  expect(stage.statuses().sort()).toEqual(['a: failed', 'b: succeeded', 'c: skipped']);
  stage = newStage();
  expect((await stage.start(group('    continueOnError: true\n'))).exitCode).toBe(0);
  expect(stage.statuses().sort()).toEqual(['a: failed', 'b: succeeded', 'c: succeeded']);
});

test('a group whose condition is false does nothing and expects nothing', async () => {
  const result = await stage.start(
    'steps:\n  - when: inputs.loud\n    parallel: [{name: a, act: works, attack: [T1046]}, {hope: scan}]\n  - {name: b, act: works}\n',
  );
  expect(stage.statuses()).toEqual(['a: skipped', 'b: succeeded']);
  expect(result.verdicts).toEqual([]);
});

test('a group has a time limit', async () => {
  await through(stage.start('steps:\n  - timeout: 3s\n    parallel: [{name: a, act: hangs}, {name: b, act: works}]\n'));
  expect(endOf('a')?.problem?.message).toBe('it did not end within 3 s');
});

const ask = `inputs: {what: {type: string}}
variables: {twice: "\${{ inputs.what }}\${{ inputs.what }}"}
steps:
  - {id: one, name: inside, act: "\${{ inputs.what }}"}
outputs: {answer: "\${{ steps.one.text }}", twice: "\${{ variables.twice }}"}
`;

test('a file that a step uses has its own names, and yields its outputs', async () => {
  const seen: string[] = [];
  stage.actions['done worksworks'] = async () => {
    seen.push('read');
    return {};
  };
  const result = await stage.start(
    `steps:
  - {id: ask, name: ask, attack: [T1046], uses: ./ask.yaml, with: {what: works}}
  - {name: read, act: "\${{ steps.ask.answer }} \${{ steps.ask.twice }}"}
  - hope-of: {alert: a, of: [ask]}
`,
    { references: files({ 'ask.yaml': file(ask) }) },
  );
  expect(seen).toEqual(['read']);
  expect(result.verdicts).toMatchObject([{ step: 'steps.0', outcome: 'unverified' }]);
  expect(ends().map(({ step }) => [step.key, step.within])).toEqual([
    ['steps.0/steps.0', 'steps.0'],
    ['steps.0', undefined],
    ['steps.1', undefined],
  ]);
});

test('where a step inside fails, the step outside does, with its words; tried again it runs the file again', async () => {
  let count = 0;
  stage.actions.flaky = async () => (++count < 2 ? { mismatches: ['not yet'] } : { outputs: { text: 'x' } });
  const use = (more: string) =>
    `steps:\n  - {id: ask, name: ask, attack: [T1046], uses: ./ask.yaml, with: {what: flaky}${more}}\n  - hope: a\n`;
  const references = files({ 'ask.yaml': file(ask) });
  const failed = await stage.start(use(''), { references });
  expect(failed.verdicts).toMatchObject([{ outcome: 'not-executed', reason: '"ask" took no proven effect: not yet' }]);
  expect(failed.problem).toBeUndefined();
  stage = newStage();
  count = 0;
  stage.actions.flaky = async () => (++count < 2 ? { mismatches: ['not yet'] } : { outputs: { text: 'x' } });
  expect((await through(stage.start(use(', retry: {attempts: 2}'), { references }))).verdicts).toMatchObject([{ outcome: 'unverified' }]);
});

test('attacks and expectations inside a file count, also where the file is not reached', async () => {
  const references = files({
    'scan.yaml': file('steps:\n  - {name: scan, id: scan, act: works, attack: [T1046]}\n  - hope-of: {alert: inner, of: [scan]}\n'),
  });
  const reached = await stage.start('steps:\n  - {name: use, uses: ./scan.yaml}\n  - hope: outer\n', { references });
  expect(reached.verdicts).toMatchObject([
    { expectation: { alert: 'inner' }, step: 'steps.0/steps.0', outcome: 'unverified' },
    { expectation: { alert: 'outer' }, step: 'steps.0', outcome: 'unverified' },
  ]);
  stage = newStage();
  const unreached = await stage.start('steps:\n  - {name: before, act: wrong}\n  - {name: use, uses: ./scan.yaml}\n', { references });
  expect(unreached.verdicts).toMatchObject([{ expectation: { alert: 'inner' }, outcome: 'not-executed' }]);
});

test('finally of a used file runs, whatever happened before it', async () => {
  const references = files({ 'a.yaml': file('steps:\n  - {name: bad, act: wrong}\nfinally:\n  - {name: tidy, act: works}\n') });
  await stage.start('steps:\n  - {uses: ./a.yaml, name: use}\n', { references });
  expect(stage.statuses()).toEqual(['bad: failed', 'tidy: succeeded', 'use: failed']);
});

test('a value that does not fit its input when it is known fails the step in words', async () => {
  stage.actions.none = async () => ({ outputs: { text: '' } });
  const references = files({ 'a.yaml': file('inputs: {what: {type: string, pattern: "^w"}}\nsteps:\n  - act: "${{ inputs.what }}"\n') });
  const result = await stage.start('steps:\n  - {id: n, act: none}\n  - {uses: ./a.yaml, with: {what: "${{ steps.n.text }}"}}\n', {
    references,
  });
  expect(result.problem?.message).toBe('a.yaml: the input `what` does not match `^w`: it is an empty text');
});

test('a step inside without a time limit has that of the step outside', async () => {
  const references = files({ 'a.yaml': file('steps:\n  - {name: inside, act: hangs}\n') });
  await through(stage.start('steps:\n  - {uses: ./a.yaml, name: use, timeout: 10m}\n', { references }), 10_000);
  expect(endOf('inside')?.problem?.message).toBe('it did not end within 600 s');
});

test('a playbook has a time limit of its own', async () => {
  const result = await through(stage.start('timeout: 10s\nsteps:\n  - {name: a, act: hangs, timeout: 1h}\n  - {name: b, act: works}\n'));
  expect(result).toMatchObject({ exitCode: 3, problem: { code: 'timeout', message: 'the playbook did not end within 10 s' }, left: [] });
  expect(ends().at(-1)?.end.reason).toBe('the playbook did not end within 10 s');
});
