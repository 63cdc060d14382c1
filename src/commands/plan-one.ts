// The plan of one playbook, with all that is known of its steps; where helm is missing, the rest is planned all the same.
import { type Plan, permissionsOf, planPlaybook, planRefusals } from '../engine/plan.ts';
import { STAND_IN_RUN } from '../language/stand-in-run.ts';
import { hasExpression, parseTemplate } from '../language/template.ts';
import type { Charts } from '../ports/charts.ts';
import type { ApiResource } from '../ports/cluster.ts';
import { Failure } from '../ports/failure.ts';
import type { Files } from '../ports/files.ts';
import type { PlannedPlaybook } from '../reporters/plan-page.ts';
import { stepTypes } from '../steps/index.ts';
import { knownKind } from '../steps/kinds.ts';
import type { StepDefinition } from '../steps/step.ts';
import type { ReadyPlaybook } from './playbook-source.ts';

interface Surroundings {
  charts: Charts;
  files: Files;
  signal: AbortSignal;
  /** Of the cluster, where one is asked. */
  kubeVersion?: string;
  resources?: readonly ApiResource[];
}

/** Plans; throws Failure where a chart is broken or an expression fails. */
export async function planOne({ playbook, folder, inputs, secrets }: ReadyPlaybook, around: Surroundings): Promise<PlannedPlaybook> {
  const { charts, files, signal, kubeVersion, resources } = around;
  const { steps, detailsOf } = listening(stepTypes);
  const { name, title, description, risk } = playbook.metadata;
  const run = { ...STAND_IN_RUN, playbook: name };
  const context = { run, folder, charts, files, signal, ...(kubeVersion === undefined ? {} : { kubeVersion }) };
  const plan = await planPlaybook(playbook, inputs, context, steps);
  const kinds = resources ?? knownResources(plan);
  const unknown = plan.objects.filter(
    ({ apiVersion, kind }) => !kinds.some((each) => each.apiVersion === apiVersion && each.kind === kind),
  );
  return {
    file: playbook.file,
    name,
    title,
    ...(description === undefined ? {} : { description }),
    risk,
    namespace: run.namespace,
    inputs: Object.fromEntries(Object.entries(inputs).map(([key, value]) => [key, secrets.includes(String(value)) ? '***' : value])),
    objects: plan.objects,
    outside: plan.outside.map(
      ({ kind, metadata: { name, namespace } }) => `${kind} ${name}${namespace === undefined ? '' : ` in ${namespace}`}`,
    ),
    targets: plan.targets,
    images: plan.images,
    steps: plan.steps.map(({ text, ...line }) => ({ ...line, ...detailsOf(text) })),
    permissions: permissionsOf(plan, kinds),
    unknownKinds: [...new Set(unknown.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`))],
    alerts: plan.expectations,
    // Of kinds that only a cluster knows, only a cluster can tell.
    refused: planRefusals(
      { ...plan, objects: plan.objects.filter((object) => resources !== undefined || !unknown.includes(object)) },
      playbook,
      run.namespace,
      kinds,
    ),
  };
}

interface Details {
  type: string;
  text: string;
  body: unknown;
  problem?: string;
}

/** The step types, remembering what they were asked: a plan holds a line of each step, and here is wanted all of it. */
function listening(definitions: readonly StepDefinition[]): { steps: StepDefinition[]; detailsOf(mark: string): Details } {
  const heard: Details[] = [];
  const bodies = new Map<unknown, Details>();
  const steps = definitions.map(
    (definition): StepDefinition => ({
      ...definition,
      plan(body) {
        const details = { type: definition.type, text: definition.plan(shown(body)), body: shown(body) };
        bodies.set(body, details);
        return String(heard.push(details) - 1);
      },
      async objects(body, context) {
        try {
          return (await definition.objects?.(body, context)) ?? [];
        } catch (error) {
          const details = bodies.get(body);
          if (!(error instanceof Failure) || error.code !== 'configuration' || details === undefined) throw error;
          details.problem = error.details.hint === undefined ? error.message : `${error.message}. ${error.details.hint}`;
          return [];
        }
      },
    }),
  );
  return { steps, detailsOf: (mark) => heard[Number(mark)] ?? { type: '', text: mark, body: undefined } };
}

/** What is still an expression in the body of a plan reads what only the run will know. */
function shown(value: unknown): unknown {
  if (typeof value === 'string') {
    const pieces = hasExpression(value) ? parseTemplate(value) : [];
    if (!Array.isArray(pieces) || pieces.length === 0) return value;
    return pieces.map((piece) => ('text' in piece ? piece.text : '<known at run time>')).join('');
  }
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shown(item)]));
}

/** The resources of the well-known kinds, which need no cluster to be told. */
function knownResources({ objects }: Plan): ApiResource[] {
  return objects.flatMap(({ apiVersion, kind }) => {
    const known = knownKind({ apiVersion, kind });
    return known === undefined ? [] : [{ ...known, verbs: [] }];
  });
}
