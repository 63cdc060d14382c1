// The step `wait`: a duration, a condition of an object in kubectl's words, or a line of a log. It watches, and never polls.
import { ExpressionError } from '../language/cel.ts';
import { durationSchema, parseDuration } from '../language/duration.ts';
import { evaluateCel } from '../language/expression.ts';
import { mismatch } from '../language/matcher.ts';
import type { KubernetesObject, ObjectQuery } from '../ports/cluster.ts';
import { Failure } from '../ports/failure.ts';
import { groupOf } from '../reach/scope.ts';
import { exampleOf } from './example.ts';
import { findKind, knownKind } from './kinds.ts';
import { podPermissions, podSchema, podTargets, podText } from './pod-schema.ts';
import { defineStep, type Permission, type PodSelector, type StepContext, type StepResult } from './step.ts';

type Target = string | { apiVersion: string; kind: string; name: string; namespace?: string };
type Log = { pod: PodSelector; contains?: string; matches?: string };

interface Body {
  duration?: string;
  for?: string;
  until?: string;
  on?: Target;
  log?: Log;
}

/** What is waited for, and how an object that is there (or not) stands to it. */
interface Wish {
  text: string;
  /** Whether it can hold while the object does not exist. */
  absent: boolean;
  judge(object: KubernetesObject | undefined): { holds: boolean; state: string };
}

const name = { type: 'string', minLength: 1 } as const;

export const wait = defineStep<Body>({
  type: 'wait',
  summary: 'Waits for a time, for a condition of an object, or for a line in a log.',
  otherNames: ['sleep', 'pause', 'delay', 'wait_for'],
  defaultTimeout: 5 * 60_000,
  schema: {
    type: 'object',
    additionalProperties: false,
    'x-instead': {
      ...Object.fromEntries(['seconds', 'minutes', 'time', 'sleep'].map((word) => [word, 'a time is `duration`, e.g. `duration: 5s`'])),
      condition: 'a condition is `for`, e.g. `for: condition=Ready`',
      resource: 'did you mean `on`? e.g. `on: pod/victim`',
      timeout: 'it belongs to the step, beside `wait`',
    },
    oneOf: [{ required: ['duration'] }, { required: ['for'] }, { required: ['until'] }, { required: ['log'] }],
    dependentRequired: { for: ['on'], until: ['on'] },
    dependentSchemas: { on: { anyOf: [{ required: ['for'] }, { required: ['until'] }] } },
    properties: {
      duration: { ...durationSchema, description: 'How long, e.g. `2s`.' },
      for: {
        type: 'string',
        pattern: '^(condition=[A-Za-z][A-Za-z0-9./_-]*(=[A-Za-z0-9]+)?|create|delete)$',
        'x-says': 'must be `condition=Ready`, `condition=Ready=False`, `create` or `delete`',
        description:
          'What must be true of the object: `condition=<type>`, `condition=<type>=<status>`, `create` or `delete`, as in `kubectl wait`.',
      },
      until: {
        type: 'string',
        'x-expression': 'cel',
        'x-variables': ['object'],
        description:
          'A CEL condition over `object`, e.g. `object.status.phase == "Running"`. While it cannot be evaluated, it does not hold.',
      },
      on: {
        description: 'Which object.',
        anyOf: [
          {
            type: 'string',
            pattern: '^[A-Za-z][A-Za-z0-9.-]*/[^/\\s]+$',
            'x-says': 'must be `kind/name`, e.g. `pod/victim`',
            description: "`kind/name`, kinds as kubectl takes them. In `pod/name` the name is a role, or else a pod's name.",
          },
          {
            type: 'object',
            additionalProperties: false,
            required: ['apiVersion', 'kind', 'name'],
            properties: {
              apiVersion: { ...name, 'x-expression': 'inputs', description: 'API version of the object.' },
              kind: { ...name, 'x-expression': 'inputs', description: 'Kind of the object.' },
              name: { ...name, description: 'Name of the object.' },
              namespace: { ...name, 'x-expression': 'inputs', description: 'Namespace of the object; absent: that of the run.' },
            },
          },
        ],
      },
      log: {
        type: 'object',
        additionalProperties: false,
        required: ['pod'],
        oneOf: [{ required: ['contains'] }, { required: ['matches'] }],
        description: "A line of a container's log, from the log's start.",
        properties: {
          pod: podSchema,
          contains: { ...name, description: 'The line contains this text.' },
          matches: { ...name, format: 'kubesim-regex', description: 'A regular expression (RE2 syntax) is found in the line.' },
        },
      },
    },
  },
  outputs: {
    object: { type: 'map', description: 'With `for` and `until`: the object as last seen; empty where there is none.' },
    line: { type: 'string', description: 'With `log`: the line.' },
  },
  example: exampleOf(
    'wait',
    'Wait in each way',
    `
- wait: {duration: 500ms}
- wait: {for: condition=Ready, on: pod/victim}
- wait: {until: 'object.status.phase == "Running"', on: pod/attacker}
- wait: {for: create, on: {apiVersion: v1, kind: ServiceAccount, name: default}}
`,
  ),
  plan: planOf,
  permissions: permissionsOf,
  targets: ({ log }) => podTargets(log?.pod),
  async run(body, context): Promise<StepResult> {
    if (body.log !== undefined) return await waitForLine(body.log, context);
    if (body.on !== undefined) return { outputs: { object: (await waitForObject(body.on, wishOf(body), context)) ?? {} } };
    const { duration = '' } = body;
    context.say(`waiting ${duration}`);
    await context.clock.sleep(parseDuration(duration) ?? 0, context.signal);
    return {};
  },
});

const targetText = (target: Target): string => (typeof target === 'string' ? target : `${target.kind} ${target.name}`);
const lineText = ({ contains, matches }: Log): string =>
  contains === undefined ? `a line that matches ${matches}` : `a line with ${contains}`;

function planOf({ duration, for: what, until, on = '', log }: Body): string {
  if (duration !== undefined) return `wait ${duration}`;
  if (log !== undefined) return `wait for ${lineText(log)} in the log of ${podText(log.pod)}`;
  return `wait for ${what ?? until} of ${targetText(on)}`;
}

function permissionsOf({ on, log }: Body): Permission[] {
  if (log !== undefined) return podPermissions('log', log.pod);
  if (on === undefined) return [];
  const word = typeof on === 'string' ? (on.split('/')[0] ?? '') : on;
  const kind = knownKind(word);
  const [resource = '', ...group] =
    typeof word === 'string' ? word.toLowerCase().split('.') : [`${word.kind.toLowerCase()}s`, groupOf(word.apiVersion)];
  const asked = kind === undefined ? { resource, group: group.join('.') } : { resource: kind.resource, group: groupOf(kind.apiVersion) };
  const namespace = typeof on === 'string' ? undefined : on.namespace;
  const where = kind?.namespaced === false ? { cluster: true } : namespace === undefined ? {} : { namespace };
  return ['list', 'watch'].map((verb) => ({ verb, ...asked, ...where }));
}

function wishOf({ for: what = '', until }: Pick<Body, 'for' | 'until'>): Wish {
  if (until !== undefined) return { text: until, absent: false, judge: (object) => judgeCel(until, object) };
  if (what === 'create')
    return { text: 'to exist', absent: true, judge: (object) => ({ holds: object !== undefined, state: 'not there yet' }) };
  if (what === 'delete')
    return { text: 'to be gone', absent: true, judge: (object) => ({ holds: object === undefined, state: endingOf(object) }) };
  const [, type = '', wanted = 'True'] = what.split('=');
  return { text: `${type}=${wanted}`, absent: false, judge: (object) => judgeCondition(object, type, wanted) };
}

/** What a deleted object still waits for. */
function endingOf(object: KubernetesObject | undefined): string {
  if (object?.metadata.deletionTimestamp === undefined) return 'still there';
  const { finalizers = [] } = object.metadata;
  return finalizers.length === 0 ? 'being deleted' : `being deleted, held by ${finalizers.join(', ')}`;
}

/** Letter case does not count, and a condition that speaks of an older generation does not either (kubectl, pkg/cmd/wait). */
function judgeCondition(object: KubernetesObject | undefined, type: string, wanted: string): { holds: boolean; state: string } {
  type Condition = { type: string; status: string; reason?: string; message?: string; observedGeneration?: number };
  const { conditions = [] } = (object?.status ?? {}) as { conditions?: Condition[] };
  const found = conditions.find((each) => each.type.toLowerCase() === type.toLowerCase());
  if (found === undefined) return { holds: false, state: `no condition ${type} yet` };
  const isCurrent = found.observedGeneration === undefined || found.observedGeneration >= Number(object?.metadata.generation ?? 0);
  const why = [found.reason, found.message].filter((text) => text).join(': ');
  const state = `${found.type}=${found.status}${isCurrent ? '' : ' of an older generation'}${why === '' ? '' : ` (${why})`}`;
  return { holds: isCurrent && found.status.toLowerCase() === wanted.toLowerCase(), state };
}

/** Fields appear as an object comes to life: an expression that fails may hold later. */
function judgeCel(until: string, object: KubernetesObject | undefined): { holds: boolean; state: string } {
  try {
    const value = evaluateCel(until, { object });
    if (typeof value !== 'boolean') throw new Failure('invalid', `\`${until}\` must give true or false`);
    return { holds: value, state: 'not true yet' };
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return { holds: false, state: error.message };
  }
}

async function waitForObject(target: Target, wish: Wish, context: StepContext): Promise<KubernetesObject | undefined> {
  const query = await queryFor(target, context);
  const what = `${query.kind} ${query.fieldSelector?.replace('metadata.name=', '')}`;
  let current: KubernetesObject | undefined;
  let said = '';
  for await (const { type, object } of context.cluster.watch(query, context.signal)) {
    if (type !== 'SYNCED') current = type === 'DELETED' ? undefined : object;
    // Before the first list is through, absence is no news.
    if (type === 'SYNCED' || current !== undefined || type === 'DELETED') {
      if (current === undefined && !wish.absent) throw gone(what, type === 'DELETED');
      const { holds, state } = wish.judge(current);
      if (holds) return current;
      const text = `waiting for ${what}: ${wish.text}; now: ${state}`;
      if (text !== said) context.say(text);
      said = text;
    }
  }
  context.note(said);
  context.signal.throwIfAborted();
  throw new Failure('internal', `the watch of ${what} ended`);
}

function gone(what: string, isDeleted: boolean): Failure {
  if (isDeleted) return new Failure('not-found', `${what} was deleted while it was awaited`);
  return new Failure('not-found', `${what} does not exist`, { hint: 'Wait for it with `for: create` first.' });
}

async function queryFor(target: Target, { cluster, run, pod, signal }: StepContext): Promise<ObjectQuery> {
  const slash = typeof target === 'string' ? target.indexOf('/') : -1;
  const { apiVersion, kind, namespaced } = await findKind(typeof target === 'string' ? target.slice(0, slash) : target, cluster, signal);
  const given = typeof target === 'string' ? { name: target.slice(slash + 1), namespace: undefined } : target;
  const found = kind === 'Pod' && typeof target === 'string' ? await pod(given.name).catch(orNoRole) : undefined;
  const where = namespaced ? { namespace: given.namespace ?? found?.namespace ?? run.namespace } : {};
  return { apiVersion, kind, ...where, fieldSelector: `metadata.name=${found?.name ?? given.name}` };
}

/** A name that is no role, or a role without a ready pod, is taken for a pod's name. */
function orNoRole(error: unknown): undefined {
  if (!(error instanceof Failure && error.code === 'not-found')) throw error;
}

async function waitForLine(log: Log, context: StepContext): Promise<StepResult> {
  const pod = await context.pod(log.pod);
  const matcher = log.contains === undefined ? { matches: log.matches ?? '' } : { contains: log.contains };
  const text = `${lineText(log)} in the log of ${pod.namespace}/${pod.name}`;
  context.say(`waiting for ${text}`);
  let count = 0;
  for await (const line of context.cluster.logs(pod, { follow: true, signal: context.signal })) {
    if (mismatch('line', matcher, line) === undefined) return { outputs: { line } };
    count++;
  }
  context.note(`waited for ${text}: read ${count} other lines`);
  context.signal.throwIfAborted();
  return { mismatches: [`log: expected ${text}, but it ended after ${count} lines`] };
}
