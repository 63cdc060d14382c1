// The step `log`: which lines it reads, what it yields, and how it tells what is not there.
import { expect, test } from 'vitest';
import { log } from '../../src/steps/log.ts';
import { namespace, runStep, stepBench } from './context.ts';

const pod = { namespace, name: 'victim' };

async function benchWith(lines: readonly string[]) {
  const bench = await stepBench({ pods: ['victim'] });
  for (const line of lines) bench.cluster.print(pod, line);
  return bench;
}

test('the lines are yielded as a text, as their number, and as values where they are JSON objects', async () => {
  const bench = await benchWith(['start', '{"level": "error"}', '12', '["a"]', '']);
  expect(await runStep(log, { pod: 'victim' }, bench)).toEqual({
    outputs: { text: 'start\n{"level": "error"}\n12\n["a"]\n\n', lines: 5, json: [{ level: 'error' }] },
    mismatches: [],
  });
});

test('since, tail and previous choose what is read', async () => {
  const bench = await stepBench({ pods: ['victim'] });
  const now = Date.now();
  for (const seconds of [3600, 20, 0]) bench.cluster.print(pod, `${seconds} s ago`, now - seconds * 1000);
  const read = async (body: object) => (await runStep(log, { pod: 'victim', ...body }, bench)).outputs?.text;
  expect(await read({})).toBe('3600 s ago\n20 s ago\n0 s ago\n');
  expect(await read({ since: '1m' })).toBe('20 s ago\n0 s ago\n');
  expect(await read({ since: '1m', tail: 1 })).toBe('0 s ago\n');
  await expect(read({ previous: true })).rejects.toMatchObject({ code: 'not-found' });
});

test('a time shorter than a second is a second, for the API counts in whole ones', async () => {
  const bench = await benchWith([]);
  const asked: object[] = [];
  bench.cluster.logs = async function* (_, options) {
    asked.push(options);
    yield 'x';
  };
  for (const since of ['200ms', '1500ms']) await runStep(log, { pod: 'victim', since }, bench);
  expect(asked).toMatchObject([{ sinceSeconds: 1 }, { sinceSeconds: 2 }]);
});

test.each([
  [{ line: { contains: 'GET' } }, []],
  [{ line: 'GET /b' }, []],
  [{ line: { contains: 'POST' } }, ['line: expected to contain `POST`, but got `done`, the last of 3 lines']],
  [{ line: { contains: 'GET' }, count: 2 }, []],
  [{ line: { contains: 'GET' }, count: 1 }, ['count: expected to equal `1`, but got `2`']],
  [{ line: { contains: 'POST' }, count: 0 }, []],
  [{ count: { cel: 'value >= 3' } }, []],
  [{ text: { contains: ['/a\nGET /b', 'gone'] } }, ['text: expected to contain `gone`, but got `GET /a\\nGET /b\\ndone\\n`']],
] as const)('%j', async (expected, mismatches) => {
  const bench = await benchWith(['GET /a', 'GET /b', 'done']);
  expect((await runStep(log, { pod: 'victim', expect: expected }, bench)).mismatches).toEqual(mismatches);
});

test('an empty log holds no line, whatever the line may be', async () => {
  const body = { pod: 'victim', expect: { line: { cel: 'value == ""' } } };
  expect((await runStep(log, body, await benchWith([]))).mismatches).toEqual(['line: there is none in the log']);
});

test('of a long log the end is kept, and the note says so', async () => {
  const bench = await benchWith([]);
  bench.cluster.logs = async function* () {
    for (let line = 0; line < 30_000; line++) yield `${line}`.padStart(99);
    yield 'x'.repeat(2_000_000);
    yield 'end';
  };
  const { outputs } = await runStep(log, { pod: 'victim' }, bench);
  expect(outputs).toMatchObject({ lines: 1, text: 'end\n' });
  bench.cluster.logs = async function* () {
    for (let line = 0; line < 30_000; line++) yield `${line}`.padStart(99);
  };
  const longer = await runStep(log, { pod: 'victim', expect: { line: { contains: '29999' }, count: 1 } }, bench);
  expect(longer).toMatchObject({ outputs: { lines: 10_485 }, mismatches: [] });
  expect(bench.notes.at(-1)).toBe('the log is longer than 1 MiB: its first 19515 lines were left out');
});

test('a step whose time is up has not read the log', async () => {
  const bench = await benchWith(['a']);
  bench.cluster.logs = async function* () {
    yield 'a';
    bench.abort();
  };
  await expect(runStep(log, { pod: 'victim', expect: { count: 1 } }, bench)).rejects.toMatchObject({ code: 'timeout' });
});

test('its plan, and what it must be allowed', () => {
  expect(log.plan({ pod: 'victim' })).toBe('look into the log of victim');
  expect(log.plan({ pod: { selector: 'app=a' }, previous: true })).toBe('look into the log of the pod with app=a before its last start');
  expect(log.permissions?.({}).map(({ verb, resource }) => `${verb} ${resource}`)).toEqual(['list pods', 'get pods/log']);
});
