// What a playbook would do, as `sim plan` tells it: everything that is known before the run.
import type { Catalogue } from '../alerts/catalogue.ts';
import type { KubernetesObject } from '../ports/cluster.ts';
import type { AlertExpectation, Permission } from '../steps/step.ts';
import { type Colours, safe, table } from './format.ts';
import { alertName } from './verdict-text.ts';
import { yamlText } from './yaml-text.ts';

/** A step of the plan: what it does in a line, and its body with what is known filled in. */
export interface PlannedStep {
  key: string;
  name: string;
  attack: string[];
  type: string;
  text: string;
  body: unknown;
  /** Why its objects could not be told. */
  problem?: string;
}

/** How the cluster's API server answered when an object was tried. */
export interface Trial {
  /** "Pod victim", "Pod of Deployment web". */
  object: string;
  result: 'created' | 'changed' | 'unchanged' | 'denied' | 'failed';
  /** The control that denied it. */
  policy?: string;
  message?: string;
  /** Fields that would change, as paths. */
  fields?: string[];
}

export interface PlannedPlaybook {
  file: string;
  name: string;
  title: string;
  description?: string;
  risk: string;
  namespace: string;
  inputs: Record<string, unknown>;
  objects: KubernetesObject[];
  /** Those that stand outside of the run's namespace: "ClusterRole sim-xxxxxxxx". */
  outside: string[];
  /** Namespaces whose pods are attacked though they are not the run's own. */
  targets: string[];
  images: string[];
  steps: PlannedStep[];
  permissions: Permission[];
  /** Kinds whose permissions only a cluster can tell. */
  unknownKinds: string[];
  alerts: AlertExpectation[];
  /** Why a run would be refused. */
  refused: string[];
  trials?: Trial[];
}

export interface PlanPageOptions {
  catalogue: Catalogue;
  paint: Colours;
  /** Whether the steps' bodies are shown whole. */
  verbose: boolean;
}

export function planPage(plan: PlannedPlaybook, { catalogue, paint, verbose }: PlanPageOptions): string {
  const heading = (title: string) => `\n${paint.bold(title)}\n`;
  const part = (title: string, body: string) => (body === '' ? '' : `${heading(title)}${body}`);
  const risk = plan.risk === 'high' ? paint.red('risk: high') : `risk: ${plan.risk}`;
  return [
    `${paint.bold(safe(plan.title))}  ${paint.dim(safe(plan.file))}  ${risk}\n`,
    plan.description === undefined ? '' : `${safe(plan.description)}\n`,
    part('Inputs', table(Object.entries(plan.inputs).map(([name, value]) => [`  ${name}`, safe(String(value))]))),
    part('Objects', table([[`  Namespace`, plan.namespace], ...plan.objects.map(objectRow)])),
    part("Outside of the run's namespace", plan.outside.map((object) => `  ${paint.yellow(safe(object))}\n`).join('')),
    part('Attacks pods that exist already', plan.targets.map((target) => `  ${paint.yellow(safe(`in ${target}`))}\n`).join('')),
    part('Images', plan.images.map((image) => `  ${safe(image)}\n`).join('')),
    part('Steps', plan.steps.map((step, index) => stepText(step, { number: index + 1, paint, verbose })).join('')),
    part('Permissions', permissionsText(plan)),
    part('Alerts', table(plan.alerts.map((alert) => alertRow(alert, catalogue, paint)))),
    part('Refused', plan.refused.map((reason) => `  ${paint.red(safe(reason))}\n`).join('')),
    plan.trials === undefined ? '' : part('On the cluster', plan.trials.map((trial) => trialText(trial, paint)).join('')),
  ].join('');
}

const objectRow = ({ kind, metadata }: KubernetesObject): string[] => [
  `  ${safe(kind)}`,
  safe(metadata.name ?? ''),
  metadata.namespace === undefined ? '' : `in ${safe(metadata.namespace)}`,
];

function stepText(
  { name, attack, text, type, body, problem }: PlannedStep,
  { number, paint, verbose }: { number: number; paint: Colours; verbose: boolean },
): string {
  const indent = ' '.repeat(5);
  const whole = yamlText({ [type]: body }).replace(/^/gm, indent);
  return [
    `${String(number).padStart(3)}. ${safe(name)}${attack.length === 0 ? '' : ` ${paint.dim(attack.join(' '))}`}\n`,
    `${indent}${paint.dim(safe(text))}\n`,
    problem === undefined ? '' : `${indent}${paint.yellow(`its objects are not known: ${safe(problem)}`)}\n`,
    verbose ? `${paint.dim(safe(whole))}\n` : '',
  ].join('');
}

/** A line for each resource with all its verbs. */
function permissionsText({ permissions, unknownKinds }: PlannedPlaybook): string {
  const byResource = Object.groupBy(permissions, ({ group, resource, cluster, namespace }) => {
    const where = cluster ? ' (in the whole cluster)' : namespace === undefined ? '' : ` (in ${namespace})`;
    const [plural = '', ...sub] = resource.split('/');
    return `${[group === '' ? plural : `${plural}.${group}`, ...sub].join('/')}${where}`;
  });
  const rows = Object.entries(byResource).map(([resource, each = []]) => [`  ${resource}`, each.map(({ verb }) => verb).join(', ')]);
  const unknown = unknownKinds.map((kind) => [
    `  ${safe(kind)}`,
    'create, patch, get, delete; the name of its resource is known to the cluster only',
  ]);
  return table([...rows, ...unknown]);
}

function alertRow({ alert, of, count, optional, within }: AlertExpectation, catalogue: Catalogue, paint: Colours): string[] {
  const facts = [
    ...(of === undefined ? [] : [`of ${of.join(' or ')}`]),
    ...(count === 0 ? ['none may come'] : []),
    ...(count !== undefined && count > 1 ? [`${count} at least`] : []),
    ...(within === undefined ? [] : [`within ${within / 1000} s`]),
    ...(optional ? ['optional'] : []),
  ];
  return [`  ${safe(alert)}`, safe(alertName(alert, catalogue)), paint.dim(facts.join(', '))];
}

function trialText({ object, result, policy, message, fields = [] }: Trial, paint: Colours): string {
  const marks: Record<Trial['result'], string> = {
    created: paint.green('+ created  '),
    changed: paint.yellow('~ changed  '),
    unchanged: paint.dim('= unchanged'),
    denied: paint.red('! denied   '),
    failed: paint.red('! failed   '),
  };
  const said = [...(policy === undefined ? [] : [`by ${policy}`]), ...(message === undefined ? [] : [message]), ...fields].map(safe);
  return `  ${marks[result]} ${safe(object)}${said.length === 0 ? '' : `: ${said.join(', ')}`}\n`;
}
