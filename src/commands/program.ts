// All verbs under one roof, and what becomes of an error: a message and an exit code.
import { Command, CommanderError } from 'commander';
import { localFiles } from '../adapters/files.ts';
import { ExitCode } from '../engine/exit-code.ts';
import { Failure } from '../ports/failure.ts';
import { colours, safe } from '../reporters/format.ts';
import { packageVersion } from './package-files.ts';
import type { Session } from './session.ts';
import { UsageError } from './usage-error.ts';
import { verbs, verbsOf } from './verbs.ts';

/** Runs the command line; sets the session's exit code and never throws. */
export async function runProgram(argv: readonly string[], session: Session): Promise<void> {
  try {
    await (await program(argv, session)).parseAsync(argv, { from: 'user' });
  } catch (error) {
    session.setExitCode(report(error, session));
  }
}

async function program(argv: readonly string[], session: Session): Promise<Command> {
  const version = await packageVersion(localFiles());
  const root = new Command('sim')
    .description('Attack scenarios for Kubernetes as YAML playbooks: run them on a cluster, and see which alerts came.')
    .version(version, '-V, --version', 'print the version')
    .helpCommand('help [command]', 'show the help of a command')
    .addHelpText('after', '\nBegin with: sim lab up && sim run reconnaissance --lab');
  for (const command of await Promise.all(verbsOf(argv).map((name) => verbs[name]?.(session)))) if (command) root.addCommand(command);
  prepare(root, session);
  return root;
}

/** The same manners for every verb: errors are thrown, output goes to the session, the right spelling is suggested. */
function prepare(command: Command, session: Session): void {
  command
    .helpOption('-h, --help', 'show this help')
    .exitOverride()
    .configureOutput({
      writeOut: session.stdout,
      writeErr: session.stderr,
      getOutHelpWidth: () => session.columns ?? 100,
      outputError: (text, write) => write(text.replace(/^error: /, 'sim: ')),
    })
    .showSuggestionAfterError()
    .showHelpAfterError(`(see ${[...ancestors(command)].reverse().join(' ')} --help)`);
  for (const each of command.commands) prepare(each, session);
}

function* ancestors(command: Command): Generator<string> {
  for (let at: Command | null = command; at !== null; at = at.parent) yield at.name();
}

function report(error: unknown, { stderr, interrupt, errorColour }: Session): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
  const { red, dim } = colours(errorColour);
  const say = (message: string, hint?: string) =>
    stderr(`${red('sim:')} ${safe(message)}\n${hint === undefined ? '' : dim(`     ${safe(hint)}\n`)}`);
  if (error instanceof UsageError) {
    say(error.message, error.hint);
    if (error.findings !== undefined) stderr(error.findings);
    return ExitCode.usage;
  }
  if (error instanceof Failure) {
    say(error.message, error.details.hint);
    if (interrupt.aborted || error.code === 'interrupted') return ExitCode.interrupted;
    return error.code === 'invalid' ? ExitCode.usage : ExitCode.couldNotRun;
  }
  say(error instanceof Error ? (error.stack ?? error.message) : String(error), 'This is a fault of sim itself.');
  return interrupt.aborted ? ExitCode.interrupted : ExitCode.couldNotRun;
}
