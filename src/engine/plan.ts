// What a run will do, known before it: objects, images, step texts, permissions, expected alerts.
import { ExpressionError, parseCel } from '../language/cel.ts';
import { checkBody } from '../language/check-body.ts';
import { evaluate, resolveVariables, type Scope } from '../language/expression.ts';
import type { Playbook, Step } from '../language/playbook.ts';
import { hasExpression, parseTemplate } from '../language/template.ts';
import type { ApiResource, KubernetesObject } from '../ports/cluster.ts';
import { Failure } from '../ports/failure.ts';
import type { AlertExpectation, Permission, PlanContext, StepDefinition } from '../steps/step.ts';
import { refusals } from './confine.ts';
import { factsOf, isRuledOut } from './run-step.ts';

export interface Plan {
  objects: KubernetesObject[];
  images: string[];
  /** One line per step that does something. */
  steps: { key: string; name: string; attack: string[]; text: string }[];
  permissions: Permission[];
  expectations: AlertExpectation[];
}

/** What the tool itself does in every run (engine/create.ts, pods.ts, cleanup.ts). */
const OWN_PERMISSIONS: readonly Permission[] = [
  ...['get', 'create', 'patch', 'delete', 'list', 'watch'].map((verb) => ({ verb, group: '', resource: 'namespaces', cluster: true })),
  ...['list', 'watch', 'delete'].map((verb) => ({ verb, group: '', resource: 'pods' })),
  ...['list', 'watch'].map((verb) => ({ verb, group: '', resource: 'serviceaccounts' })),
];

/** Renders the objects and evaluates what is known. Throws Failure: invalid where an expression fails or a body does not fit, a broken chart. */
export async function planPlaybook(
  playbook: Playbook,
  inputs: Record<string, unknown>,
  context: PlanContext,
  definitions: readonly StepDefinition[],
): Promise<Plan> {
  const variables = told('variables', () => resolveVariables(playbook.variables, { inputs, run: context.run }));
  // Without `steps`, so that what reads an output is unknown and not false.
  const scope: Scope = { inputs, variables, run: context.run };
  const planned = await Promise.all(
    [...playbook.steps, ...playbook.finally].map(async (step) => {
      const definition = definitions.find(({ type }) => type === step.type);
      if (definition === undefined || isRuledOut(step, scope)) return undefined;
      const body = bodyOf(step, definition, scope);
      const { key, name, attack } = factsOf(step);
      return {
        line: definition.run === undefined ? [] : [{ key, name, attack, text: definition.plan(body) }],
        objects: (await definition.objects?.(body, context)) ?? [],
        permissions: definition.permissions?.(body) ?? [],
        expectations: definition.expects === undefined ? [] : [definition.expects(body)],
      };
    }),
  );
  const done = planned.filter((each) => each !== undefined);
  const objects = done.flatMap((each) => each.objects);
  return {
    objects,
    images: [...new Set(objects.flatMap((object) => imagesIn(object)))].sort(),
    steps: done.flatMap(({ line }) => line),
    permissions: done.flatMap(({ permissions }) => permissions),
    expectations: done.flatMap(({ expectations }) => expectations),
  };
}

/** Every permission of a plan, each once; `resources` says which plural a kind has. */
export function permissionsOf(plan: Plan, resources: readonly ApiResource[]): Permission[] {
  const forObjects = plan.objects.flatMap(({ apiVersion, kind }): Permission[] => {
    const found = resources.find((each) => each.apiVersion === apiVersion && each.kind === kind);
    if (found === undefined) return [];
    const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
    return ['create', 'patch', 'get', 'delete'].map((verb) => ({ verb, group, resource: found.resource }));
  });
  const all = [...OWN_PERMISSIONS, ...forObjects, ...plan.permissions];
  return [...new Map(all.map((each) => [[each.verb, each.group, each.resource, each.cluster === true].join(' '), each])).values()];
}

/** Why the plan's objects cannot be created here. */
export function planRefusals(plan: Plan, playbook: Playbook, namespace: string, resources: readonly ApiResource[]): string[] {
  return plan.objects.flatMap((object) => refusals(object, { namespace, risk: playbook.metadata.risk, resources }));
}

/** The body as far as it is known; where all of it is, checked as it will be before the step. */
function bodyOf(step: Step, definition: StepDefinition, scope: Scope): unknown {
  return told(`step "${step.name}"`, () => {
    const { value, isWhole } = evaluateKnown(step.body, scope);
    const wrong = isWhole ? checkBody(definition, value) : [];
    if (wrong.length > 0) throw new Failure('invalid', `step "${step.name}": ${wrong.join('; ')}`);
    return value;
  });
}

function told<T>(where: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ExpressionError) throw new Failure('invalid', `${where}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** As evaluate, but a text that reads a step's output stays as it is written. */
function evaluateKnown(value: unknown, scope: Scope): { value: unknown; isWhole: boolean } {
  if (typeof value === 'string') return readsSteps(value) ? { value, isWhole: false } : { value: evaluate(value, scope), isWhole: true };
  if (typeof value !== 'object' || value === null) return { value, isWhole: true };
  const entries = Object.entries(value).map(([key, item]) => [key, evaluateKnown(item, scope)] as const);
  const isWhole = entries.every(([, known]) => known.isWhole);
  if (Array.isArray(value)) return { value: entries.map(([, known]) => known.value), isWhole };
  return { value: Object.fromEntries(entries.map(([key, known]) => [key, known.value])), isWhole };
}

function readsSteps(text: string): boolean {
  const pieces = hasExpression(text) ? parseTemplate(text) : [];
  return (
    Array.isArray(pieces) &&
    pieces.some((piece) => 'expression' in piece && parseCel(piece.expression).references.some(({ root }) => root === 'steps'))
  );
}

function imagesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(imagesIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => (key === 'image' && typeof item === 'string' ? [item] : imagesIn(item)));
}
