// The rules of detections/: each does what its own tests say.
import { describe, expect, test } from 'vitest';
import { failedTests } from '../../src/detector/test-events.ts';
import { shippedDetections } from './rules.ts';

const rules = shippedDetections();

describe.each(rules.map((rule) => [rule.name, rule] as const))('%s', (_, rule) => {
  test('finds what it must, and nothing else', () => expect(failedTests(rule)).toEqual([]));
});
