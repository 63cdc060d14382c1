// What a program in a pod yields, and what proves that it did its work: the same for every step that runs one.
import type { JsonSchema, StepLanguage } from '../language/definition.ts';
import { type Matcher, matcherSchema, mismatch } from '../language/matcher.ts';
import type { ExecResult, PodReference } from '../ports/cluster.ts';
import { jsonOf } from './json.ts';
import { killedByAnother } from './killed-process.ts';
import { type PreventionBody, preventedSchema, preventionIn } from './prevention.ts';
import type { StepContext, StepResult } from './step.ts';

export interface ProgramExpectation {
  exitCode?: Matcher;
  stdout?: Matcher;
  stderr?: Matcher;
}

export const programExpectSchema = {
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  description: 'What proves that the program did its work.',
  properties: {
    exitCode: { ...matcherSchema, default: 0, description: 'Exit code; where it is not named, it must be 0.' },
    stdout: { ...matcherSchema, description: 'What the program printed.' },
    stderr: { ...matcherSchema, description: 'What the program printed as errors.' },
  },
} as const satisfies JsonSchema;

export const programPreventedSchema = preventedSchema({
  exitCode: 'Its exit code.',
  stdout: 'What the program printed.',
  stderr: 'What the program printed as errors.',
});

export const programOutputs = {
  stdout: { type: 'string', description: 'What the program printed, at most 1 MiB.' },
  stderr: { type: 'string', description: 'What the program printed as errors, at most 1 MiB.' },
  exitCode: { type: 'int', description: 'Its exit code.' },
  json: { type: 'dyn', description: '`stdout` as a value where it is JSON, else null.' },
} as const satisfies StepLanguage['outputs'];

const LONGEST_REASON = 500;

/** The result of a program, with what stopped it where it did not do its work. `text`: what ran, for telling whether it killed itself. */
export async function programEnd(
  result: ExecResult,
  { expect, prevented }: { expect?: ProgramExpectation | undefined; prevented?: PreventionBody | undefined },
  { context, pod, text }: { context: Pick<StepContext, 'cluster' | 'signal'>; pod: PodReference; text: string },
): Promise<StepResult> {
  const effect = programResult(result, expect);
  if (effect.mismatches === undefined || effect.mismatches.length === 0) return effect;
  const prevention = preventionIn(prevented, { ...result }) ?? (await killedByAnother(context, pod, text, result));
  return prevention === undefined ? effect : { ...effect, prevented: prevention };
}

/** Outputs of a program that has ended, and how it differs from what was expected. */
function programResult({ stdout, stderr, exitCode }: ExecResult, expect: ProgramExpectation = {}): StepResult {
  const mismatches = [
    mismatch('exitCode', expect.exitCode ?? 0, exitCode),
    expect.stdout === undefined ? undefined : mismatch('stdout', expect.stdout, stdout),
    expect.stderr === undefined ? undefined : mismatch('stderr', expect.stderr, stderr),
  ].filter((each) => each !== undefined);
  // A program that failed says why on stderr, which helps more than its exit code.
  const why = exitCode !== 0 && expect.stderr === undefined ? lastLines(stderr.trim(), LONGEST_REASON) : '';
  return {
    outputs: { stdout, stderr, exitCode, json: jsonOf(stdout) },
    mismatches: mismatches.length > 0 && why !== '' ? [...mismatches, `stderr: ${why}`] : mismatches,
  };
}

/** The last whole lines that fit; of a single longer one its beginning. A token that loses its head is no longer known as one, and not masked. */
function lastLines(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const start = text.indexOf('\n', text.length - limit - 1) + 1;
  return start > 0 ? text.slice(start) : text.slice(text.lastIndexOf('\n') + 1).slice(0, limit);
}
