// The world of alert sources, put together for one command; and every secret that they read, so that none is printed.
import { readSecret } from '../adapters/alert-sources/secrets.ts';
import type { SourceWorld } from '../adapters/alert-sources/source-type.ts';
import { systemClock } from '../adapters/clock.ts';
import { localFiles } from '../adapters/files.ts';
import { alertOf } from '../detector/alert.ts';
import type { Detection } from '../detector/detection.ts';
import { createDetector } from '../detector/detector.ts';
import { type Redactor, redactor } from '../engine/redact.ts';
import { parseDuration } from '../language/duration.ts';
import { evaluate, evaluateCel } from '../language/expression.ts';
import { hintFor } from '../language/suggest.ts';
import type { Cluster } from '../ports/cluster.ts';
import { Failure } from '../ports/failure.ts';
import type { Observation } from '../ports/observations.ts';
import { safe } from '../reporters/format.ts';
import { detectionsFolder, loadDetections } from './detections.ts';
import type { Session } from './session.ts';
import { UsageError } from './usage-error.ts';

export interface SourceSurroundings {
  world: SourceWorld;
  /** Masks the secrets that were read until now. */
  redact(): Redactor;
}

/** `cluster` is asked for by sources that live in one; `observed` is told what sensors observe. */
export function sourceWorld(
  { env, stderr }: Pick<Session, 'env' | 'stderr'>,
  cluster: () => Promise<Cluster>,
  observed: (observation: Observation) => void = () => {},
): SourceSurroundings {
  const secrets = new Set<string>();
  return {
    redact: () => redactor([...secrets]),
    world: {
      clock: systemClock(),
      env,
      cluster,
      async secret(reference) {
        const secret = await readSecret(reference, env);
        secrets.add(secret);
        return secret;
      },
      cel: evaluateCel,
      fill: (value, run) => evaluate(value, { run }),
      duration: parseDuration,
      async detector(source, { folder = detectionsFolder, disabled = [] } = {}) {
        const { observe, failures, forgotten } = createDetector(await chosenRules(folder, disabled));
        return {
          evaluate(observation, seen) {
            observed(observation);
            return observe(observation).map((finding) => alertOf(finding, { source, seen }));
          },
          doubt() {
            const [failure] = failures();
            if (failure !== undefined) return `the rule ${failure[0]} could not be evaluated: ${failure[1]}`;
            return forgotten() > 0 ? 'more happened at once than rules of several events can remember' : undefined;
          },
        };
      },
      note: (text) => stderr(`${safe(text)}\n`),
    },
  };
}

/** The rules of the folder without those that are named. Throws Failure configuration where there is none of such a name, too. */
async function chosenRules(folder: string, disabled: readonly string[]): Promise<Detection[]> {
  const rules = await loadDetections(folder, localFiles()).catch((error: unknown) => {
    if (!(error instanceof UsageError)) throw error;
    throw new Failure('configuration', error.message, { hint: error.hint ?? `sim lint ${folder} tells what is wrong` });
  });
  const names = rules.map(({ name }) => name);
  for (const name of disabled) {
    if (names.includes(name)) continue;
    const hint = hintFor(name, names, 'there are');
    throw new Failure('configuration', `there is no detection rule \`${name}\` that could be disabled`, hint === undefined ? {} : { hint });
  }
  return rules.filter(({ name }) => !disabled.includes(name));
}
