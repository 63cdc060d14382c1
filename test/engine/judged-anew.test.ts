// A run's log alone is enough to judge its alerts later, from another process.
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { judgeBy } from '../../src/alerts/judge.ts';
import type { RunEvent } from '../../src/engine/events.ts';
import { endedRun, otherRuns, settleLater } from '../../src/engine/later.ts';
import type { LogLine } from '../../src/ports/run-log.ts';
import { alertOf, entryOf, fakeSource } from '../fakes/alert-source.ts';
import { fakeClock } from '../fakes/clock.ts';
import { newStage } from './stage.ts';

const judge = judgeBy(new Map(['scan', 'a'].map((id) => [id, entryOf(id)])));
const container = '4f6c1a2b'.repeat(8);
const victim = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'victim', namespace: 'sim-k3x9', uid: '6a1f0c1e-3f8f-4b5e-9a53-0a7f4c1d2e3f' },
  status: { containerStatuses: [{ containerID: `containerd://${container}` }] },
};
const entities = { commandLines: [], containerId: container };

/** What the log holds, as another process reads it. */
const logOf = (stage: ReturnType<typeof newStage>) => stage.lines.map(({ line }) => JSON.parse(JSON.stringify(line)) as LogLine);

/** Settles it with a source that tells `events` when it is opened, the window being over. */
async function later(lines: readonly LogLine[], source: ReturnType<typeof fakeSource>, now: number) {
  const run = endedRun('k3x9', lines);
  const clock = fakeClock();
  clock.advance(now - clock.now());
  source.tell({ type: 'heartbeat', at: now });
  const recorded: RunEvent[] = [];
  const world = { sources: [source], judge, clock, record: (event: RunEvent) => void recorded.push(event), others: () => [] };
  return { ...(await settleLater(run, world, new AbortController().signal)), recorded, opened: source.opened };
}

test('the same verdicts come of it', async () => {
  const stage = newStage();
  const source = fakeSource();
  stage.cluster.put(victim);
  stage.actions.works = async () => {
    // Its alerts come before it is known which pods are there.
    source.tell({ type: 'clock', offset: 500, uncertainty: 5 });
    const at = stage.clock.now() + 300;
    source.tell({ type: 'alert', alert: alertOf({ seen: at + 5, times: { first: at + 500, seen: at + 5 }, entities }) });
    source.tell({ type: 'alert', alert: alertOf({ seen: at + 6, id: 'x', name: 'Other', entities }) });
    stage.clock.advance(1000);
    return {};
  };
  const attacks = ['works', 'wrong', 'denied'].map(
    (name) => `  - {name: ${name}, act: ${name}, attack: [T1046], continueOnError: true}\n  - hope: scan\n`,
  );
  const running = stage.start(`steps:\n${attacks.join('')}  - hope: a\n`, { world: { sources: [source] } });
  while (!stage.types().includes('alerts-expected')) await turn();
  source.tell({ type: 'heartbeat', at: stage.clock.now() + 60_000 });
  const { verdicts, unexpected } = await running;
  const again = await later(logOf(stage), fakeSource(), stage.clock.now() + 120_000);
  expect(again.verdicts).toEqual(verdicts);
  expect(verdicts.map(({ outcome }) => outcome)).toEqual(['detected', 'not-executed', 'prevented', 'prevented']);
  expect(again.unexpected).toMatchObject([{ id: 'x', rung: 'container' }]);
  expect(unexpected).toMatchObject([{ id: 'x', rung: 'container' }]);
});

/** A run that leaves its alert to a later look; how it ended, and when its attack began. */
async function detached() {
  const stage = newStage();
  stage.cluster.put(victim);
  const source = fakeSource();
  const result = await stage.start('steps:\n  - {act: works, attack: [T1046]}\n  - hope: scan\n', {
    world: { sources: [source] },
    request: { detach: true },
  });
  const attack = endedRun('k3x9', logOf(stage)).steps.find(({ facts }) => facts.attack.length > 0)?.end.startedAt ?? 0;
  return { stage, result, attack };
}

test('a run that is detached ends without a verdict; a source that remembers gives it later', async () => {
  const { stage, result, attack } = await detached();
  expect(result).toMatchObject({ exitCode: 0, verdicts: [], left: [] });
  expect(stage.types()).not.toContain('verdict-reached');
  const hour = attack + 3_600_000;
  const remembering = { ...fakeSource(), remembers: true as const };
  // It lists what it has: an alert of the attack, made when nobody was asking.
  remembering.tell({ type: 'clock', offset: 0, uncertainty: 5 });
  const times = { first: attack + 20, generated: attack + 900, seen: hour };
  remembering.tell({ type: 'alert', alert: alertOf({ seen: hour, times, entities }), baseline: true });
  const settled = await later(logOf(stage), remembering, hour);
  expect(settled.verdicts).toMatchObject([{ outcome: 'detected', evidence: [{ rung: 'container' }] }]);
  expect(settled.opened).toMatchObject([{ id: 'k3x9', namespace: 'sim-k3x9' }]);
});

test('what such a source does not list is missed; one that remembers nothing proves no miss', async () => {
  const { stage, attack } = await detached();
  const old = alertOf({ seen: attack, times: { first: attack - 90_000, seen: attack }, entities });
  const remembering = { ...fakeSource(), remembers: true as const };
  remembering.tell({ type: 'alert', alert: old, baseline: true });
  expect((await later(logOf(stage), remembering, attack + 3_600_000)).verdicts).toMatchObject([{ outcome: 'missed' }]);
  const forgetful = await later(logOf(stage), fakeSource(), attack + 3_600_000);
  expect(forgetful.verdicts).toMatchObject([{ outcome: 'unverified', reason: expect.stringContaining('was closed since the run') }]);
});

test.each([
  ['no line', [], 'its log does not say how it began'],
  [
    'another version',
    [{ type: 'run-started', version: 9, at: 1, run: {}, playbook: {}, cluster: {} }],
    'its log has version 9, and this program reads 1',
  ],
  [
    'no end',
    [{ type: 'run-started', version: 1, at: 1, run: {}, playbook: {}, cluster: {} }],
    'it ended before all of its steps were done',
  ],
])('of a log with %s nothing can be said', (_, lines, why) => expect(endedRun('k3x9', lines).unusable).toBe(why));

test('runs at the same time on the same cluster are told apart from it', async () => {
  const { stage } = await detached();
  const run = endedRun('k3x9', logOf(stage));
  const other = { ...run, id: 'other' };
  expect(otherRuns(run, [other])).toMatchObject([{ from: run.startedAt, to: run.endedAt }]);
  expect(otherRuns(run, [{ ...other, startedAt: run.endedAt + 1, endedAt: run.endedAt + 2 }])).toEqual([]);
  expect(otherRuns(run, [{ ...other, clusterIdentity: 'another' }])).toEqual([]);
});

test('what was kept of a run is known to whoever looks later', async () => {
  const stage = newStage();
  await stage.start('steps:\n  - make: victim\n  - {name: works, act: works, attack: [T1046]}\n  - hope: scan\n', {
    world: { sources: [fakeSource()] },
    request: { detach: true },
  });
  expect(endedRun('k3x9', logOf(stage)).kept).toEqual(['/evidence/pods.json']);
});
