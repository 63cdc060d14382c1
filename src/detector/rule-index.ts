// Which rules an observation can concern at all. Most processes concern none, and cost a few look-ups.
import type { Observation, ObservedProcess } from '../ports/observations.ts';
import type { Detection } from './detection.ts';
import { type Facts, factsOf, namesOf, scriptOf } from './facts.ts';
import type { Matcher } from './matcher.ts';

export interface Entry {
  detection: Detection;
  matcher: Matcher;
}

/** The rules of one kind of observation. */
export interface RuleIndex {
  /** Those whose condition may be true, in their order, with the facts to ask it; undefined for none. */
  candidates(observation: Observation): { entries: readonly Entry[]; facts: Facts } | undefined;
}

export function indexOf(entries: readonly Entry[]): RuleIndex {
  const asked = entries.flatMap(({ matcher }, index) =>
    matcher.prefilter.raw === undefined ? [] : [{ index, raw: matcher.prefilter.raw }],
  );
  const byName = lookupOf(entries, ({ matcher }) => matcher.prefilter.names);
  const byArgument = lookupOf(entries, ({ matcher }) => matcher.prefilter.args);
  const byText = entries.map(({ matcher }) => patternOf(matcher.prefilter.texts));
  const anyText = patternOf(entries.flatMap(({ matcher }) => matcher.prefilter.texts));

  const inProcess = ({ executable, arguments: argv }: ObservedProcess): { found: Set<number>; script: string } => {
    const found = new Set<number>();
    const names = namesOf(executable, argv);
    const add = (known: readonly number[] | undefined) => {
      if (known !== undefined) for (const each of known) found.add(each);
    };
    for (const name of names) add(byName.get(name));
    for (let at = 1; at < argv.length; at++) add(byArgument.get(argv[at] as string));
    const script = scriptOf(names, argv.join(' '));
    if (anyText?.test(script)) for (const [index, pattern] of byText.entries()) if (pattern?.test(script)) found.add(index);
    return { found, script };
  };

  return {
    candidates(observation) {
      const { found, script } = observation.kind === 'audit' ? { found: new Set<number>() } : inProcess(observation.process);
      for (const { index, raw } of asked) if (raw(observation)) found.add(index);
      if (found.size === 0) return undefined;
      const facts = factsOf(observation, script);
      const some = [...found].sort((a, b) => a - b).map((index) => entries[index] as Entry);
      return { entries: some.filter(({ matcher }) => matcher.prefilter.may(facts)), facts };
    },
  };
}

function lookupOf(entries: readonly Entry[], valuesOf: (entry: Entry) => readonly string[]): ReadonlyMap<string, readonly number[]> {
  const lookup = new Map<string, number[]>();
  for (const [index, entry] of entries.entries())
    for (const value of new Set(valuesOf(entry))) lookup.set(value, [...(lookup.get(value) ?? []), index]);
  return lookup;
}

/** Plain texts only: no pattern that somebody wrote is run by this engine. */
const patternOf = (texts: readonly string[]): RegExp | undefined =>
  texts.length === 0 ? undefined : new RegExp([...new Set(texts)].map((text) => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')).join('|'));
