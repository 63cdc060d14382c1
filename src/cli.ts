// The process around the commands: arguments, streams, signals, exit code. Only here is anything of it touched.
import process, { argv, env, exit, stderr, stdin, stdout } from 'node:process';
import { runProgram } from './commands/program.ts';
import { Failure } from './ports/failure.ts';

const interrupt = new AbortController();
const abandon = new AbortController();
/** What the run could not help: exit code 3, whatever the commands say. */
let broken = false;
/** Nobody reads our output any more. */
let closed = false;
let exitCode = 0;

const stop = (why: string) => {
  if (interrupt.signal.aborted) abandon.abort(new Failure('interrupted', why));
  else interrupt.abort(new Failure('interrupted', why));
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop(`stopped by ${signal}`));
for (const stream of [stdout, stderr])
  stream.on('error', () => {
    // End, but clean up first.
    if (!closed) stop('the output was closed');
    closed = true;
  });
for (const event of ['uncaughtException', 'unhandledRejection'] as const)
  process.on(event, (error: unknown) => {
    stderr.write(`sim: ${error instanceof Error ? error.stack : error}\n     This is a fault of sim itself.\n`);
    if (!broken) stop('a fault of sim itself');
    broken = true;
  });
// Should nothing hold the process any more before it has ended by itself.
process.exitCode = 3;

async function main(): Promise<void> {
  await runProgram(argv.slice(2), {
    env,
    stdout: (output) => void stdout.write(output),
    stderr: (output) => void stderr.write(output),
    readStdin,
    // Whoever asks opens standard input, which takes a while.
    get interactive() {
      return stdin.isTTY === true && stdout.isTTY === true;
    },
    colour: stdout.isTTY === true && !env.NO_COLOR,
    errorColour: stderr.isTTY === true && !env.NO_COLOR,
    columns: stdout.columns,
    interrupt: interrupt.signal,
    abandon: abandon.signal,
    setExitCode: (code) => {
      exitCode = code;
    },
  });

  // Kept connections would hold the process; what was written must be out first.
  const flush = (stream: NodeJS.WriteStream) => new Promise<void>((resolve) => stream.write('', () => resolve()));
  if (!closed) await Promise.race([Promise.all([flush(stdout), flush(stderr)]), untilAborted(interrupt.signal)]);
  exit(broken ? 3 : exitCode);
}

/** After an interruption nobody waits for a reader that does not read. */
function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) setTimeout(resolve, 1000);
    else signal.addEventListener('abort', () => setTimeout(resolve, 1000), { once: true });
  });
}

async function readStdin(limit: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stdin as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= limit) break;
  }
  return Buffer.concat(chunks);
}

void main();
