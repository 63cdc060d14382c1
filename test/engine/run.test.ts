import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, expect, test } from 'vitest';
import type { RunWorld } from '../../src/engine/run.ts';
import { load } from '../../src/language/load.ts';
import { Failure } from '../../src/ports/failure.ts';
import { alertOf, fakeSource } from '../fakes/alert-source.ts';
import { newStage, type Stage } from './stage.ts';

let stage: Stage;
let { actions, cluster, clock, events, lines, interrupt, abandon, steps, start, statuses, types } = newStage();

beforeEach(() => {
  stage = newStage();
  ({ actions, cluster, clock, events, lines, interrupt, abandon, steps, start, statuses, types } = stage);
});

const attack = (name: string, more = '') => `  - {name: ${name}, act: ${name}, attack: [T1046]${more}}\n`;

test('without a source the verdict is unverified and stands before the cleanup; nothing is left', async () => {
  const before = cluster.objects().length;
  const result = await start(`steps:\n  - {name: make, make: victim}\n${attack('works')}  - hope: scan\n`);
  expect(result).toMatchObject({ exitCode: 4, verdicts: [{ outcome: 'unverified', step: 'steps.1' }], left: [], interrupted: false });
  expect(statuses()).toEqual(['make: succeeded', 'works: succeeded']);
  const order = types();
  expect(order[0]).toBe('run-started');
  expect(order.indexOf('verdict-reached')).toBeLessThan(order.indexOf('cleanup-started'));
  expect(order.at(-1)).toBe('run-finished');
  expect(cluster.objects()).toHaveLength(before);
});

test('--allow-unverified makes that exit code 0, --keep leaves everything', async () => {
  expect(await start(`steps:\n${attack('works')}  - hope: scan\n`, { request: { allowUnverified: true } })).toMatchObject({ exitCode: 0 });
  expect(await start('steps:\n  - make: victim\n', { request: { keep: true } })).toMatchObject({ exitCode: 0, left: [] });
  expect(cluster.objects().map(({ metadata }) => metadata.name)).toContain('victim');
});

test('every event is in the log, in the same order, and each object is durable there before it exists', async () => {
  cluster.intercept = undefined;
  const applied: string[] = [];
  cluster.intercept = (call) => {
    if (call.verb !== 'apply') return;
    const known = lines.filter(({ durable }) => durable).map(({ line }) => (line as unknown as { object?: { name: string } }).object?.name);
    applied.push(`${call.object.metadata.name} ${known.includes(call.object.metadata.name)}`);
    if (call.object.kind === 'Namespace')
      setImmediate(() => cluster.put({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'sim-k3x9' } }));
  };
  await start('steps:\n  - make: victim\n');
  expect(applied).toEqual(['sim-k3x9 true', 'victim true']);
  expect(lines.map(({ line }) => line.type)).toEqual(types());
});

test('an attack that took no proven effect stops the playbook and is not executed; so is what it kept from running', async () => {
  const result = await start(
    `steps:\n${attack('wrong', ', id: first')}${attack('works', ', id: second')}  - hope-of: {alert: a, of: [first]}\n  - hope-of: {alert: b, of: [second]}\n`,
  );
  expect(result).toMatchObject({
    exitCode: 4,
    verdicts: [
      { outcome: 'not-executed', reason: '"wrong" took no proven effect: stdout: expected to contain `x`, but got `y`' },
      { outcome: 'not-executed', reason: '"works" was skipped: "wrong" failed' },
    ],
  });
  expect(result.problem).toBeUndefined();
});

test('continueOnError goes on', async () => {
  await start(`steps:\n${attack('wrong', ', continueOnError: true')}${attack('works')}`);
  expect(statuses()).toEqual(['wrong: failed', 'works: succeeded']);
});

test('a step that is no attack and fails means: could not run', async () => {
  const result = await start(`steps:\n  - {name: prepare, act: wrong}\n${attack('works')}  - hope: scan\n`);
  expect(result).toMatchObject({ exitCode: 3, problem: { code: 'expectation' }, verdicts: [{ outcome: 'not-executed' }] });
});

test('a cluster that cannot be worked with is no verdict on the attack, and nothing goes on', async () => {
  const result = await start(`steps:\n${attack('unreachable', ', continueOnError: true')}${attack('works')}`);
  expect(result).toMatchObject({ exitCode: 3, problem: { code: 'unreachable' } });
  expect(statuses()).toEqual(['unreachable: failed', 'works: skipped']);
});

test('what an admission control refuses is prevented, with its name, and so is every attack that needed it', async () => {
  const result = await start(`steps:\n  - {name: deploy, act: denied}\n${attack('works')}  - hope: scan\n`);
  expect(result).toMatchObject({ exitCode: 0, verdicts: [{ outcome: 'prevented', reason: 'stopped by PodSecurity restricted' }] });
  expect(statuses()).toEqual(['deploy: prevented', 'works: skipped']);
});

test('a condition skips a step, and `of` takes the first that was not skipped', async () => {
  const result = await start(
    `steps:\n${attack('works', ', id: loud, when: inputs.loud')}${attack('wrong', ', id: quiet, when: "!inputs.loud", continueOnError: true')}  - hope-of: {alert: a, of: [loud, quiet]}\n`,
  );
  expect(statuses()).toEqual(['works: skipped', 'wrong: failed']);
  expect(result.verdicts).toMatchObject([{ outcome: 'not-executed', step: 'steps.1' }]);
});

test('an expectation without `of` is of the nearest attack step before it', async () => {
  const result = await start(
    `steps:\n${attack('works')}  - hope: a\n${attack('wrong', ', continueOnError: true')}  - {name: no attack, act: works}\n  - hope: b\n`,
  );
  expect(result.verdicts).toMatchObject([
    { step: 'steps.0', outcome: 'unverified' },
    { step: 'steps.2', outcome: 'not-executed' },
  ]);
});

test('outputs are reached by id, and `finally` runs though a step failed', async () => {
  const seen: string[] = [];
  actions.done = async () => {
    seen.push('finally');
    return {};
  };
  await start(
    `steps:\n  - {id: one, act: works}\n  - {act: wrong}\n  - {act: works}\nfinally:\n  - {name: last, when: 'steps.one.text == "done"', act: "\${{ steps.one.text }}"}\n`,
  );
  expect(seen).toEqual(['finally']);
  expect(statuses().at(-1)).toBe('last: succeeded');
});

test('an expression that cannot be evaluated fails its step in words', async () => {
  const result = await start('steps:\n  - {id: one, act: works, when: inputs.loud}\n  - {act: "${{ steps.one.text }}"}\n');
  expect(result).toMatchObject({
    exitCode: 3,
    problem: { code: 'expression', message: 'the step `one` has no outputs: it did not run or was skipped' },
  });
});

test('a step that does not end is stopped when its time is up', async () => {
  const running = start(`steps:\n${attack('hangs', ', timeout: 2s')}  - hope: scan\n`);
  while (clock.sleepers() === 0) await turn();
  clock.advance(2000);
  expect(await running).toMatchObject({
    verdicts: [{ outcome: 'not-executed', reason: expect.stringContaining('it did not end within 2 s') }],
  });
});

test('an interruption ends the step, skips the rest, runs `finally`, cleans up, and is exit code 130', async () => {
  const before = cluster.objects().length;
  const running = start(`steps:\n  - make: victim\n${attack('hangs')}${attack('works')}finally:\n  - {name: last, act: works}\n`);
  while (!types().includes('step-started') || !statuses().includes('make: succeeded')) await turn();
  interrupt.abort(new Failure('interrupted', 'stopped by SIGINT'));
  expect(await running).toMatchObject({ exitCode: 130, interrupted: true, left: [] });
  expect(statuses()).toEqual(['make: succeeded', 'hangs: failed', 'works: skipped', 'last: succeeded']);
  expect(cluster.objects()).toHaveLength(before);
});

test('a second interruption ends the cleanup, and says what is left', async () => {
  cluster.intercept = (call) => {
    if (call.verb === 'apply' && call.object.kind === 'Namespace')
      setImmediate(() => cluster.put({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'sim-k3x9' } }));
    if (call.verb === 'delete')
      return new Promise((_, reject) => abandon.signal.addEventListener('abort', () => reject(abandon.signal.reason)));
  };
  const running = start('steps:\n  - make: victim\n');
  while (!types().includes('cleanup-started')) await turn();
  interrupt.abort(new Failure('interrupted', 'first'));
  abandon.abort(new Failure('interrupted', 'second'));
  expect(await running).toMatchObject({ exitCode: 130, left: [{ object: { kind: 'Namespace', name: 'sim-k3x9' } }] });
});

test('a log that cannot be written ends the run, and still cleans up', async () => {
  const log: RunWorld['log'] = {
    path: '/log',
    append: async (line) => {
      if (line.type === 'step-finished') throw new Failure('storage', 'disk full');
    },
    attach: async () => Promise.reject(new Failure('storage', 'disk full')),
    close: async () => undefined,
  };
  const before = cluster.objects().length;
  const result = await start('steps:\n  - make: victim\n  - {name: later, act: hangs}\n', { world: { log } });
  expect(result).toMatchObject({ exitCode: 3, problem: { code: 'storage' }, left: [] });
  expect(cluster.objects()).toHaveLength(before);
});

test('no secret is in the log or in an event', async () => {
  actions.leaks = async ({ run, say, note }) => {
    say(`token ${run.token}`);
    note(Buffer.from(`x${run.token}`).toString('base64'));
    return { outputs: { text: `${run.token} hunter22` }, mismatches: [`got ${run.token}`] };
  };
  await start(`steps:\n${attack('leaks')}`, { request: { secrets: ['hunter22'] } });
  for (const text of [JSON.stringify(lines), JSON.stringify(events)]) {
    expect(text).not.toContain('f'.repeat(20));
    expect(text).not.toContain('hunter22');
    expect(text).toContain('***');
  }
});

test('with a source, alerts are waited for while the cleanup already runs', async () => {
  const source = fakeSource();
  const running = start(`steps:\n  - make: victim\n${attack('works')}  - hope: scan\n`, { world: { sources: [source] } });
  while (!types().includes('cleanup-finished')) await turn();
  expect(types()).not.toContain('verdict-reached');
  source.tell({ type: 'alert', alert: alertOf({ seen: clock.now() + 5, entities: { namespace: 'sim-k3x9', commandLines: [] } }) });
  expect(await running).toMatchObject({ exitCode: 0, verdicts: [{ outcome: 'detected', milliseconds: 5 }] });
});

test('keepUntilAlerts waits with the cleanup', async () => {
  const source = fakeSource();
  const running = start(`steps:\n  - make: victim\n${attack('works')}  - hope: scan\n`, {
    world: { sources: [source] },
    request: { keepUntilAlerts: true },
  });
  while (!statuses().includes('works: succeeded') || clock.sleepers() === 0) await turn();
  expect(types()).not.toContain('cleanup-started');
  clock.advance(10_001);
  source.tell({ type: 'heartbeat', at: clock.now() });
  expect(await running).toMatchObject({ exitCode: 1, verdicts: [{ outcome: 'missed' }], left: [] });
});

test('a miss is explained by what is found on the nodes of the run, and how its pods were is kept, also when they are gone', async () => {
  const check = async () => [{ title: 'Rules', result: 'warning' as const, message: 'none is loaded' }];
  const source = { ...fakeSource(), check };
  actions.works = async () => {
    for (const pod of cluster.objects().filter(({ kind }) => kind === 'Pod')) cluster.put({ ...pod, spec: { nodeName: 'node-1' } });
    return {};
  };
  const running = start(`steps:\n  - make: victim\n${attack('works')}  - hope: scan\n`, {
    world: { sources: [source], sensors: new Map([['lab-falco', { labelSelector: 'app=falco' }]]) },
  });
  while (!types().includes('cleanup-finished') || clock.sleepers() === 0) await turn();
  clock.advance(10_001);
  source.tell({ type: 'heartbeat', at: clock.now() });
  expect((await running).verdicts).toMatchObject([
    {
      outcome: 'missed',
      explanations: ['the sensor of lab-falco is absent on the node node-1, where the attack ran', 'lab-falco, Rules: none is loaded'],
      kept: ['/evidence/pods.json'],
    },
  ]);
});

test('nothing is kept of what was not missed, and of a run whose alerts are left to later how its pods were', async () => {
  const source = fakeSource();
  const steps = `steps:\n  - make: victim\n${attack('works')}  - hope: scan\n`;
  const running = start(steps, { world: { sources: [source] } });
  while (!types().includes('alerts-expected')) await turn();
  source.tell({ type: 'alert', alert: alertOf({ seen: clock.now() + 5, entities: { namespace: 'sim-k3x9', commandLines: [] } }) });
  expect((await running).verdicts).toMatchObject([{ outcome: 'detected' }]);
  expect([...stage.kept.keys()]).toEqual([]);
  await start(steps, { world: { sources: [fakeSource()] }, request: { detach: true } });
  expect([...stage.kept.keys()]).toEqual(['pods.json']);
  expect(JSON.parse(stage.kept.get('pods.json') ?? '')).toMatchObject({ pods: [{ name: 'victim' }] });
  expect(events.filter(({ type }) => type === 'evidence-kept')).toMatchObject([{ path: '/evidence/pods.json' }]);
});

test('where each source is tried, one that is quick hides none that is silent', async () => {
  const [quick, silent] = [fakeSource({ name: 'quick' }), fakeSource({ name: 'silent' })];
  const running = start(`steps:\n${attack('works')}  - hope: scan\n`, {
    world: { sources: [quick, silent] },
    request: { ofEachSource: () => true },
  });
  while (!types().includes('alerts-expected')) await turn();
  const entities = { namespace: 'sim-k3x9', commandLines: [] };
  quick.tell({ type: 'alert', alert: alertOf({ source: 'quick', seen: clock.now() + 5, entities }) });
  while (!types().includes('expectation-settled')) await turn();
  clock.advance(10_001);
  silent.tell({ type: 'heartbeat', at: clock.now() });
  const { exitCode, verdicts } = await running;
  expect(verdicts.map(({ expectation, outcome }) => `${expectation.source}: ${outcome}`)).toEqual(['quick: detected', 'silent: missed']);
  expect(exitCode).toBe(1);
});

test('a source that cannot be opened ends the run before anything is created', async () => {
  const source = { ...fakeSource(), open: () => Promise.reject(new Failure('unauthorized', 'no such key')) };
  expect(await start('steps:\n  - make: victim\n', { world: { sources: [source] } })).toMatchObject({
    exitCode: 3,
    problem: { code: 'unauthorized' },
  });
  expect(cluster.calls.filter(({ verb }) => verb === 'apply')).toEqual([]);
});

test('a control that stopped something else prevents nothing', async () => {
  const ownCondition = await start(`steps:\n${attack('works', ', when: inputs.loud')}  - {name: deploy, act: denied}\n  - hope: scan\n`);
  expect(ownCondition.verdicts).toMatchObject([{ outcome: 'not-executed' }]);
  const afterwards = await start(
    `steps:\n  - {name: prepare, act: wrong}\n${attack('works')}  - hope: scan\nfinally:\n  - {name: last, act: denied}\n`,
  );
  expect(afterwards.verdicts).toMatchObject([{ outcome: 'not-executed' }]);
});

test('an interruption does not wait for alerts', async () => {
  const sources = [fakeSource()];
  for (const keepUntilAlerts of [true, false]) {
    stage.interrupt = interrupt = new AbortController();
    stage.events = events = [];
    const running = start(`steps:\n  - make: victim\n${attack('works')}  - hope: scan\n`, {
      world: { sources },
      request: { keepUntilAlerts },
    });
    while (!statuses().includes('works: succeeded')) await turn();
    interrupt.abort(new Failure('interrupted', 'stopped by SIGINT'));
    expect(await running).toMatchObject({ exitCode: 130, verdicts: [{ outcome: 'unverified' }], left: [] });
    expect(types()).toContain('interrupted');
  }
});

test('a reporter that breaks keeps nobody from the cleanup', async () => {
  const before = cluster.objects().length;
  const observe = () => {
    throw new Error('no terminal');
  };
  expect(await start('steps:\n  - make: victim\n', { world: { observe } })).toMatchObject({
    exitCode: 3,
    problem: { message: 'no terminal' },
    left: [],
  });
  expect(cluster.objects()).toHaveLength(before);
});

test('half a secret is a secret: what is cut is masked before', async () => {
  actions.long = async ({ run }) => ({
    outputs: { text: `${'x'.repeat(4080)}${run.token}` },
    mismatches: [`stdout: ...${run.token.slice(0, 20)}`],
  });
  await start(`steps:\n${attack('long')}`);
  expect(JSON.stringify(lines)).not.toContain('ffffffff');
});

test('secret inputs are masked by their type, whatever they are', async () => {
  const { playbook } = load(
    {
      name: 'sample.yaml',
      text: 'apiVersion: kubesim/v1\nkind: Playbook\nmetadata: {name: sample, title: Sample}\ninputs: {key: {type: secret}}\nsteps: [{act: works}]\n',
    },
    steps,
  );
  if (playbook === undefined) throw new Error('not a playbook');
  await start('steps:\n  - act: works\n', { request: { playbook, inputs: { key: 'abc' } } });
  expect(events[0]).toMatchObject({ type: 'run-started', inputs: { key: '***' } });
});

test('a step of no attack that may fail does not make the run fail', async () => {
  expect(await start('steps:\n  - {act: wrong, continueOnError: true}\n  - act: works\n')).toMatchObject({ exitCode: 0 });
});

test('an interruption during `finally` leaves the rest of it its last chance', async () => {
  const running = start('steps:\n  - act: works\nfinally:\n  - {name: one, act: hangs}\n  - {name: two, act: works}\n');
  while (types().filter((type) => type === 'step-started').length < 2) await turn();
  interrupt.abort(new Failure('interrupted', 'stopped by SIGINT'));
  expect((await running).exitCode).toBe(130);
  expect(statuses()).toEqual(['act: succeeded', 'one: failed', 'two: succeeded']);
});

test('a pod that a step had to remove is told in the log', async () => {
  actions.removes = async (context) => {
    await context.removePod(await context.pod('victim'));
    return {};
  };
  await start('steps:\n  - make: victim\n  - act: removes\n');
  expect(events).toContainEqual(
    expect.objectContaining({
      type: 'object-removed',
      removal: expect.objectContaining({ object: expect.objectContaining({ kind: 'Pod', name: 'victim' }), result: 'deleted' }),
    }),
  );
});

test('a pod that is not of the run is used where its namespace was allowed, counts as its own for alerts, and is never removed', async () => {
  cluster.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
  const web = cluster.put({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'shop', labels: { app: 'shop' } },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  });
  let refused: unknown;
  actions.works = async (context) => {
    context.declareRoles({ web: { selector: 'app=shop', namespace: 'shop' } });
    const pod = await context.pod('web');
    refused = await context.removePod(pod).catch((error: unknown) => error);
    return { outputs: { text: pod.name } };
  };
  const { exitCode } = await start('steps:\n  - make: victim\n  - act: works\n', { request: { targets: ['shop'] } });
  expect(exitCode).toBe(0);
  expect(refused).toMatchObject({ code: 'invalid', message: "it is not the run's own" });
  expect(cluster.objects()).toContainEqual(web);
  const removed = events.flatMap((event) => (event.type === 'object-removed' ? [event.removal.object.name] : []));
  expect(removed).not.toContain('web');
});
