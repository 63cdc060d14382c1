// A rule of SigmaHQ, evaluated over the same observations as our own: the judge must not only grade itself.
import { readYaml } from '../../language/located.ts';
import { isMap, listAt, type Mapping, mapAt, textOf } from '../../language/untyped.ts';
import type { Observation } from '../../ports/observations.ts';
import type { Level } from '../detection.ts';
import type { Detector, Rule } from '../detector.ts';
import { conditionOf } from './condition.ts';
import { hasField } from './fields.ts';
import { type Question, questionOf, Unsupported } from './values.ts';

export interface SigmaRule {
  kind: Observation['kind'];
  rule: Rule;
  ask: Question;
  /** Fields that no observation has, for a note. */
  blind: string[];
}

const LEVELS: readonly string[] = ['informational', 'low', 'medium', 'high', 'critical'] satisfies Level[];

/** `name`: of the file. Returns a sentence where the rule is for another log source, or says what is not known here. Never throws. */
export function readSigmaRule(name: string, text: string): SigmaRule | string {
  const { located } = readYaml(text);
  const value = located?.value;
  if (!isMap(value) || !isMap(value.detection)) return 'it is no Sigma rule of one document';
  const kind = kindOf(mapAt(value, 'logsource'));
  if (kind === undefined) return 'its log source is neither the Kubernetes audit log nor processes on Linux';
  try {
    const { condition, timeframe, ...selections } = value.detection;
    if (timeframe !== undefined) return 'it counts within a time, which is not known here';
    const conditions = Array.isArray(condition) ? condition.map(textOf) : [textOf(condition)];
    const questions = new Map(Object.entries(selections).map(([key, each]) => [key, selectionOf(each, kind)]));
    const asks = conditions.map((each) => conditionOf(each, questions));
    const level = textOf(value.level);
    return {
      kind,
      rule: {
        id: textOf(value.id),
        name,
        title: textOf(value.title) || name,
        level: LEVELS.includes(level) ? (level as Level) : 'medium',
        tags: listAt(value, 'tags').map(textOf),
        alert: '',
      },
      ask: (observation) => asks.some((ask) => ask(observation)),
      blind: [...new Set(fieldsIn(Object.values(selections)))].filter((field) => !hasField(kind, field)),
    };
  } catch (error) {
    if (error instanceof Unsupported) return error.message;
    throw error;
  }
}

function kindOf({ product, category, service }: Mapping): Observation['kind'] | undefined {
  if (product === 'kubernetes' && service === 'audit') return 'audit';
  return product === 'linux' && category === 'process_creation' ? 'process' : undefined;
}

/** A map: all of its fields. A list: one of its maps, or of its words anywhere. */
function selectionOf(value: unknown, kind: Observation['kind']): Question {
  if (isMap(value)) {
    const questions = Object.entries(value).map(([key, wanted]) => questionOf(key, wanted));
    return (observation) => questions.every((ask) => ask(observation));
  }
  if (!Array.isArray(value)) return keywordOf(textOf(value), kind);
  const questions = value.map((each: unknown) => (isMap(each) ? selectionOf(each, kind) : keywordOf(textOf(each), kind)));
  return (observation) => questions.some((ask) => ask(observation));
}

function keywordOf(word: string, kind: Observation['kind']): Question {
  if (kind !== 'audit') return questionOf('CommandLine|contains', word);
  const wanted = word.toLowerCase();
  return (observation) => observation.kind === 'audit' && JSON.stringify(observation.event).toLowerCase().includes(wanted);
}

const fieldsIn = (values: readonly unknown[]): string[] =>
  values.flatMap((value) =>
    Array.isArray(value) ? fieldsIn(value) : isMap(value) ? Object.keys(value).map((key) => key.split('|')[0] ?? '') : [],
  );

/** The rules as a detector like that of our own. */
export function sigmaDetector(rules: readonly SigmaRule[]): Detector {
  const byKind = Map.groupBy(rules, ({ kind }) => kind);
  return {
    observe: (observation) =>
      (byKind.get(observation.kind) ?? [])
        .filter(({ ask }) => ask(observation))
        .map(({ rule }) => ({ detection: rule, observations: [observation], time: observation.time })),
    failures: () => new Map(),
    forgotten: () => 0,
  };
}
