// All verbs under one roof, and what becomes of an error: a message and an exit code.
import { cwd } from 'node:process';
import { Command, CommanderError } from 'commander';
import { localCheckout } from '../adapters/checkout.ts';
import { localFiles } from '../adapters/files.ts';
import { localGit } from '../adapters/git.ts';
import { processRunner } from '../adapters/process.ts';
import { ExitCode } from '../engine/exit-code.ts';
import { Failure } from '../ports/failure.ts';
import { colours, safe } from '../reporters/format.ts';
import { stepTypes } from '../steps/index.ts';
import { cleanupCommand } from './cleanup.ts';
import { doctorCommand } from './doctor.ts';
import { explainCommand } from './explain.ts';
import { importCommand } from './import.ts';
import { labCommand } from './lab.ts';
import { lintCommand } from './lint.ts';
import { listCommand } from './list.ts';
import { newCommand } from './new.ts';
import { loadCatalogue, packageFolder } from './package-files.ts';
import { planCommand } from './plan.ts';
import { runCommand } from './run.ts';
import { schemaCommand } from './schema.ts';
import type { Session } from './session.ts';
import { UsageError } from './usage-error.ts';

/** Runs the command line; sets the session's exit code and never throws. */
export async function runProgram(argv: readonly string[], session: Session): Promise<void> {
  try {
    await (await program(session)).parseAsync(argv, { from: 'user' });
  } catch (error) {
    session.setExitCode(report(error, session));
  }
}

async function program(session: Session): Promise<Command> {
  const files = localFiles();
  const { version } = JSON.parse(await files.read(`${packageFolder}package.json`)) as { version: string };
  const { stdout, stderr, readStdin, colour, setExitCode } = session;
  const catalogue = async () => [...(await loadCatalogue(files)).keys()];
  const root = new Command('sim')
    .description('Attack scenarios for Kubernetes as YAML playbooks: run them on a cluster, and see which alerts came.')
    .version(version, '-V, --version', 'print the version')
    .addCommand(runCommand(session))
    .addCommand(
      lintCommand({
        folder: cwd(),
        checkout: localCheckout(cwd(), packageFolder),
        files,
        git: localGit(processRunner()),
        steps: stepTypes,
        catalogue,
        readStdin,
        stdout,
        stderr,
        colour,
        version,
        setExitCode,
      }),
    )
    .addCommand(doctorCommand(session))
    .addCommand(cleanupCommand(session))
    .addCommand(labCommand(session))
    .addCommand(planCommand(session))
    .addCommand(listCommand(session))
    .addCommand(newCommand(session))
    .addCommand(importCommand(session))
    .addCommand(explainCommand(session))
    .addCommand(schemaCommand({ files, steps: stepTypes, catalogue: () => loadCatalogue(files), stdout, stderr, setExitCode }))
    .helpCommand('help [command]', 'show the help of a command')
    .addHelpText('after', '\nBegin with: sim lab up && sim run reconnaissance --lab');
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
