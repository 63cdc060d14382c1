// The rules of detections/: each does what its own tests say, whatever things are called, and each alert has a rule.
import { describe, expect, test } from 'vitest';
import { localFiles } from '../../src/adapters/files.ts';
import { matchesEntry } from '../../src/alerts/match.ts';
import { loadCatalogue } from '../../src/commands/package-files.ts';
import { alertOf } from '../../src/detector/alert.ts';
import { createDetector } from '../../src/detector/detector.ts';
import { factsOf } from '../../src/detector/facts.ts';
import { prefilterOf } from '../../src/detector/prefilter.ts';
import { failedTests, observationsOf } from '../../src/detector/test-events.ts';
import { parseCel } from '../../src/language/cel.ts';
import type { Observation } from '../../src/ports/observations.ts';
import { shippedDetections } from './rules.ts';

const rules = shippedDetections();
const catalogue = await loadCatalogue(localFiles());

/** The same with another namespace, pod and container: what a run calls its things. */
const renamed = (observation: Observation): Observation =>
  observation.kind === 'audit'
    ? observation
    : {
        ...observation,
        where: { node: 'n7', namespace: 'sim-x7', pod: 'p-1', podUid: 'u', container: 'c', containerId: `c-${observation.where.pod}` },
      };

describe.each(rules.map((rule) => [rule.name, rule] as const))('%s', (_, rule) => {
  test('finds what it must, and nothing else', () => expect(failedTests(rule)).toEqual([]));

  test('does so under other names, and beside all other rules', () => {
    for (const { name, events } of rule.tests.detects) {
      const detector = createDetector(rules);
      const found = observationsOf(events).flatMap((observation) => detector.observe(renamed(observation)));
      expect(
        found.map(({ detection }) => detection.name),
        name,
      ).toContain(rule.name);
      expect([...detector.failures()]).toEqual([]);
    }
  });

  test('raises an alert of which the catalogue knows what it means', () => {
    const observations = observationsOf(rule.tests.detects[0]?.events ?? []);
    const alert = alertOf({ detection: rule, observations, time: 0 }, { source: 'sensor', seen: 1 });
    const entries = [...catalogue.values()].filter((entry) => matchesEntry(entry, alert));
    expect(entries.map(({ id }) => id)).toEqual([rule.alert]);
  });

  test('is not on the lowest level of the pyramid', () => expect(rule.pyramid.level).toBeGreaterThan(1));
});

test('every alert of the catalogue has a rule, but that by which a product tests itself, and every rule its own id and title', () => {
  const own = [...catalogue.keys()].filter((id) => id !== 'test-alert');
  expect(new Set(rules.map(({ alert }) => alert))).toEqual(new Set(own));
  expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
  expect(new Set(rules.map(({ title }) => title)).size).toBe(rules.length);
});

test('no prefilter passes over what a condition is true for', () => {
  const events = rules.flatMap(({ tests }) => [...tests.detects, ...tests.ignores].flatMap((each) => observationsOf(each.events)));
  const conditions = rules.flatMap(({ condition, sequence }) =>
    condition === undefined ? (sequence?.steps.map((step) => step.condition) ?? []) : [condition],
  );
  let compared = 0;
  for (const condition of conditions) {
    const { may, names, args, texts, raw } = prefilterOf(condition);
    for (const event of events) {
      const facts = factsOf(event);
      let holds = false;
      try {
        holds = parseCel(condition).run(facts) === true;
      } catch {
        // Facts of another kind of observation.
      }
      if (!holds) continue;
      compared++;
      const process = facts.process as { names: string[]; args: string[]; script: string } | undefined;
      const looked =
        raw?.(event) === true ||
        names.some((name) => process?.names.includes(name)) ||
        args.some((arg) => process?.args.includes(arg)) ||
        texts.some((text) => process?.script.includes(text));
      expect({ condition, looked, may: may(facts) }).toEqual({ condition, looked: true, may: true });
    }
  }
  expect(compared).toBeGreaterThan(300);
});
