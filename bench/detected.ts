// Every playbook on the lab, those with modes in both: whether each expected alert came, how long after the start of its attack, and what came
// beside it. Needs the lab up. SIM_BENCH_PARALLEL: how many at a time.
import { spawn } from 'node:child_process';
import { env, execPath, exit, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';
import type { RunEvent } from '../src/engine/events.ts';
import { scenarios } from '../test/playbooks/scenarios.ts';

const PARALLEL = env.SIM_BENCH_PARALLEL ?? '2';

/** The id of its run stands in each line; the first has it with its namespace. */
type Line = RunEvent & { run: string | { id: string } };

const root = fileURLToPath(new URL('..', import.meta.url));

/** What each run told, by the name of its playbook. */
async function runsOf(args: readonly string[]): Promise<{ name: string; events: Line[] }[]> {
  const fixed = ['--lab', '--yes', '--json', '--allow-risk', 'high', '--parallel', PARALLEL];
  const child = spawn(execPath, [`${root}bin/sim.js`, 'run', ...args, ...fixed], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  await new Promise((resolve) => child.on('close', resolve));
  const lines = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
  return [...Map.groupBy(lines, ({ run }) => (typeof run === 'string' ? run : run.id)).values()].map((events) => ({
    name: events.flatMap((event) => (event.type === 'run-started' ? [event.playbook.name] : []))[0] ?? '',
    events,
  }));
}

const row = (...cells: (string | number)[]) => stdout.write(`| ${cells.join(' | ')} |\n`);
const all = await runsOf(['--all']);
const faithful = await runsOf([...scenarios.map(({ name }) => name), '--set', 'mode=faithful']);
const runs = [...all, ...faithful.map(({ name, events }) => ({ name: `${name}, faithful`, events }))].sort((a, b) =>
  a.name.localeCompare(b.name),
);

const detected: number[] = [];
const other: string[] = [];
const counts = new Map<string, number>();
let wrong = 0;
row('playbook', 'alert', 'outcome', 'ms', 'from the start of', 'exit', 'other alerts');
row(...Array.from({ length: 7 }, () => '---'));
for (const { name, events } of runs) {
  const reached = events.find((event) => event.type === 'verdict-reached');
  const exitCode = events.flatMap((event) => (event.type === 'run-finished' ? [event.exitCode] : []))[0];
  if (exitCode !== 0) wrong++;
  other.push(...(reached?.unexpected.map((alert) => alert.name) ?? []));
  const told = [exitCode ?? 'none', reached?.unexpected.length ?? 0];
  if (reached === undefined) row(name, '', 'no verdict', '', '', ...told);
  for (const { expectation, outcome, milliseconds, times } of reached?.verdicts ?? []) {
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    if (outcome === 'detected') detected.push(milliseconds ?? Number.NaN);
    row(name, expectation.alert, outcome, milliseconds ?? '', times?.from ?? '', ...told);
  }
}

detected.sort((a, b) => a - b);
const at = (part: number) => detected[Math.min(detected.length - 1, Math.ceil(detected.length * part) - 1)] ?? 'none';
stdout.write('\n');
row('measure', 'value');
row('---', '---');
row('runs', runs.length);
row('runs that did not exit 0', wrong);
for (const [outcome, count] of counts) row(outcome, count);
row('time to detect, median, ms', at(0.5));
row('time to detect, 95 of 100, ms', at(0.95));
row('time to detect, longest, ms', at(1));
row('alerts that nothing expected', other.length);
for (const [name, some] of [...Map.groupBy(other, (each) => each)].sort((a, b) => b[1].length - a[1].length))
  row(`of "${name}"`, some.length);
exit(wrong === 0 ? 0 : 1);
