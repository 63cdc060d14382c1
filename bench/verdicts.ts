// How far verdicts are to be trusted: labelled streams of alerts, told to the program's own watch, and its verdicts beside the truth.
// SIM_BENCH_STREAMS: how many of each kind.
import process, { env, stdout } from 'node:process';
import { type Mark, mark, play } from '../test/alerts/play-stream.ts';
import { kinds, streamOf } from '../test/alerts/streams.ts';

const EACH = Number(env.SIM_BENCH_STREAMS ?? 100);
/** The promises: shares of all verdicts. */
const MOST: Partial<Record<Mark, number>> = { 'false detected': 0, 'false missed': 0.005, 'silent ambiguity': 0 };
const MARKS: readonly Mark[] = ['right', 'false detected', 'false missed', 'silent ambiguity', 'withheld'];

const started = performance.now();
const rows: { kind: string; streams: number; counts: Map<Mark, number> }[] = [];
for (const kind of kinds) {
  const counts = new Map<Mark, number>();
  for (let seed = 0; seed < EACH; seed++) {
    const stream = streamOf(kind, seed);
    const verdicts = await play(stream);
    for (const [index, { truth }] of stream.expected.entries()) {
      const verdict = verdicts[index];
      if (verdict === undefined) throw new Error(`${kind} ${seed}: no verdict`);
      const found = mark(truth, verdict);
      counts.set(found, (counts.get(found) ?? 0) + 1);
      if (found !== 'right') stdout.write(`${kind} ${seed}: ${truth}, but ${verdict.outcome}: ${verdict.reason}\n`);
    }
  }
  rows.push({ kind, streams: EACH, counts });
}

const sum = (found: Mark): number => rows.reduce((all, { counts }) => all + (counts.get(found) ?? 0), 0);
const verdicts = MARKS.reduce((all, found) => all + sum(found), 0);
const line = (cells: readonly (string | number)[]) =>
  `| ${cells.map((cell, index) => (index === 0 ? String(cell).padEnd(14) : String(cell).padStart(16))).join(' | ')} |\n`;
stdout.write(line(['kind', 'streams', ...MARKS]));
for (const { kind, streams, counts } of rows) stdout.write(line([kind, streams, ...MARKS.map((found) => counts.get(found) ?? 0)]));
stdout.write(line(['all', rows.length * EACH, ...MARKS.map(sum)]));
const broken = MARKS.filter((found) => sum(found) > verdicts * (MOST[found] ?? 1));
stdout.write(
  `${verdicts} verdicts in ${((performance.now() - started) / 1000).toFixed(1)} s; ${broken.length === 0 ? 'all promises kept' : `not kept: ${broken.join(', ')}`}\n`,
);
if (broken.length > 0) process.exitCode = 1;
