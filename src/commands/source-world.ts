// The world of alert sources, put together for one command; and every secret that they read, so that none is printed.
import { readSecret } from '../adapters/alert-sources/secrets.ts';
import type { SourceWorld } from '../adapters/alert-sources/source-type.ts';
import { systemClock } from '../adapters/clock.ts';
import { localFiles } from '../adapters/files.ts';
import { alertOf } from '../detector/alert.ts';
import { createDetector } from '../detector/detector.ts';
import { type Redactor, redactor } from '../engine/redact.ts';
import { parseDuration } from '../language/duration.ts';
import { evaluate, evaluateCel } from '../language/expression.ts';
import type { Cluster } from '../ports/cluster.ts';
import type { Observation } from '../ports/observations.ts';
import { safe } from '../reporters/format.ts';
import { detectionsFolder, loadDetections } from './detections.ts';
import type { Session } from './session.ts';

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
      async detector(source) {
        const { observe } = createDetector(await loadDetections(detectionsFolder, localFiles()));
        return (observation, seen) => {
          observed(observation);
          return observe(observation).map((finding) => alertOf(finding, { source, seen }));
        };
      },
      note: (text) => stderr(`${safe(text)}\n`),
    },
  };
}
