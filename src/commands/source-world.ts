// The world of alert sources, put together for one command; and every secret that they read, so that none is printed.
import { readSecret } from '../adapters/alert-sources/secrets.ts';
import type { SourceWorld } from '../adapters/alert-sources/source-type.ts';
import { systemClock } from '../adapters/clock.ts';
import { type Redactor, redactor } from '../engine/redact.ts';
import { parseDuration } from '../language/duration.ts';
import { evaluate, evaluateCel } from '../language/expression.ts';
import type { Cluster } from '../ports/cluster.ts';
import { safe } from '../reporters/format.ts';
import type { Session } from './session.ts';

export interface SourceSurroundings {
  world: SourceWorld;
  /** Masks the secrets that were read until now. */
  redact(): Redactor;
}

/** `cluster` is asked for by sources that live in one. */
export function sourceWorld({ env, stderr }: Pick<Session, 'env' | 'stderr'>, cluster: () => Promise<Cluster>): SourceSurroundings {
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
      note: (text) => stderr(`${safe(text)}\n`),
    },
  };
}
