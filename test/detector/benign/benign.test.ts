// Ordinary workloads raise no alert. `npm run bench -- detect` does the same with a million programs.
import { expect, test } from 'vitest';
import { createDetector } from '../../../src/detector/detector.ts';
import { observationsOf } from '../../../src/detector/test-events.ts';
import { shippedDetections } from '../rules.ts';
import { controlPlane } from './control-plane.ts';
import { benign, workloads } from './workloads.ts';

const PROGRAMS = 20_000;

test(`${PROGRAMS} programs of ${Object.keys(workloads).length} ordinary workloads, and what they open and connect to`, () => {
  const detector = createDetector(shippedDetections());
  const wrong = new Map<string, string>();
  const programs = new Map<string, number>();
  let seen = 0;
  for (const observation of benign(7)) {
    for (const { detection } of detector.observe(observation))
      wrong.set(`${observation.workload}: ${detection.name}`, observation.kind === 'audit' ? '' : observation.process.arguments.join(' '));
    if (observation.kind !== 'process') continue;
    programs.set(observation.workload, (programs.get(observation.workload) ?? 0) + 1);
    if (++seen === PROGRAMS) break;
  }
  expect([...wrong]).toEqual([]);
  expect([...detector.failures()]).toEqual([]);
  expect(Object.keys(workloads).length).toBeGreaterThanOrEqual(10);
  expect([...programs.keys()].sort()).toEqual(Object.keys(workloads).sort());
});

test.each(Object.entries(controlPlane))('the control plane: %s', (_, events) => {
  const detector = createDetector(shippedDetections());
  const found = observationsOf(events).flatMap((observation) =>
    detector.observe(observation).map(({ detection }) => `${detection.name}: ${JSON.stringify(observation)}`),
  );
  expect(found).toEqual([]);
  expect([...detector.failures()]).toEqual([]);
});

test('an attack in the midst of it is found', () => {
  const detector = createDetector(shippedDetections());
  const found = new Set<string>();
  let seen = 0;
  for (const observation of benign(11)) {
    for (const { detection } of detector.observe(observation)) found.add(detection.name);
    if (++seen === 500)
      for (const attack of observationsOf([
        { argv: ['sh', '-c', 'echo d2hvYW1pOyBpZDsgdW5hbWUgLWE= | base64 -d | bash'], ancestors: [['php-fpm: pool www']] },
      ]))
        for (const { detection } of detector.observe(attack)) found.add(detection.name);
    if (seen === 1000) break;
  }
  expect([...found]).toEqual(['web-shell-command']);
});
