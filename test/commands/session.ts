// A session whose streams are texts: runs the whole program as a terminal would, without a process.
import { runProgram } from '../../src/commands/program.ts';

export interface Told {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs `sim ARGUMENTS`. `columns`: of the terminal; undefined where there is none. */
export async function sim(
  args: readonly string[],
  { columns, env = {} }: { columns?: number; env?: Record<string, string> } = {},
): Promise<Told> {
  const told: Told = { code: 0, stdout: '', stderr: '' };
  const never = new AbortController().signal;
  await runProgram(args, {
    env,
    stdout: (text) => {
      told.stdout += text;
    },
    stderr: (text) => {
      told.stderr += text;
    },
    readStdin: async () => new Uint8Array(),
    interactive: false,
    colour: false,
    errorColour: false,
    columns,
    interrupt: never,
    abandon: never,
    setExitCode: (code) => {
      told.code = code;
    },
  });
  return told;
}
