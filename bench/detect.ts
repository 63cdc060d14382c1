// The reference detector with all its rules over programs of ordinary workloads: how many in a second on one core, how many false alerts, how
// much memory. SIM_BENCH_PROGRAMS: how many programs.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cpuUsage, env, memoryUsage, resourceUsage, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createDetector } from '../src/detector/detector.ts';
import { loadDetection } from '../src/detector/load-detection.ts';
import type { Observation } from '../src/ports/observations.ts';
import { benign, workloads } from '../test/detector/benign/workloads.ts';

const PROGRAMS = Number(env.SIM_BENCH_PROGRAMS ?? 1_000_000);
/** Observations are made some at a time, so that making them is not measured, and does not fill the memory. */
const CHUNK = 2000;

const folder = fileURLToPath(new URL('../detections', import.meta.url));
const rules = readdirSync(folder).map((name) => {
  const { detection } = loadDetection({ name, text: readFileSync(join(folder, name), 'utf8') });
  if (detection === undefined) throw new Error(`${name} has an error`);
  return detection;
});

/** Of the processor, seconds: what others do on the machine does not count. */
const spent = (): number => {
  const { user, system } = cpuUsage();
  return (user + system) / 1e6;
};

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** MiB that are still needed. */
const held = (): number => {
  collect();
  return memoryUsage().heapUsed / 2 ** 20;
};

let early: number | undefined;
const detector = createDetector(rules);
const source = benign(1);
const wrong = new Map<string, number>();
let [programs, others, processSeconds, otherSeconds] = [0, 0, 0, 0];
while (programs < PROGRAMS) {
  const chunk: Observation[] = [];
  while (chunk.length < CHUNK) chunk.push(source.next().value as Observation);
  const kinds = [chunk.filter(({ kind }) => kind === 'process'), chunk.filter(({ kind }) => kind !== 'process')] as const;
  // Each kind by itself, in its order: the windows of the rules are those of containers all the same.
  for (const [index, some] of kinds.entries()) {
    const before = spent();
    for (const observation of some)
      for (const { detection } of detector.observe(observation)) wrong.set(detection.name, (wrong.get(detection.name) ?? 0) + 1);
    if (index === 0) processSeconds += spent() - before;
    else otherSeconds += spent() - before;
  }
  programs += kinds[0].length;
  others += kinds[1].length;
  if (programs >= PROGRAMS / 10) early ??= held();
}

const row = (...cells: (string | number)[]) => stdout.write(`| ${cells.join(' | ')} |\n`);
const count = (value: number) => Math.round(value).toLocaleString('en');
stdout.write(`${rules.length} rules; seconds of one core\n\n`);
row('measure', 'value');
row('---', '---');
row('programs, from this many kinds of workload', `${count(programs)}, ${Object.keys(workloads).length}`);
row('programs judged in a second', count(programs / processSeconds));
row('files and connections', count(others));
row('files and connections judged in a second', count(others / otherSeconds));
row(
  'false alerts',
  [...wrong.values()].reduce((sum, each) => sum + each, 0),
);
for (const [name, times] of wrong) row(`of ${name}`, times);
row('forgotten before their time', detector.forgotten());
row('rules that could not be evaluated', detector.failures().size);
row('memory that is held after a tenth of them, and at the end, MiB', `${count(early ?? 0)}, ${count(held())}`);
row('memory of the process at most, MiB', count(resourceUsage().maxRSS / 1024));
