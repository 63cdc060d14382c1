// The world of alert sources under test: the real language and secrets, the clock of the test.
import { readSecret } from '../../../src/adapters/alert-sources/secrets.ts';
import type { SourceWorld } from '../../../src/adapters/alert-sources/source-type.ts';
import { parseDuration } from '../../../src/language/duration.ts';
import { evaluate, evaluateCel } from '../../../src/language/expression.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import { Failure } from '../../../src/ports/failure.ts';

export interface TestWorld extends SourceWorld {
  readonly notes: string[];
}

export function testWorld(clock: Clock, change: Partial<SourceWorld> = {}): TestWorld {
  const notes: string[] = [];
  const env = change.env ?? {};
  return {
    clock,
    env,
    notes,
    cluster: async () => {
      throw new Failure('configuration', 'this test has no cluster');
    },
    secret: (reference) => readSecret(reference, env),
    cel: evaluateCel,
    fill: (value, run) => evaluate(value, { run }),
    duration: parseDuration,
    detector: async () => ({ evaluate: () => [], doubt: () => undefined }),
    note: (text) => void notes.push(text),
    ...change,
  };
}
