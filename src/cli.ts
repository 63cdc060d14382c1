// The process around the commands: arguments, streams, signals, exit code. Only here is anything of it touched.
import process, { argv, env, exit, stderr, stdin, stdout } from 'node:process';
import { text } from 'node:stream/consumers';
import { runProgram } from './commands/program.ts';
import { Failure } from './ports/failure.ts';

const interrupt = new AbortController();
const abandon = new AbortController();
let exitCode = 0;

const stop = (why: string) => {
  if (interrupt.signal.aborted) abandon.abort(new Failure('interrupted', why));
  else interrupt.abort(new Failure('interrupted', why));
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop(`stopped by ${signal}`));
// Whoever read our output is gone: end, but clean up first.
for (const stream of [stdout, stderr]) stream.on('error', () => interrupt.signal.aborted || stop('the output was closed'));

await runProgram(argv.slice(2), {
  env,
  stdout: (output) => void stdout.write(output),
  stderr: (output) => void stderr.write(output),
  readStdin: () => text(stdin),
  interactive: stdin.isTTY === true && stdout.isTTY === true,
  colour: stdout.isTTY === true && !env.NO_COLOR,
  interrupt: interrupt.signal,
  abandon: abandon.signal,
  setExitCode: (code) => {
    exitCode = code;
  },
});

// Kept connections would hold the process; what was written must be out first.
const flush = (stream: NodeJS.WriteStream) => new Promise<void>((resolve) => stream.write('', () => resolve()));
await Promise.race([Promise.all([flush(stdout), flush(stderr)]), new Promise((resolve) => setTimeout(resolve, 1000))]);
exit(exitCode);
