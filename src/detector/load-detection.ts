// From the text of a file of detections/ to a rule, or to what is wrong with it. No IO, no exception.
import { techniqueOf } from '../language/attack.ts';
import { ATTACK_VERSION } from '../language/attack-data.ts';
import { checkCel } from '../language/check-expression.ts';
import { locateProblem, reportExpression } from '../language/check-places.ts';
import type { Diagnostic } from '../language/diagnostic.ts';
import { parseDuration } from '../language/duration.ts';
import { readSource } from '../language/load.ts';
import type { Located } from '../language/located.ts';
import type { Path } from '../language/playbook.ts';
import { checkSchema } from '../language/schema-check.ts';
import type { Source } from '../language/source.ts';
import { nearest } from '../language/suggest.ts';
import { isMap, listAt, mapAt } from '../language/untyped.ts';
import { type Category, type Detection, KINDS } from './detection.ts';
import { detectionSchema } from './detection-schema.ts';
import { FACT_NAMES } from './facts.ts';
import { LISTS } from './lists.ts';
import { kindOfEvent } from './test-events.ts';

/** `alerts`: ids of the catalogue; absent where it is not at hand, and then nothing is said about them. */
export function loadDetection(
  source: Source,
  { alerts }: { alerts?: readonly string[] | undefined } = {},
): { detection?: Detection; diagnostics: Diagnostic[] } {
  const { located, diagnostics } = readSource(source);
  if (located === undefined) return { diagnostics };
  const { problems } = checkSchema(detectionSchema, located.value, { name: 'the rule', expressions: false });
  const found = problems.map((problem) => locateProblem(located, problem, []));
  const report = (diagnostic: Diagnostic) => found.push(diagnostic);
  for (const each of conditionsIn(located.value)) checkCondition(located, each, report);
  checkMeaning(located, alerts, report);
  checkName(located, source, report);
  if (found.some(({ severity }) => severity === 'error')) return { diagnostics: found };
  return { detection: build(located.value as Written), diagnostics: found };
}

type Report = (diagnostic: Diagnostic) => void;

interface Place {
  path: Path;
  category: unknown;
  /** Whether it must give true or false. */
  condition: boolean;
}

/** Where CEL stands. */
function conditionsIn(value: unknown): Place[] {
  const { category } = mapAt(value, 'logsource');
  const steps = listAt(mapAt(value, 'sequence'), 'steps');
  return [
    { path: ['condition'], category, condition: true },
    { path: ['threshold', 'distinct'], category, condition: false },
    ...steps.flatMap((step, index) => {
      const own = isMap(step) && step.category !== undefined ? step.category : category;
      return ['condition', 'key'].map((key) => ({
        path: ['sequence', 'steps', index, key],
        category: own,
        condition: key === 'condition',
      }));
    }),
  ];
}

function checkCondition(located: Located, { path, category, condition }: Place, report: Report): void {
  const text = path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined),
    located.value,
  );
  if (typeof text !== 'string' || text.length === 0 || text.length > 4096) return;
  // Of a category that does not exist nothing is known; that is told already.
  const facts = FACT_NAMES[category as Category] ?? Object.values(FACT_NAMES).flat();
  reportExpression(located, path, checkCel(text, { other: [...facts, ...Object.keys(LISTS)] }, { condition }), report);
}

function checkMeaning(located: Located, alerts: readonly string[] | undefined, report: Report): void {
  const { value } = located;
  if (!isMap(value)) return;
  const error = (rule: string, path: Path, message: string, hint?: string) =>
    report({ rule, severity: 'error', message, span: located.spanOf(path), ...(hint === undefined ? {} : { hint }) });
  const { alert } = value;
  if (alerts !== undefined && typeof alert === 'string' && !alerts.includes(alert)) {
    const meant = nearest(alert, alerts);
    error(
      'unknown-alert',
      ['alert'],
      `the catalogue has no alert \`${alert}\``,
      meant === undefined ? `the catalogue has ${alerts.length} alerts: the files in alerts/` : `did you mean \`${meant}\`?`,
    );
  }
  const tags = listAt(value, 'tags');
  for (const [index, tag] of tags.entries()) {
    if (typeof tag !== 'string' || !/^attack\.t\d/.test(tag)) continue;
    const id = tag.slice('attack.'.length).toUpperCase();
    if (techniqueOf(id) === undefined)
      error('unknown-attack-technique', ['tags', index], `ATT&CK ${ATTACK_VERSION} has no technique \`${id}\` in use`);
  }
  if (tags.length > 0 && !tags.some((tag) => typeof tag === 'string' && /^attack\.t\d/.test(tag)))
    error('wrong-value', ['tags'], '`tags` names no technique of ATT&CK', 'add one such as `attack.t1046`');
  checkTests(value, error);
}

function checkName(located: Located, { name: file }: Source, report: Report): void {
  const { name } = isMap(located.value) ? located.value : {};
  const called = file
    .split(/[\\/]/)
    .at(-1)
    ?.replace(/\.ya?ml$/, '');
  if (file === '-' || typeof name !== 'string' || name === called) return;
  const message = `the name is \`${name}\`, but the file is called \`${called}\``;
  report({ rule: 'name-not-filename', severity: 'warning', message, span: located.spanOf(['name']) });
}

/** Events that the rule cannot be asked about would let a test pass that proves nothing. */
function checkTests(value: Record<string, unknown>, error: (rule: string, path: Path, message: string, hint?: string) => void): void {
  const { category } = mapAt(value, 'logsource');
  const kinds = new Set(
    [category, ...listAt(mapAt(value, 'sequence'), 'steps').map((step) => (isMap(step) ? step.category : undefined))].flatMap((each) =>
      typeof each === 'string' && Object.hasOwn(KINDS, each) ? [KINDS[each as Category]] : [],
    ),
  );
  for (const list of ['detects', 'ignores'])
    for (const [index, test] of listAt(mapAt(value, 'tests'), list).entries())
      for (const [number, event] of listAt(test, 'events').entries()) {
        if (!isMap(event)) continue;
        const path = ['tests', list, index, 'events', number];
        const kind = kindOfEvent(event);
        if (kind === undefined) error('wrong-value', path, 'the event says nothing', 'give it `argv`, `path`, `address` or `verb`');
        else if (kinds.size > 0 && !kinds.has(kind)) error('wrong-value', path, `the rule looks at no ${kind} events`);
      }
}

/** What the schema lets through. */
interface Written extends Omit<Detection, 'threshold' | 'sequence' | 'references'> {
  references?: string[];
  threshold?: Omit<NonNullable<Detection['threshold']>, 'within'> & { within: string };
  sequence?: Omit<NonNullable<Detection['sequence']>, 'within'> & { within: string };
}

function build({ threshold, sequence, references = [], ...rest }: Written): Detection {
  return {
    ...rest,
    references,
    ...(threshold === undefined ? {} : { threshold: { ...threshold, within: parseDuration(threshold.within) ?? 0 } }),
    ...(sequence === undefined ? {} : { sequence: { ...sequence, within: parseDuration(sequence.within) ?? 0 } }),
  };
}
