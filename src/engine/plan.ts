// What a run will do, known before it: objects, images, step texts, permissions, expected alerts.
import { ExpressionError } from '../language/cel.ts';
import { checkBody } from '../language/check-body.ts';
import type { Scope } from '../language/expression.ts';
import { resolveInputs } from '../language/inputs.ts';
import { evaluateKnown, knownOf, knownVariables } from '../language/known.ts';
import type { Playbook, Step, StepList, Use } from '../language/playbook.ts';
import type { ApiResource, KubernetesObject } from '../ports/cluster.ts';
import { Failure } from '../ports/failure.ts';
import type { AlertExpectation, Permission, PlanContext, StepDefinition } from '../steps/step.ts';
import { outsideOf, refusals } from './confine.ts';
import { keyOf } from './events.ts';
import { factsOf } from './frame.ts';
import { runIdOf } from './identity.ts';
import { isRuledOut } from './run-step.ts';

export interface Plan {
  objects: KubernetesObject[];
  images: string[];
  /** One line per step that does something. */
  steps: { key: string; name: string; attack: string[]; text: string }[];
  permissions: Permission[];
  expectations: AlertExpectation[];
  /** Objects outside of the run's namespace. */
  outside: KubernetesObject[];
  /** Namespaces whose pods it attacks though they are not the run's own. */
  targets: string[];
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
  const parts = await planList({ list: playbook, inputs, context, prefix: '' }, { definitions, folder: context.folder });
  const objects = parts.flatMap((each) => each.objects);
  return {
    objects,
    images: [...new Set(objects.flatMap((object) => imagesIn(object)))].sort(),
    steps: parts.flatMap(({ line }) => line),
    permissions: located(parts),
    expectations: parts.flatMap(({ expectations }) => expectations),
    outside: outsideOf(objects, context.run.namespace),
    targets: [...new Set(parts.flatMap(({ targets }) => targets))].filter((namespace) => namespace !== context.run.namespace).sort(),
  };
}

/** Permissions with the namespace of the role that they name, where its pods are not the run's own. */
function located(parts: readonly Part[]): Permission[] {
  const places = new Map(parts.flatMap(({ roles }) => Object.entries(roles)));
  return parts
    .flatMap(({ permissions }) => permissions)
    .map(({ role, ...permission }) => {
      const namespace = role === undefined ? undefined : places.get(role);
      return namespace === undefined ? permission : { ...permission, namespace };
    });
}

/** What one step adds to a plan. */
type Part = Pick<Plan, 'objects' | 'permissions' | 'expectations' | 'targets'> & { line: Plan['steps']; roles: Record<string, string> };

/** The steps of one file, with the inputs that are known. */
interface PlannedList {
  list: StepList;
  inputs: Record<string, unknown>;
  context: PlanContext;
  prefix: string;
}

interface Planning {
  definitions: readonly StepDefinition[];
  /** Folder of the playbook that was asked for. */
  folder: string;
}

async function planList({ list, inputs, context, prefix }: PlannedList, planning: Planning): Promise<Part[]> {
  const { run } = context;
  // Without `steps`, so that what reads an output is unknown and not false.
  const scope: Scope = { inputs, run, variables: told('variables', () => knownVariables(list.variables, { inputs, run })) };
  const planStep = async (step: Step): Promise<Part[]> => {
    if (isRuledOut(step, scope)) return [];
    if (step.parallel !== undefined) return (await Promise.all(step.parallel.map(planStep))).flat();
    if (step.uses !== undefined) return await planUsed(step, step.uses, { scope, context, prefix }, planning);
    const definition = planning.definitions.find(({ type }) => type === step.type);
    if (definition === undefined) return [];
    const body = bodyOf(step, definition, scope);
    const { key, name, attack } = factsOf(step, { prefix });
    return [
      {
        line: definition.run === undefined ? [] : [{ key, name, attack, text: definition.plan(body) }],
        objects: (await definition.objects?.(body, context)) ?? [],
        permissions: definition.permissions?.(body) ?? [],
        targets: definition.targets?.(body) ?? [],
        roles: definition.roles?.(body) ?? {},
        expectations: definition.expects === undefined ? [] : [definition.expects(body)],
      },
    ];
  };
  return (await Promise.all([...list.steps, ...list.finally].map(planStep))).flat();
}

/** The steps of the file that a step uses; one step inside goes by the name of the step outside. */
async function planUsed(
  step: Step,
  { with: given, definition }: Use,
  { scope, context, prefix }: { scope: Scope; context: PlanContext; prefix: string },
  planning: Planning,
): Promise<Part[]> {
  const { folder } = planning;
  const inputs = told(`step "${step.name}"`, () => {
    const known = knownOf(given, scope);
    // What is given but not known yet has no value, not its default.
    const settled = Object.entries(definition.inputs).filter(([name]) => Object.hasOwn(known, name) || !Object.hasOwn(given, name));
    const { values, problems } = resolveInputs({ inputs: Object.fromEntries(settled) }, known);
    if (problems.length > 0) throw new Failure('invalid', `step "${step.name}": ${problems.join('; ')}`);
    return values;
  });
  const parts = await planList(
    {
      list: definition,
      inputs,
      context: { ...context, folder: definition.folder === '' ? folder : `${folder}/${definition.folder}` },
      prefix: `${prefix}${keyOf(step.path)}/`,
    },
    planning,
  );
  const lines = parts.flatMap(({ line }) => line);
  const named = (line: Plan['steps'][number]) => ({
    ...line,
    name: lines.length === 1 ? step.name : `${step.name}: ${line.name}`,
    attack: step.attack.length > 0 ? step.attack : line.attack,
  });
  return parts.map((part) => ({ ...part, line: part.line.map(named) }));
}

/** Every permission of a plan, each once; `resources` says which plural a kind has. */
export function permissionsOf(plan: Plan, resources: readonly ApiResource[]): Permission[] {
  const forObjects = plan.objects.flatMap(({ apiVersion, kind, metadata: { namespace = '' } }): Permission[] => {
    const found = resources.find((each) => each.apiVersion === apiVersion && each.kind === kind);
    if (found === undefined) return [];
    const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
    const isElsewhere = found.namespaced && namespace !== '' && runIdOf(namespace) === undefined;
    const where = found.namespaced ? (isElsewhere ? { namespace } : {}) : { cluster: true };
    // Outside of the run's namespace the end of a pod is waited for one by one (engine/removal.ts).
    const watching = isElsewhere && kind === 'Pod' ? ['list', 'watch'] : [];
    return ['create', 'patch', 'get', 'delete', ...watching].map((verb) => ({ verb, group, resource: found.resource, ...where }));
  });
  const all = [...OWN_PERMISSIONS, ...forObjects, ...plan.permissions];
  const textOf = ({ verb, group, resource, namespace = '', cluster = false }: Permission) =>
    [verb, group, resource, namespace, cluster].join(' ');
  return [...new Map(all.map((each) => [textOf(each), each])).values()];
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

function imagesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(imagesIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => (key === 'image' && typeof item === 'string' ? [item] : imagesIn(item)));
}
