// Runs a program in a container over a WebSocket (remotecommand, sub-protocols v5 and v4).
import { StringDecoder } from 'node:string_decoder';
import type { WebSocket } from 'ws';
import type { ExecOptions, ExecResult, PodReference } from '../../ports/cluster.ts';
import { Failure } from '../../ports/failure.ts';
import { connectionFailure, type Status } from './errors.ts';
import { isRuntimeOutput, noProgram, notRunning, podName } from './pod-failure.ts';
import type { Transport } from './transport.ts';

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const STATUS = 3;
const CLOSE = 255;
const DEFAULT_LIMIT = 1024 * 1024;
const STDIN_CHUNK = 32 * 1024;
/** Some proxies cut a connection that is silent for a minute. */
const PING_INTERVAL = 20_000;
const UNANSWERED_PINGS = 2;
/** What a pipe to a program holds. With more input a program that reads none of it can hold up the server, which then reads no ping either. */
const PIPE = 64 * 1024;

/**
 * Runs `command` (argv, no shell) and waits for its end. Aborting closes the connection and rejects with the signal's
 * reason; it does not end the program in the container, which the API cannot do. Throws Failure command-not-found,
 * pod-failed, not-found, unreachable.
 */
export async function execInPod(transport: Transport, pod: PodReference, command: string[], options: ExecOptions): Promise<ExecResult> {
  const action = `exec in ${podName(pod)}`;
  const { signal, stdin } = options;
  const path = `/api/v1/namespaces/${encodeURIComponent(pod.namespace)}/pods/${encodeURIComponent(pod.name)}/exec`;
  const query = { command, container: pod.container, stdin: stdin !== undefined, stdout: true, stderr: true };
  const socket = await transport
    .webSocket({ action, path, query, signal }, ['v5.channel.k8s.io', 'v4.channel.k8s.io'])
    .catch((error: unknown) => {
      throw (error instanceof Failure && notRunning(action, error.message)) || error;
    });
  try {
    if (stdin !== undefined && socket.protocol !== 'v5.channel.k8s.io') {
      throw new Failure('configuration', `${action}: this API server cannot end a program's standard input`, {
        hint: 'Kubernetes 1.30 or newer is needed.',
      });
    }
    const stdout = collect(options, 'stdout');
    const stderr = collect(options, 'stderr');
    const mustAnswer = Buffer.byteLength(stdin ?? '') <= PIPE;
    const ended = statusOf(socket, mustAnswer, signal, (channel, data) => {
      if (channel === STDOUT) stdout.add(data);
      if (channel === STDERR) stderr.add(data);
    });
    // Not awaited: a program may end without reading its input.
    if (stdin !== undefined) sendInput(socket, Buffer.from(stdin)).catch(() => undefined);
    const status = await ended.catch((error: unknown) => {
      throw signal.aborted ? signal.reason : connectionFailure(action, transport.server, error);
    });
    const result = {
      stdout: stdout.end(),
      stderr: stderr.end(),
      exitCode: exitCode(status),
      truncated: stdout.truncated || stderr.truncated,
    };
    return checked(action, pod, status, result);
  } finally {
    socket.terminate();
  }
}

/** Resolves with the status that ends the exchange; rejects where the connection ends without one, or with the signal. */
function statusOf(
  socket: WebSocket,
  mustAnswer: boolean,
  signal: AbortSignal,
  onData: (channel: number, data: Buffer) => void,
): Promise<Status> {
  return new Promise<Status>((resolve, reject) => {
    let unanswered = 0;
    const isAlive = () => {
      unanswered = 0;
    };
    const ping = setInterval(() => {
      if (mustAnswer && unanswered >= UNANSWERED_PINGS) reject(new Error('the connection is lost: it answered no ping'));
      unanswered++;
      socket.ping();
    }, PING_INTERVAL);
    const stop = () => reject(signal.reason);
    const settle = () => {
      clearInterval(ping);
      signal.removeEventListener('abort', stop);
    };
    socket.on('pong', isAlive);
    socket.on('message', (data) => {
      isAlive();
      try {
        if (data[0] === STATUS) resolve(JSON.parse(data.toString('utf8', 1)) as Status);
        else onData(data[0] ?? CLOSE, data.subarray(1));
      } catch (error) {
        reject(error);
      }
    });
    socket.on('error', reject);
    socket.on('close', (code, reason) => {
      settle();
      reject(new Error(`the connection ended before the program did (${[code, reason.toString()].filter(Boolean).join(' ')})`));
    });
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    socket.resume();
  });
}

/** Sends all input, each piece when the one before has left, then closes the program's standard input. */
async function sendInput(socket: WebSocket, input: Buffer): Promise<void> {
  const send = (data: Buffer) => new Promise<void>((resolve, reject) => socket.send(data, (error) => (error ? reject(error) : resolve())));
  for (let start = 0; start < input.length; start += STDIN_CHUNK) {
    await send(Buffer.concat([Buffer.of(STDIN), input.subarray(start, start + STDIN_CHUNK)]));
  }
  await send(Buffer.of(CLOSE, STDIN));
}

/** Keeps the first `limit` bytes of a stream as text; a character cut by the limit is left out whole. */
function collect({ limit = DEFAULT_LIMIT, onOutput }: ExecOptions, stream: 'stdout' | 'stderr') {
  const decoder = new StringDecoder('utf8');
  let text = '';
  let bytes = 0;
  const keep = (piece: string) => {
    text += piece;
    if (piece !== '') onOutput?.(stream, piece);
  };
  return {
    add(data: Buffer) {
      const room = Math.max(0, limit - bytes);
      bytes += data.length;
      if (room > 0) keep(decoder.write(data.subarray(0, room)));
    },
    end() {
      if (bytes <= limit) keep(decoder.end());
      return text;
    },
    get truncated() {
      return bytes > limit;
    },
  };
}

function exitCode(status: Status): number {
  if (status.status === 'Success') return 0;
  const code = status.details?.causes?.find((cause) => cause.reason === 'ExitCode')?.message;
  return code === undefined ? Number.NaN : Number(code);
}

function checked(action: string, pod: PodReference, status: Status, result: ExecResult): ExecResult {
  const { stdout, stderr, exitCode: code } = result;
  if (!Number.isNaN(code)) {
    const output = [stderr, stdout].find(isRuntimeOutput);
    const missing = code !== 0 && output !== undefined ? noProgram(pod, output) : undefined;
    if (missing) throw missing;
    return result;
  }
  const said = status.message ?? 'no reason given';
  const gone = status.code === 404 ? new Failure('not-found', `${action}: ${said}`, { status: 404 }) : undefined;
  throw noProgram(pod, said) ?? notRunning(action, said) ?? gone ?? new Failure('server-error', `${action}: ${said}`);
}
