// The step `curl`: the command in the pod, outputs and expectations, and the request through a port-forward.
import { expect, onTestFinished, test, vi } from 'vitest';
import { checkBody } from '../../src/language/check-body.ts';
import type { PodAnswer } from '../../src/ports/cluster.ts';
import { curl } from '../../src/steps/curl.ts';
import type { FakeProgram } from '../fakes/cluster.ts';
import { runStep, stepBench, until } from './context.ts';

/** A curl that gives this answer, and ends as curl does. */
const answering =
  (answer: string, more: { exitCode?: number; stderr?: string } = {}): FakeProgram =>
  ({ stdin }) => {
    const boundary = /write-out = "\\n(\S+)/.exec(stdin)?.[1];
    return { stdout: `${answer}\n${boundary} 0.25`, ...more };
  };

const ok = 'HTTP/1.1 200 OK\r\nServer: nginx\r\n\r\n{"user":"nginx"}';

async function request(body: object, program: FakeProgram = answering(ok)) {
  const bench = await stepBench({ pods: ['attacker'] });
  bench.cluster.programs.set('curl', program);
  const result = await runStep(curl, { pod: 'attacker', url: 'http://victim/', ...body }, bench);
  const [call] = bench.cluster.calls.filter((each) => each.verb === 'exec');
  return { ...result, call, bench };
}

test('the command line tells nothing; everything is in the config on standard input', async () => {
  const { call, outputs, mismatches } = await request({ query: { cmd: 'id', n: 1 }, headers: { 'X-Sim-Token': 'secret' }, body: 'secret' });
  expect(call).toMatchObject({ command: ['curl', '--config', '-'], pod: { name: 'attacker' } });
  const { stdin = '' } = call as { stdin?: string };
  expect(stdin).toContain('request = "POST"\nurl = "http://victim/?cmd=id&n=1"\nheader = "X-Sim-Token: secret"\ndata-raw = "secret"\n');
  // A second less than the step has.
  expect(stdin).toContain('max-time = "59.000"');
  expect(outputs).toEqual({ status: 200, body: '{"user":"nginx"}', headers: { server: 'nginx' }, json: { user: 'nginx' }, time: 0.25 });
  expect(mismatches).toEqual([]);
});

test.each([
  [undefined, 'HTTP/1.1 404 Not Found\r\n\r\nno', ['status: expected that `value < 400`, but got `404`']],
  [{ body: { contains: 'no' } }, 'HTTP/1.1 404 Not Found\r\n\r\nno', ['status: expected that `value < 400`, but got `404`']],
  [{ status: 404 }, 'HTTP/1.1 404 Not Found\r\n\r\nno', []],
  [
    { status: 200, body: 'x' },
    'HTTP/1.1 403 Forbidden\r\n\r\nno',
    ['status: expected to equal `200`, but got `403`', 'body: expected to equal `x`, but got `no`'],
  ],
  [{ headers: { SERVER: { contains: 'nginx' }, 'X-A': 'b' } }, ok, ['header X-A: expected to equal `b`, but got nothing']],
])('expecting %j of %j', async (expectation, answer, mismatches) => {
  expect((await request(expectation === undefined ? {} : { expect: expectation }, answering(answer))).mismatches).toEqual(mismatches);
});

test('where curl fails, its own words say why, whatever was expected', async () => {
  const stderr = "curl: (7) Failed to connect to victim port 80 after 1 ms: Couldn't connect to server\n";
  const { mismatches, outputs } = await request({ expect: { status: 200 } }, answering('', { exitCode: 7, stderr }));
  expect(mismatches).toEqual([stderr.trim()]);
  expect(outputs).toMatchObject({ status: 0, body: '', json: null });
});

test('a pod without curl is command-not-found', async () => {
  const bench = await stepBench({ pods: ['attacker'] });
  await expect(runStep(curl, { pod: 'attacker', url: 'http://victim/' }, bench)).rejects.toMatchObject({ code: 'command-not-found' });
});

test('when its time is up, the note says that the curl in the pod ends by itself', async () => {
  const bench = await stepBench({ pods: ['attacker'], timeout: 1000 });
  bench.cluster.programs.set('curl', () => new Promise(() => undefined));
  const running = runStep(curl, { pod: 'attacker', url: 'http://victim/' }, bench);
  running.catch(() => undefined);
  await until(() => bench.cluster.calls.some(({ verb }) => verb === 'exec'));
  bench.abort();
  await expect(running).rejects.toMatchObject({ code: 'timeout' });
  expect(bench.notes).toEqual(['the curl in sim-k3x9/attacker ends by itself, 0.5 s after it began at the latest']);
});

test('an answer that is too large is cut, and the note says so', async () => {
  const { outputs, bench } = await request({}, answering(`HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(1_100_000)}`));
  expect(outputs).toMatchObject({ status: 200 });
  expect(String(outputs?.body).length).toBeGreaterThan(1_000_000);
  expect(bench.notes).toEqual(['the answer is larger than 1 MiB: only its beginning was kept']);
});

test.each([
  [{ url: 'ftp://victim/' }, 'must begin with `http://` or `https://`'],
  [{ url: '/path' }, 'must begin with `http://` or `https://`'],
  [{ url: 'http://victim/', via: 'portForward', port: 80 }, 'must be a path such as `/login` beside `via`'],
  [{ url: '/', via: 'portForward' }, 'needs `port` beside it'],
  [{ url: 'http://victim/', port: 80 }, 'needs `via` beside it'],
  [{ url: 'http://victim/', method: 'get\nurl' }, 'must be a method'],
])('%j does not fit', (body, problem) => {
  expect(checkBody(curl, { pod: 'attacker', ...body })).toEqual([expect.stringContaining(problem)]);
});

/** Runs a request through the port-forward; `asked` is what the cluster was asked for. */
async function forwarded(body: object, answer: Partial<PodAnswer> = {}) {
  const bench = await stepBench({ pods: ['victim'] });
  bench.cluster.answer = () => answer;
  const result = await runStep(curl, { pod: 'victim', via: 'portForward', port: 8080, ...body }, bench);
  const [call] = bench.cluster.calls.flatMap((each) => (each.verb === 'request' ? [each] : []));
  const { signal: _, ...asked } = call?.request ?? { signal: undefined };
  return { ...result, port: call?.port, asked, bench };
}

test('through a port-forward the tool makes the request itself, by the cluster alone', async () => {
  const fetched = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new Error('another way out'));
  onTestFinished(() => fetched.mockRestore());
  const body = { url: '/a?b=c', query: { d: 'e f' }, headers: { 'X-A': 'y' }, body: 'text', expect: { status: 201, body: 'made' } };
  const { outputs, mismatches, port, asked } = await forwarded(body, { status: 201, headers: { 'x-b': 'z' }, body: 'made' });
  expect({ port, asked }).toEqual({ port: 8080, asked: { method: 'POST', path: '/a?b=c&d=e%20f', headers: { 'X-A': 'y' }, body: 'text' } });
  expect(outputs).toMatchObject({ status: 201, body: 'made', headers: { 'x-b': 'z' }, json: null });
  expect(mismatches).toEqual([]);
  expect(fetched).not.toHaveBeenCalled();
});

test('no answer is a mismatch', async () => {
  const { mismatches, outputs } = await forwarded({ url: '/' }, { status: 0, problem: 'socket hang up' });
  expect(mismatches).toEqual(['request: no answer from port 8080 of victim: socket hang up']);
  expect(outputs).toMatchObject({ status: 0, body: '', json: null });
});

test('an answer that is too large is cut here, too', async () => {
  const { outputs, bench } = await forwarded({ url: '/' }, { body: 'x'.repeat(1_100_000) });
  expect(String(outputs?.body).length).toBe(1024 * 1024);
  expect(bench.notes).toEqual(['the answer is larger than 1 MiB: only its beginning was kept']);
});

test('permissions and plan name what is used', () => {
  const permissions = (body: object) => curl.permissions?.(body).map(({ verb, resource }) => `${verb} ${resource}`);
  expect(permissions({})).toEqual(['list pods', 'create pods/exec', 'get pods/exec']);
  expect(permissions({ via: 'portForward' })).toEqual(['list pods', 'create pods/portforward', 'get pods/portforward']);
  expect(curl.plan({ pod: 'attacker', url: 'http://victim/', body: 'x' })).toBe('from attacker, request POST http://victim/');
  expect(curl.plan({ pod: { selector: 'app=web' }, via: 'portForward', port: 80, url: '/' })).toBe(
    'through a port-forward to port 80 of the pod with app=web, request GET /',
  );
});
