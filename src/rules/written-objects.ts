// The objects that a playbook writes out, as far as they are known before a run, with what a run would say of each.
import { ExpressionError, sharingBudget } from '../language/cel.ts';
import type { WrittenChange } from '../language/definition.ts';
import type { Scope } from '../language/expression.ts';
import { evaluateKnown } from '../language/known.ts';
import type { Path, Playbook } from '../language/playbook.ts';
import { STAND_IN_RUN } from '../language/stand-in-run.ts';
import { allSteps } from '../language/step-tree.ts';
import { hasExpression } from '../language/template.ts';
import { isMap, type Mapping, mapAt } from '../language/untyped.ts';
import type { KubernetesObject } from '../ports/cluster.ts';
import { type ChangeRefusal, changeRefusal, mayBeMade } from '../reach/change.ts';
import { judgeInside, judgeOutside } from '../reach/judge.ts';
import { type Judgement, type Problem, refused } from '../reach/judgement.ts';
import { isClusterScoped } from '../reach/scope.ts';
import { runNames } from '../reach/shapes/shape.ts';
import { valuesIn } from './body.ts';
import { filesIn, objectsInText } from './files.ts';
import type { RuleContext, RuleFinding } from './rule.ts';

/** Two rules ask for them. */
const judged = new WeakMap<Playbook, Judgement>();

/** What a run would refuse, whatever the risk (`never`) or because of it (`high`), at its places in the playbook. */
export function refusalsIn(playbook: Playbook, context: RuleContext): Judgement {
  const known = judged.get(playbook);
  if (known !== undefined) return known;
  const all = [...sharingBudget(() => inBodies(playbook, context)), ...inManifests(playbook, context)];
  const found = { never: all.flatMap(({ never }) => never), high: all.flatMap(({ high }) => high) };
  judged.set(playbook, found);
  return found;
}

/** Findings of a rule, each sentence once at each place. */
export const findingsOf = (problems: readonly Problem[], hint: string): RuleFinding[] => [
  ...new Map(problems.map(({ says, path }) => [JSON.stringify([says, path]), { message: says, path, hint }])).values(),
];

function inBodies(playbook: Playbook, { steps }: RuleContext): Judgement[] {
  const scope = scopeOf(playbook);
  return allSteps(playbook).flatMap(({ path, type, body }) => {
    const definition = steps.find((each) => each.type === type);
    if (definition?.written === undefined && definition?.changes === undefined) return [];
    const known = knownPart(body, scope);
    const base = [...path, type];
    const changes = (definition.changes?.(known) ?? []).map((each) => ({ ...each, refusal: refusalOf(each) }));
    const refused = changes.flatMap(({ path: named, content, refusal }): Judgement[] => {
      if (refusal === undefined) return [];
      const { says, inContent } = refusal;
      const place = inContent === undefined || content === undefined ? named : [...content.path, ...inContent];
      return [{ never: [{ says, path: [...base, ...place] }], high: [] }];
    });
    const contents = changes.flatMap(({ content, refusal }) => (refusal === undefined && content !== undefined ? [content] : []));
    const judged = [...(definition.written?.(known) ?? []), ...contents].map(({ path: inside, object }) => {
      const at = ({ says, path: place }: Problem) => ({ says, path: [...base, ...inside, ...place] });
      const isSure = ({ path: place }: Problem) => isKnown(object, place);
      const { never, high } = judge(object, playbook);
      return { never: never.filter(isSure).map(at), high: high.filter(isSure).map(at) };
    });
    return [...refused, ...judged];
  });
}

/** Why a run would not ask for a change, as far as it is known which object is meant. */
function refusalOf({ change, content }: WrittenChange): ChangeRefusal | undefined {
  const { namespace: own } = STAND_IN_RUN;
  const { apiVersion, kind, namespace = own, name } = change;
  if ([apiVersion, kind, namespace].some(hasExpression)) return undefined;
  const named = { apiVersion, kind, ...(isClusterScoped(change) ? {} : { namespace }), ...(name === undefined ? {} : { name }) };
  const isMade = (each: { apiVersion: string; kind: string; name?: string }) => hasExpression(each.name ?? '') || mayBeMade(each, own);
  return changeRefusal(named, content?.object, { namespace: own, isMade });
}

/** Nothing in a file of manifests is an expression. */
const inManifests = (playbook: Playbook, context: RuleContext): Judgement[] =>
  filesIn(playbook, context).flatMap(({ path, kind, found }) => {
    if (kind !== 'manifest' || found.kind !== 'file') return [];
    const at = ({ says }: Problem) => ({ says, path });
    return objectsInText(found.text).map((object) => {
      const { never, high } = judge(object, playbook);
      return { never: never.map(at), high: high.map(at) };
    });
  });

function judge(written: Mapping, { metadata: { risk } }: Playbook): Judgement {
  const { namespace: own } = STAND_IN_RUN;
  const object = objectOf(written);
  const { apiVersion, kind, metadata } = object;
  if (hasExpression(apiVersion) || hasExpression(kind)) return { never: [], high: [] };
  const { namespace = own } = metadata;
  // What is refused in the run's namespace is refused in any other, too.
  const isInside = !isClusterScoped(object) && (namespace === own || hasExpression(namespace));
  const place = isClusterScoped(object) ? {} : { namespace };
  const run = runNames(own);
  return refused(object, isInside ? judgeInside(object, run) : judgeOutside(object, place, run), risk);
}

/** What is no text where Kubernetes has one is as good as absent. */
function objectOf(written: Mapping): KubernetesObject {
  const { name, namespace, ...metadata } = mapAt(written, 'metadata');
  return {
    ...written,
    apiVersion: String(written.apiVersion),
    kind: String(written.kind),
    metadata: {
      ...(typeof name === 'string' ? { name } : {}),
      ...(typeof namespace === 'string' ? { namespace } : {}),
      ...metadata,
    },
  };
}

/** Longer values, as JSON, are not put into others: a playbook may be hostile, and repeat them thousands of times. */
const LONGEST_VALUE = 1000;

/** What expressions can read before a run: the defaults of inputs, and a run that could be. */
function scopeOf({ inputs: declared, variables: written, metadata }: Playbook): Scope {
  const inputs: Record<string, unknown> = Object.create(null);
  const variables: Record<string, unknown> = Object.create(null);
  const scope: Scope = { inputs, variables, run: { ...STAND_IN_RUN, playbook: metadata.name } };
  for (const [name, input] of Object.entries(declared)) if (isShort(input.default)) inputs[name] = input.default;
  for (const [name, value] of Object.entries(written)) {
    const known = unlessFailing(() => evaluateKnown(value, scope));
    if (known?.isWhole && isShort(known.value)) variables[name] = known.value;
  }
  return scope;
}

const isShort = (value: unknown): boolean => value !== undefined && JSON.stringify(value).length <= LONGEST_VALUE;

/** As evaluateKnown; an expression that fails stays as it is written, too. */
function knownPart(value: unknown, scope: Scope): unknown {
  const known = unlessFailing(() => evaluateKnown(value, scope));
  if (known !== undefined) return known.value;
  if (Array.isArray(value)) return value.map((item) => knownPart(item, scope));
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, knownPart(item, scope)]));
}

function unlessFailing<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}

const isUnknown = (value: unknown): boolean => typeof value === 'string' && hasExpression(value);

/** Whether no expression decides what stands on the way to a place, or in it. */
function isKnown(object: unknown, path: Path): boolean {
  let value = object;
  for (const key of path) {
    if (isUnknown(value)) return false;
    value = typeof value === 'object' && value !== null ? (value as Record<string | number, unknown>)[key] : undefined;
  }
  return !valuesIn(value, []).some((each) => isUnknown(each.value));
}
