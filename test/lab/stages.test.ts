import { expect, test } from 'vitest';
import { runStages, type Stage, type StageContext } from '../../src/lab/stages.ts';
import { Failure } from '../../src/ports/failure.ts';
import { fakeWorld } from './fake-world.ts';

const never = new AbortController().signal;
const stage = (name: string, after: string[], run: Stage['run'] = async () => undefined): Stage => ({ name, after, run });
const run = (stages: Stage[], world = fakeWorld(), signal = never) => runStages(stages, world, world.report, signal);

test('each begins when those before it are done, and independent ones at once', async () => {
  const order: string[] = [];
  let open: () => void = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const step = (name: string, after: string[], wait?: Promise<void>) =>
    stage(name, after, async () => {
      order.push(`${name} begins`);
      await wait;
      order.push(`${name} ends`);
      return undefined;
    });
  await run([
    step('slow', [], gate),
    step('quick', []),
    stage('opens', ['quick'], async () => void open()),
    step('last', ['slow', 'quick']),
  ]);
  expect(order).toEqual(['slow begins', 'quick begins', 'quick ends', 'slow ends', 'last begins', 'last ends']);
});

test('a stage may have what runs its programs', async () => {
  const world = fakeWorld();
  const other = fakeWorld();
  const asks: Stage['run'] = async ({ exec }) => void (await exec(['true']));
  await run([stage('one', [], asks), { ...stage('two', ['one'], asks), process: other.process }], world);
  expect([world.commands, other.commands]).toEqual([['true'], ['true']]);
});

test('tells start, notes and end', async () => {
  const world = fakeWorld();
  const speaking = async ({ say }: StageContext) => {
    say('look');
    return 'cached';
  };
  await run([stage('one', [], speaking)], world);
  expect(world.events).toMatchObject([
    { type: 'start', stage: 'one' },
    { type: 'note', stage: 'one', text: 'look' },
    { type: 'end', stage: 'one', note: 'cached' },
  ]);
});

test('a command that fails: the stage, the command, the last lines; nothing that comes after begins, the others are ended', async () => {
  const world = fakeWorld((line) =>
    line.startsWith('make') ? { exitCode: 2, stderr: Array.from({ length: 40 }, (_, n) => `line ${n}`).join('\n') } : undefined,
  );
  const reached: string[] = [];
  const failing = run(
    [
      stage('build', [], async ({ exec }) => (await exec(['make', 'all'])).stdout),
      stage('beside', [], ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('ended'))))),
      stage('after', ['build'], async () => void reached.push('after')),
    ],
    world,
  );
  const error = await failing.catch((caught: unknown) => caught as Failure);
  expect(error).toBeInstanceOf(Failure);
  expect((error as Failure).message).toMatch(/^stage "build" failed: exit code 2\n {2}command: make all\n {2}\| line 25\n[\s\S]*line 39$/);
  expect((error as Failure).details.hint).toContain('sim lab up');
  expect(reached).toEqual([]);
});

test('an interrupt ends all, and is no failure of a stage', async () => {
  const stop = new AbortController();
  const waiting = stage(
    'waits',
    [],
    ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('broken')))),
  );
  const running = run([waiting, stage('after', ['waits'])], fakeWorld(), stop.signal);
  stop.abort(new Error('Ctrl-C'));
  await expect(running).rejects.toMatchObject({ code: 'interrupted' });
});
