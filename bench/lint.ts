// `sim lint` beside `node -e 0` and beside other programs that check YAML by a JSON Schema, in turn in one run. Those are fetched the first time.
// SIM_BENCH_ROUNDS: how often.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { env, execPath, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';
import { writePlaybooks } from './playbooks.ts';

const ROUNDS = Number(env.SIM_BENCH_ROUNDS ?? 5);
const AJV_CLI = 'ajv-cli@5.0.0';
const CHECK_JSONSCHEMA = 'check-jsonschema==0.35.0';

const root = fileURLToPath(new URL('..', import.meta.url));
const cache = join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'kubesim', 'bench');
const schema = join(root, 'schemas/playbook.schema.json');
const pinned = spawnSync('taskset', ['-c', '0', 'true']).status === 0;

type CommandLine = readonly string[];

const sim = (...files: string[]): CommandLine => [execPath, join(root, 'bin/sim.js'), 'lint', ...files];
const onOneCore = (command: CommandLine): CommandLine => (pinned ? ['taskset', '-c', '0', ...command] : command);

/** Seconds from start to end; throws where the program fails. */
async function secondsOf(command: CommandLine): Promise<number> {
  const started = performance.now();
  const child = spawn(command[0] as string, command.slice(1), { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
  let told = '';
  child.stderr.on('data', (chunk: Buffer) => {
    told += chunk.toString();
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`${command.slice(0, 4).join(' ')}: exit ${code}\n${told.slice(-2000)}`);
  return (performance.now() - started) / 1000;
}

/** Medians of the commands, run in turn so that they see the same machine; and the median of the first one's ratios to each, pair by pair. */
async function pairedMedians(rounds: number, commands: readonly CommandLine[]): Promise<{ seconds: number[]; ratios: number[] }> {
  for (const command of commands) await secondsOf(command);
  const times: number[][] = [];
  for (let round = 0; round < rounds; round++) {
    const row: number[] = [];
    for (const command of commands) row.push(await secondsOf(command));
    times.push(row);
  }
  const column = (each: (row: number[]) => number) => median(times.map(each));
  return {
    seconds: commands.map((_, index) => column((row) => row[index] as number)),
    ratios: commands.map((_, index) => column((row) => (row[0] as number) / (row[index] as number))),
  };
}

/** MiB that the process held at most, as it says itself when it ends. */
function peakMemory(files: readonly string[]): number {
  const tell = "process.on('exit', () => process.stderr.write(`\\npeak ${process.resourceUsage().maxRSS}\\n`))";
  const command = sim(...files);
  const { stderr } = spawnSync(
    command[0] as string,
    ['--import', `data:text/javascript,${encodeURIComponent(tell)}`, ...command.slice(1)],
    {
      encoding: 'utf8',
    },
  );
  const peak = /^peak (\d+)$/m.exec(stderr)?.[1];
  if (peak === undefined) throw new Error(`sim lint did not end: ${stderr.slice(-2000)}`);
  return Number(peak) / 1024;
}

function fetchTool(path: string, ...commands: CommandLine[]): string | undefined {
  mkdirSync(cache, { recursive: true });
  for (const [program, ...rest] of existsSync(join(cache, path)) ? [] : commands) {
    if (spawnSync(program as string, rest, { cwd: cache, stdio: ['ignore', 'ignore', 'inherit'] }).status !== 0) return undefined;
  }
  return join(cache, path);
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const row = (...cells: (string | number)[]) => stdout.write(`| ${cells.join(' | ')} |\n`);
const seconds = (value: number | undefined) => (value ?? Number.NaN).toFixed(3);
const ratio = (value: number | undefined) => (value ?? Number.NaN).toFixed(2);

const folder = mkdtempSync(join(tmpdir(), 'kubesim-bench-'));
try {
  stdout.write(`medians of ${ROUNDS} rounds, all in turn; whole processes, seconds; ${availableParallelism()} cores\n\n`);
  const file = join(root, 'playbooks/web-shell.yaml');
  const one = await pairedMedians(ROUNDS * 5, [sim(file), [execPath, '-e', '0']]);
  row('one file', 'seconds', 'sim / it');
  row('---', '---', '---');
  row('sim lint', seconds(one.seconds[0]), '');
  row('node -e 0', seconds(one.seconds[1]), ratio(one.ratios[1]));

  const all = writePlaybooks(join(root, 'playbooks'), folder, 10_000);
  const some = mkdtempSync(join(folder, 'some-'));
  const files = writePlaybooks(join(root, 'playbooks'), some, 2000);
  const npm = ['npm', 'install', '--no-audit', '--no-fund', '--loglevel=error', '--prefix', 'ajv', AJV_CLI];
  const ajv = fetchTool('ajv/node_modules/ajv-cli/dist/index.js', npm);
  const python = fetchTool(
    'venv/bin/check-jsonschema',
    ['python3', '-m', 'venv', 'venv'],
    ['venv/bin/pip', 'install', '--quiet', CHECK_JSONSCHEMA],
  );
  const ajvCli: CommandLine[] =
    ajv === undefined ? [] : [[execPath, ajv, 'validate', '--spec=draft2020', '--strict=false', '-s', schema, '-d', `${some}/*.yaml`]];
  const checkJsonschema: CommandLine[] = python === undefined ? [] : [[python, '--schemafile', schema, ...files]];

  for (const [cores, on] of [
    ['one core', onOneCore],
    ['all cores', (command: CommandLine) => command],
  ] as const) {
    const fast = await pairedMedians(ROUNDS, [sim(...files), ...ajvCli].map(on));
    // It takes so much longer that once will do.
    const slow = checkJsonschema[0] === undefined ? undefined : await secondsOf(on(checkJsonschema[0]));
    stdout.write('\n');
    row(`2,000 playbooks, ${cores}${on === onOneCore && !pinned ? ' (not pinned: there is no taskset)' : ''}`, 'seconds', 'sim / it');
    row('---', '---', '---');
    row('sim lint', seconds(fast.seconds[0]), '');
    row(AJV_CLI, ...(ajv === undefined ? ['could not be fetched', ''] : [seconds(fast.seconds[1]), ratio(fast.ratios[1])]));
    row(
      CHECK_JSONSCHEMA,
      ...(slow === undefined ? ['could not be fetched', ''] : [seconds(slow), ratio((fast.seconds[0] as number) / slow)]),
    );
  }

  stdout.write('\n');
  row('playbooks', 'peak memory of sim lint, MiB');
  row('---', '---');
  for (const count of [1, 200, 2000, 10_000]) row(count, peakMemory(all.slice(0, count)).toFixed(0));
} finally {
  rmSync(folder, { recursive: true });
}
