// Programs in containers: streams, status and standard input over the WebSocket, and every way in which one does not start.
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { connectCluster } from '../../../src/adapters/kubernetes/connect.ts';
import type { ExecOptions } from '../../../src/ports/cluster.ts';
import { apiServer, refuse, webSockets } from './api-server.ts';

const pod = { namespace: 'n', name: 'p', container: 'c' };
const frame = (channel: number, data: string | Buffer) => Buffer.concat([Buffer.of(channel), Buffer.from(data)]);
const say = (socket: WebSocket, ...frames: Buffer[]) => {
  for (const frame of frames) socket.send(frame, () => {});
};
const success = frame(3, '{"status":"Success"}');
const failure = (message: string, more: object = {}) => frame(3, JSON.stringify({ status: 'Failure', message, ...more }));
const exited = (code: number) =>
  failure(`command terminated with exit code ${code}`, {
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  });

/** Runs ["run", "a b"] against a server that does `serve` with the socket. */
async function run(serve: (socket: WebSocket) => void, options: Partial<ExecOptions> = {}, protocol = 'v5.channel.k8s.io') {
  const api = await apiServer((_, response) => refuse(response, 400, 'Upgrade request required'));
  let asked = '';
  webSockets(api, protocol, (socket, request) => {
    asked = decodeURIComponent(request.url ?? '').replaceAll('+', ' ');
    serve(socket);
  });
  const cluster = await connectCluster({ kubeconfig: api.kubeconfig, env: {} });
  const result = await cluster.exec(pod, ['run', 'a b'], { signal: new AbortController().signal, ...options });
  return { result, asked };
}

test('asks for the container and each argument as it is; what is sent at once is not lost', async () => {
  const { result, asked } = await run((socket) => say(socket, frame(1, 'out'), frame(2, 'err'), success));
  expect(asked).toBe('/api/v1/namespaces/n/pods/p/exec?command=run&command=a b&container=c&stdin=false&stdout=true&stderr=true');
  expect(result).toEqual({ stdout: 'out', stderr: 'err', exitCode: 0, truncated: false });
});

test('an exit code is read from the status', async () => {
  expect((await run((socket) => say(socket, exited(42)))).result.exitCode).toBe(42);
});

test('a character cut between two messages stays whole, in each stream apart', async () => {
  const bytes = Buffer.from('\u{1F600}');
  const heard: string[] = [];
  const { result } = await run(
    (socket) =>
      say(
        socket,
        frame(1, bytes.subarray(0, 2)),
        frame(2, bytes.subarray(0, 1)),
        frame(1, bytes.subarray(2)),
        frame(2, bytes.subarray(1)),
        success,
      ),
    { onOutput: (stream, text) => heard.push(`${stream} ${text}`) },
  );
  expect(result).toMatchObject({ stdout: '\u{1F600}', stderr: '\u{1F600}' });
  expect(heard).toEqual(['stdout \u{1F600}', 'stderr \u{1F600}']);
});

test('output that is no UTF-8 is kept with replacement characters', async () => {
  expect((await run((socket) => say(socket, frame(1, Buffer.of(0x61, 0xff, 0xc3)), success))).result.stdout).toBe('a\uFFFD\uFFFD');
});

test('output beyond the limit is dropped, per stream', async () => {
  const { result } = await run((socket) => say(socket, frame(1, 'abc'), frame(1, 'def'), frame(2, 'x'), frame(1, 'ghi'), success), {
    limit: 5,
  });
  expect(result).toEqual({ stdout: 'abcde', stderr: 'x', exitCode: 0, truncated: true });
});

test('standard input arrives whole and is closed', async () => {
  const stdin = '\u00e4'.repeat(100_000);
  const got: Buffer[] = [];
  const { asked } = await run(
    (socket) =>
      socket.on('message', (data) => {
        if (data[0] === 0) got.push(data.subarray(1));
        else say(socket, data.equals(Buffer.of(255, 0)) ? success : failure('unexpected frame'));
      }),
    { stdin },
  );
  expect(asked).toContain('stdin=true');
  expect(Buffer.concat(got).toString() === stdin).toBe(true);
});

test('a server that cannot close standard input is told from the start', async () => {
  await expect(run(() => {}, { stdin: 'x' }, 'v4.channel.k8s.io')).rejects.toMatchObject({
    code: 'configuration',
    details: { hint: expect.stringContaining('1.30') },
  });
  expect((await run((socket) => say(socket, success), {}, 'v4.channel.k8s.io')).result.exitCode).toBe(0);
});

test('aborting closes the connection and rejects with the reason', async () => {
  const stop = new AbortController();
  const reason = new Error('enough');
  let closed: Promise<void> | undefined;
  const serve = (socket: WebSocket) => {
    closed = new Promise((resolve) => void socket.on('close', () => resolve()));
    stop.abort(reason);
  };
  await expect(run(serve, { signal: stop.signal })).rejects.toBe(reason);
  await closed;
});

test('a connection that ends before the program is unreachable', async () => {
  await expect(run((socket) => socket.terminate())).rejects.toMatchObject({
    code: 'unreachable',
    message: expect.stringContaining('before the program did'),
  });
});

describe('a connection that is silent', () => {
  /** Runs a program that says nothing; `tick` lets the time to the next ping pass, and resolves when the server has it. */
  async function silent(autoPong: boolean, options: Partial<ExecOptions> = {}) {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const api = await apiServer((_, response) => refuse(response, 400, 'Upgrade request required'));
    const opened = Promise.withResolvers<WebSocket>();
    webSockets(api, 'v5.channel.k8s.io', opened.resolve, { autoPong });
    const cluster = await connectCluster({ kubeconfig: api.kubeconfig, env: {} });
    const running = cluster.exec(pod, ['run'], { signal: new AbortController().signal, ...options });
    running.catch(() => undefined);
    const socket = await opened.promise;
    let pings = 0;
    socket.on('ping', () => pings++);
    const tick = async () => {
      // The client listens a moment after the server has accepted.
      while (vi.getTimerCount() === 0) await new Promise((resolve) => setImmediate(resolve));
      const before = pings;
      vi.advanceTimersByTime(20_000);
      while (pings === before && socket.readyState === 1) await new Promise((resolve) => setImmediate(resolve));
      // A pong is on its way.
      await new Promise((resolve) => setTimeout(resolve, 20));
    };
    return { running, socket, tick };
  }

  test('is lost where two pings stay without an answer', async () => {
    const { running, tick } = await silent(false);
    for (let i = 0; i < 3; i++) await tick();
    await expect(running).rejects.toMatchObject({ code: 'unreachable', message: expect.stringContaining('answered no ping') });
  });

  test('is well where pings are answered, or output comes', async () => {
    for (const autoPong of [true, false]) {
      const { running, socket, tick } = await silent(autoPong);
      for (let i = 0; i < 6; i++) {
        await tick();
        if (!autoPong) say(socket, frame(1, 'x'));
      }
      say(socket, success);
      expect((await running).exitCode).toBe(0);
    }
  });

  test('counts for nothing where much input may hold up the server', async () => {
    const { running, socket, tick } = await silent(false, { stdin: 'x'.repeat(100_000) });
    for (let i = 0; i < 6; i++) await tick();
    say(socket, success);
    expect((await running).exitCode).toBe(0);
  });
});

const oci =
  'OCI runtime exec failed: exec failed: unable to start container process: exec: "run": executable file not found in $PATH: unknown';

test.for<[string, Buffer[]]>([
  [
    'containerd, in the status',
    [
      failure(
        `Internal error occurred: error executing command in container: failed to exec in container: failed to start exec "1f": ${oci}`,
        { code: 500 },
      ),
    ],
  ],
  [
    'an absolute path',
    [
      failure(
        'Internal error occurred: failed to start exec "1f": OCI runtime exec failed: exec failed: unable to start container process: exec: "run": stat run: no such file or directory: unknown',
      ),
    ],
  ],
  ['containerd, as an exit code', [frame(2, oci), exited(126)]],
  ['docker, on stdout', [frame(1, `${oci}\r\n`), exited(127)]],
  [
    'CRI-O with runc',
    [
      frame(
        2,
        'time="2026-01-01T00:00:00Z" level=error msg="exec failed: unable to start container process: exec: \\"run\\": executable file not found in $PATH"\n',
      ),
      exited(255),
    ],
  ],
  ['CRI-O with crun', [frame(2, 'crun: executable file `run` not found in $PATH: No such file or directory\n'), exited(1)]],
])('a missing program is command-not-found: %s', async ([, frames]) => {
  await expect(run((socket) => say(socket, ...frames))).rejects.toMatchObject({
    code: 'command-not-found',
    message: '"run" does not exist in n/p (container c)',
  });
});

test('a program that may not be run is command-not-found, and says so', async () => {
  const message =
    'failed to start exec: OCI runtime exec failed: exec failed: unable to start container process: exec: "run": permission denied: unknown';
  await expect(run((socket) => say(socket, failure(message)))).rejects.toMatchObject({
    code: 'command-not-found',
    message: expect.stringContaining('permission denied'),
  });
});

test("a shell's own 127 is a result, even where it quotes the runtime", async () => {
  for (const text of ['bash: line 1: run: command not found\n', `echo: ${oci}\n`]) {
    expect((await run((socket) => say(socket, frame(2, text), exited(127)))).result).toMatchObject({ exitCode: 127, stderr: text });
  }
});

test.for([
  'Internal error occurred: unable to upgrade connection: container not found ("c")',
  'cannot exec into a container in a completed pod; current phase is Succeeded',
  'pod p does not have a host assigned',
])('a container that is not running is pod-failed, in the status: %s', async (message) => {
  await expect(run((socket) => say(socket, failure(message)))).rejects.toMatchObject({
    code: 'pod-failed',
    message: expect.stringContaining(message),
  });
});

test.for([
  [404, 'pods "p" not found', 'not-found'],
  [400, 'pod p does not have a host assigned', 'pod-failed'],
  [400, 'container x is not valid for pod p', 'invalid'],
  [403, 'pods "p" is forbidden: User "eve" cannot create resource "pods/exec" in API group "" in the namespace "n"', 'forbidden'],
  [403, 'admission webhook "no-exec.example.com" denied the request: exec is off', 'admission-denied'],
  [500, 'container not found ("c")', 'pod-failed'],
  [401, 'Unauthorized', 'unauthorized'],
] as const)('a refused upgrade is read: %i %s', async ([status, message, code]) => {
  const api = await apiServer(() => {});
  api.server.on('upgrade', (_request, socket) => {
    const body = JSON.stringify({ kind: 'Status', status: 'Failure', code: status, message });
    socket.end(`HTTP/1.1 ${status} Refused\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  });
  const cluster = await connectCluster({ kubeconfig: api.kubeconfig, env: {} });
  await expect(cluster.exec(pod, ['run'], { signal: new AbortController().signal })).rejects.toMatchObject({ code });
});
