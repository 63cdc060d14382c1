// A run's log alone is enough to judge its alerts anew, from another process and later.
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { judgeBy } from '../../src/alerts/judge.ts';
import type { WatchedSource } from '../../src/alerts/watched.ts';
import type { RunEvent } from '../../src/engine/events.ts';
import { knownRun } from '../../src/engine/known-run.ts';
import { verdictOf } from '../../src/engine/verdict.ts';
import { takeIn, watchOf } from '../../src/engine/watched-source.ts';
import { alertOf, entryOf, fakeSource } from '../fakes/alert-source.ts';
import { newStage } from './stage.ts';

/** What `sim verify` has to do with the lines of events.jsonl. */
function judgedFrom(lines: readonly RunEvent[]) {
  const sources = new Map<string, WatchedSource>();
  const ends = new Map<string, Extract<RunEvent, { type: 'step-finished' }>>();
  let known = knownRun({ id: '', namespace: '' }, []);
  let expected: Extract<RunEvent, { type: 'alerts-expected' }>['expected'] = [];
  for (const line of lines) {
    const source = 'source' in line ? sources.get(line.source) : undefined;
    if (line.type === 'run-started') known = knownRun(line.run, [line.cluster.context]);
    else if (line.type === 'pod-known') known.learn(line.pod);
    else if (line.type === 'step-finished') ends.set(line.step.key, line);
    else if (line.type === 'alerts-expected') expected = line.expected;
    else if (line.type === 'source-opened') sources.set(line.source, watchOf({ ...line, name: line.source }));
    else if (source === undefined) continue;
    else if (line.type === 'alert-seen' && line.alert !== undefined) takeIn(source, { ...line, type: 'alert', alert: line.alert }, line.at);
    else if (line.type === 'source-gap') takeIn(source, { ...line, type: 'gap' }, line.at);
    else if (line.type === 'source-clock') takeIn(source, { ...line, type: 'clock' }, line.at);
    else if (line.type === 'source-closed' && line.until !== undefined) takeIn(source, { type: 'heartbeat', at: line.until }, line.at);
  }
  const attacks = [...ends.values()]
    .filter(({ step, end }) => step.attack.length > 0 && end.status !== 'skipped')
    .map(({ step, end }) => ({ key: step.key, name: step.name, from: end.startedAt, to: end.startedAt + end.milliseconds }));
  const facts = {
    identity: known.identity(),
    others: [],
    attacks,
    sources: [...sources.values()],
    expected: expected.map(({ expectation, step }) => {
      const attack = attacks.find(({ key }) => key === step);
      return { expectation, ...(attack === undefined ? {} : { attack }) };
    }),
  };
  const { evidence } = judgeBy(new Map(['scan', 'a'].map((id) => [id, entryOf(id)]))).weigh(facts);
  return expected.map(({ expectation, step, absence, preventedBy }, index) => {
    const ran = ends.get(step ?? '');
    const found = evidence[index];
    if (found === undefined) throw new Error('no evidence');
    const attack = ran === undefined ? undefined : { facts: ran.step, end: ran.end };
    return verdictOf(expectation, { attack, ...(absence && { absence }), ...(preventedBy && { preventedBy }) }, found);
  });
}

test('the same verdicts come of it', async () => {
  const stage = newStage();
  const source = fakeSource();
  const entities = { commandLines: [], containerId: '4f6c1a2b'.repeat(8) };
  stage.cluster.put({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'victim', namespace: 'sim-k3x9', uid: '6a1f0c1e-3f8f-4b5e-9a53-0a7f4c1d2e3f' },
    status: { containerStatuses: [{ containerID: `containerd://${'4f6c1a2b'.repeat(8)}` }] },
  });
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
  const log = stage.lines.map(({ line }) => JSON.parse(JSON.stringify(line)) as RunEvent);
  expect(judgedFrom(log)).toEqual(verdicts);
  expect(verdicts.map(({ outcome }) => outcome)).toEqual(['detected', 'not-executed', 'prevented', 'prevented']);
  expect(unexpected).toMatchObject([{ id: 'x', rung: 'container' }]);
});
