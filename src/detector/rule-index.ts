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
  const inText = textLookup(lookupOf(entries, ({ matcher }) => matcher.prefilter.texts));

  const inProcess = ({ executable, arguments: argv }: ObservedProcess): { found: Set<number>; script: string } => {
    const found = new Set<number>();
    const names = namesOf(executable, argv);
    const add = (known: readonly number[] | undefined) => {
      if (known !== undefined) for (const each of known) found.add(each);
    };
    for (const name of names) add(byName.get(name));
    for (let at = 1; at < argv.length; at++) add(byArgument.get(argv[at] as string));
    const script = scriptOf(names, argv.join(' '));
    inText(script, add);
    return { found, script };
  };

  return {
    candidates(observation) {
      const { found, script } = observation.kind === 'audit' ? { found: new Set<number>() } : inProcess(observation.process);
      for (const { index, raw } of asked) if (raw(observation)) found.add(index);
      if (found.size === 0) return undefined;
      const facts = factsOf(observation, script);
      const some: number[] = [];
      for (const index of found) if (entries[index]?.matcher.prefilter.may(facts)) some.push(index);
      if (some.length === 0) return undefined;
      return { entries: some.sort((a, b) => a - b).map((index) => entries[index] as Entry), facts };
    },
  };
}

function lookupOf(entries: readonly Entry[], valuesOf: (entry: Entry) => readonly string[]): ReadonlyMap<string, readonly number[]> {
  const lookup = new Map<string, number[]>();
  for (const [index, entry] of entries.entries())
    for (const value of new Set(valuesOf(entry))) lookup.set(value, [...(lookup.get(value) ?? []), index]);
  return lookup;
}

/** Says of each text that is part of a script whose it is. One pass, whatever the number of texts; they are plain, no pattern that somebody wrote. */
function textLookup(lookup: ReadonlyMap<string, readonly number[]>): (script: string, add: (known: readonly number[]) => void) => void {
  if (lookup.size === 0) return () => undefined;
  // Of two texts that begin at one place the longer one is found, and stands for the shorter one, too.
  const texts = [...lookup.keys()].sort((a, b) => b.length - a.length);
  const meant = new Map(
    texts.map((text) => [text, texts.filter((each) => text.startsWith(each)).flatMap((each) => lookup.get(each) ?? [])]),
  );
  const any = texts.map((text) => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')).join('|');
  const first = new RegExp(any);
  const each = new RegExp(`(?=(${any}))`, 'g');
  return (script, add) => {
    // Most scripts hold none, and that is quickly seen.
    const start = script.search(first);
    if (start === -1) return;
    each.lastIndex = start;
    for (let match = each.exec(script); match !== null; match = each.exec(script)) {
      add(meant.get(match[1] as string) as number[]);
      each.lastIndex++;
    }
  };
}
