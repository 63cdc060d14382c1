// The step `api`: a request to the Kubernetes API as a service account of the run, as an attacker makes who holds its token.
import type { WrittenChange, WrittenObject } from '../language/definition.ts';
import { type Matcher, matcherSchema, mismatch } from '../language/matcher.ts';
import { isMap, type Mapping } from '../language/untyped.ts';
import type { ApiAnswer, ApiCall, ApiResource, KubernetesObject } from '../ports/cluster.ts';
import { Failure } from '../ports/failure.ts';
import { isQuestion } from '../reach/change.ts';
import { type AnswerExpectation, answerMismatches, answerSchema } from './answer.ts';
import { exampleOf } from './example.ts';
import { jsonOf } from './json.ts';
import { defineStep, type StepContext } from './step.ts';

type Verb = 'get' | 'list' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

interface Body {
  serviceAccount: string;
  verb: Verb;
  path?: string;
  apiVersion?: string;
  kind?: string;
  namespace?: string;
  allNamespaces?: boolean;
  name?: string;
  subresource?: string;
  object?: Mapping;
  patch?: Mapping;
  patchType?: 'strategic' | 'merge';
  labelSelector?: string;
  fieldSelector?: string;
  limit?: number;
  dryRun?: boolean;
  userAgent?: string;
  expect?: AnswerExpectation & { json?: Matcher };
}

/** What is sent, and what is to be done with the answer. */
interface Prepared {
  call: Omit<ApiCall, 'userAgent' | 'signal'>;
  /** The object that the request creates, in the run's log already. */
  creates?: KubernetesObject;
  isSecret?: boolean;
}

const LONGEST_REASON = 500;
const CREATION_LIMIT = 10_000;
const METHODS = {
  get: 'GET',
  list: 'GET',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETE',
} as const;
const VERBS = Object.keys(METHODS) as Verb[];

const exact = { type: 'string', minLength: 1, 'x-expression': 'inputs' } as const;
/** What may be one part of a path: no other path can be made of it (k8s.io/apimachinery, pkg/api/validation/path). */
const pathPart = {
  ...exact,
  pattern: '^(?!\\.{1,2}$)[^/%]+$',
  'x-says': 'must be a name without `/` and `%`',
} as const;

/** Keys that go with some verbs only. An expression as the verb is judged once it is evaluated. */
const onlyFor = (verbs: readonly Verb[], keys: readonly string[]) => ({
  if: { required: ['verb'], properties: { verb: { enum: VERBS.filter((verb) => !verbs.includes(verb)) } } },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { properties: Object.fromEntries(keys.map((key) => [key, { not: {}, 'x-says': `goes with ${verbs.join(', ')} only` }])) },
});
const needs = (verbs: readonly Verb[], rule: object) => ({
  if: { required: ['verb', 'kind'], properties: { verb: { enum: verbs } } },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: rule,
});

export const api = defineStep<Body>({
  type: 'api',
  summary: 'Makes a request to the Kubernetes API as a service account of the run.',
  defaultTimeout: 30_000,
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['serviceAccount', 'verb'],
    oneOf: [{ required: ['kind'] }, { required: ['path'] }],
    dependentRequired: {
      kind: ['apiVersion'],
      apiVersion: ['kind'],
      ...Object.fromEntries(['name', 'namespace', 'allNamespaces', 'dryRun', 'limit'].map((key) => [key, ['kind']])),
      ...Object.fromEntries(['object', 'patch', 'labelSelector', 'fieldSelector'].map((key) => [key, ['kind']])),
      subresource: ['name'],
      patchType: ['patch'],
    },
    allOf: [
      needs(['get', 'update', 'patch', 'delete'], { required: ['name'] }),
      needs(['create'], { anyOf: [{ required: ['object'] }, { required: ['subresource'] }] }),
      needs(['update'], { required: ['object'] }),
      needs(['patch'], { required: ['patch'] }),
      onlyFor(['get'], ['path']),
      onlyFor(['list'], ['allNamespaces', 'limit']),
      onlyFor(['list', 'deletecollection'], ['labelSelector', 'fieldSelector']),
      onlyFor(['get', 'create', 'update', 'patch', 'delete'], ['name']),
      onlyFor(['create', 'update'], ['object']),
      onlyFor(['patch'], ['patch']),
      onlyFor(['create', 'update', 'patch', 'delete', 'deletecollection'], ['dryRun']),
    ],
    properties: {
      serviceAccount: {
        ...pathPart,
        description: "Name of the service account, in the run's namespace. Its token is asked for, and lasts ten minutes.",
      },
      verb: { enum: VERBS, 'x-expression': 'inputs', description: 'What to do, in the words of RBAC.' },
      path: {
        ...exact,
        // Discovery, version and health; the paths of objects are those with one part more.
        pattern: '^(?!.*//)(?!.*/\\.{1,2}(/|$))/(api(/v1)?|apis(/[A-Za-z0-9.-]+){0,2}|(?!apis?(/|$))[A-Za-z0-9._/-]+)/?$',
        'x-says': 'must be a path without objects, e.g. `/version` or `/apis`',
        description: 'With the verb `get`: a path that leads to no object, e.g. `/version` or `/apis`, in place of `kind`.',
      },
      apiVersion: {
        ...exact,
        pattern: '^([a-z0-9]([a-z0-9.-]*[a-z0-9])?/)?v[a-z0-9]+$',
        'x-says': 'must be an API version, e.g. `v1` or `apps/v1`',
        description: 'API version of what is asked for, e.g. `v1`.',
      },
      kind: { ...exact, description: 'Kind of what is asked for, e.g. `Secret`.' },
      namespace: { ...pathPart, description: 'Namespace of it; absent: that of the run.' },
      allNamespaces: { type: 'boolean', default: false, 'x-expression': 'inputs', description: 'With `list`: of all namespaces.' },
      name: {
        ...pathPart,
        description: 'Name of the object. With `create` only where a subresource is created; else the name stands in `object`.',
      },
      subresource: {
        ...exact,
        pattern: '^(?!(exec|attach|portforward|proxy)$)[a-z]+$',
        'x-says':
          'must be a subresource such as `log`, `token`, `eviction` or `scale`; those that are streams (exec, attach, portforward, proxy) cannot be used',
        description: 'Part of the object, e.g. `log`, `token`, `eviction` or `scale`.',
      },
      object: {
        type: 'object',
        description:
          'With `create` and `update`: the object. `apiVersion` and `kind` need not be repeated. What is created goes with the run.',
      },
      patch: { type: 'object', description: 'With `patch`: what to change.' },
      patchType: {
        enum: ['strategic', 'merge'],
        default: 'strategic',
        description: 'How the patch is put in, as in `kubectl patch --type`; custom resources know `merge` only.',
      },
      labelSelector: { type: 'string', minLength: 1, description: "Labels in kubectl's syntax, e.g. `app=web`." },
      fieldSelector: { type: 'string', minLength: 1, description: "Fields in kubectl's syntax, e.g. `type=Opaque`." },
      limit: { type: 'integer', minimum: 1, description: 'How many objects at most.' },
      dryRun: {
        type: 'boolean',
        default: false,
        description: 'The server checks it all and changes nothing: then it may be about anything.',
      },
      userAgent: {
        type: 'string',
        pattern: '^[ -~]+$',
        'x-says': 'must hold printable ASCII characters only',
        description: 'Who the client says it is, e.g. `kubectl/v1.34.4 (linux/amd64)`; absent: `sim/` and the mark of the run.',
      },
      expect: answerSchema({ json: { ...matcherSchema, description: 'Body of the answer as a value.' } }),
    },
  },
  outputs: {
    status: { type: 'int', description: 'Status of the answer.' },
    body: { type: 'string', description: 'Body of the answer, at most 1 MiB. Of a Secret only its metadata.' },
    json: { type: 'dyn', description: '`body` as a value where it is JSON, else null.' },
  },
  example: exampleOf(
    'api',
    'List secrets as a service account',
    `
- name: Let a service account list secrets
  deploy:
    manifests:
      - {apiVersion: v1, kind: ServiceAccount, metadata: {name: scout}}
      - apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        metadata: {name: scout}
        rules: [{apiGroups: [""], resources: [secrets], verbs: [list]}]
      - apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: {name: scout}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: scout}
        subjects: [{kind: ServiceAccount, name: scout, namespace: "\${{ run.namespace }}"}]
- name: List the secrets
  id: list
  attack: [T1552.007]
  # The API server learns of a new binding a moment later.
  retry: {attempts: 20, delay: 250ms}
  api:
    serviceAccount: scout
    verb: list
    apiVersion: v1
    kind: Secret
    expect: {json: {cel: 'value.items.exists(secret, secret.metadata.name == "victim")'}}
- expect-alert: {alert: suspicious-service-account-operation, of: list}
- name: More is not allowed
  api: {serviceAccount: scout, verb: delete, apiVersion: v1, kind: Pod, name: victim, expect: {status: 403}}
`,
  ),
  plan: (body) => {
    const { serviceAccount, verb, path, kind, subresource, name, namespace, allNamespaces, dryRun } = body;
    const what = [kind, ...(subresource === undefined ? [] : [subresource])].join('/');
    const where = allNamespaces ? ' in all namespaces' : namespace === undefined ? '' : ` in ${namespace}`;
    const named = name ?? nameIn(body.object);
    const target = path ?? `${what}${named === undefined ? '' : ` ${named}`}${where}${dryRun ? ', dry run' : ''}`;
    return `as the service account ${serviceAccount}, ${verb} ${target}`;
  },
  objects: async (body) => (isKept(body) && typeof body.object === 'object' ? [objectOf(body)] : []),
  written: (body: unknown) => (isMap(body) ? createdIn(body) : []),
  changes: (body: unknown) => (isMap(body) ? changesIn(body) : []),
  permissions: () => [{ verb: 'create', group: '', resource: 'serviceaccounts/token' }],
  async run(body, context) {
    const { call, creates, isSecret } = await prepare(body, context);
    const account = { namespace: context.run.namespace, name: body.serviceAccount };
    const userAgent = body.userAgent ?? `sim/${context.run.marker}`;
    // Not under the step's signal: a creation that is given up may still be carried out, after the cleanup has looked.
    const signal = creates === undefined ? context.signal : AbortSignal.timeout(CREATION_LIMIT);
    const whole = await context.cluster.requestAs(account, { ...call, userAgent, signal });
    const answer = isSecret ? withoutSecrets(whole) : whole;
    const json = jsonOf(answer.body);
    if (creates !== undefined && answer.status < 300) await context.created(asMade(creates, json));
    context.signal.throwIfAborted();
    if (answer.truncated) context.note('the answer is larger than 1 MiB: only its beginning was kept');
    return { outputs: { status: answer.status, body: answer.body, json }, mismatches: differences(body.expect ?? {}, answer, json) };
  },
});

const nameIn = (object: Mapping | undefined): unknown => (object?.metadata as Mapping | undefined)?.name;
/** Whether the request creates an object that stays until somebody takes it away. */
const isKept = (body: Partial<Body>): boolean =>
  body.verb === 'create' && body.subresource === undefined && body.dryRun !== true && !isQuestion(body.apiVersion ?? '');

/** What is sent to a part of an object is of a kind of its own. */
const PARTS: Readonly<Record<string, { apiVersion: string; kind: string; spec?: object }>> = {
  eviction: { apiVersion: 'policy/v1', kind: 'Eviction' },
  scale: { apiVersion: 'autoscaling/v1', kind: 'Scale' },
  token: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
};

/** The object as it is sent, complete. */
function objectOf({ apiVersion = '', kind = '', namespace, name, subresource = '', object = {} }: Partial<Body>): KubernetesObject {
  const metadata = { ...(namespace === undefined ? {} : { namespace }), ...(name === undefined ? {} : { name }) };
  return { apiVersion, kind, ...PARTS[subresource], ...object, metadata: { ...metadata, ...(object.metadata as Mapping | undefined) } };
}

/** Whether something that is there already would be changed. What only seems to change a part of an object is not always tried only. */
const isChange = (body: Pick<Body, 'verb' | 'apiVersion' | 'subresource' | 'dryRun'>): boolean =>
  METHODS[body.verb] !== 'GET' && !isKept(body) && (body.dryRun !== true || body.subresource !== undefined);

/** What the run judges before it is created, as it is written. */
function createdIn(body: Mapping): WrittenObject[] {
  const { apiVersion, kind, object, dryRun = false } = body;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || !isMap(object) || dryRun !== false) return [];
  return isKept(body as Partial<Body>) ? [{ path: ['object'], object: objectOf(body as Partial<Body>) }] : [];
}

/** The change that the run judges before it asks for it, likewise. */
function changesIn(body: Mapping): WrittenChange[] {
  const { verb, apiVersion, kind, namespace, name, subresource, dryRun = false } = body;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || !VERBS.includes(verb as Verb)) return [];
  const isUnknown = typeof dryRun !== 'boolean' && subresource === undefined;
  if (isUnknown || !isChange(body as Pick<Body, 'verb'>)) return [];
  const key = verb === 'patch' ? 'patch' : 'object';
  const content = verb === 'create' ? undefined : body[key];
  return [
    {
      path: [typeof namespace === 'string' ? 'namespace' : 'kind'],
      change: {
        ...{ apiVersion, kind },
        ...(typeof namespace === 'string' ? { namespace } : {}),
        ...(typeof name === 'string' ? { name } : {}),
      },
      ...(isMap(content) ? { content: { path: [key], object: objectOf({ ...(body as Partial<Body>), object: content }) } } : {}),
    },
  ];
}

/** Everything that can be refused is refused here, before anything is sent. */
async function prepare(body: Body, context: StepContext): Promise<Prepared> {
  const { verb, path, apiVersion = '', kind = '', name, subresource, patch } = body;
  if (path !== undefined) return { call: { method: 'GET', path } };
  const resource = await context.cluster.resource({ apiVersion, kind }, context.signal);
  if (resource === undefined) throw new Failure('not-found', `the cluster serves no ${apiVersion} ${kind}`);
  if (!resource.namespaced && body.namespace !== undefined)
    throw new Failure('invalid', `${kind} is a kind outside of namespaces: \`namespace\` must be left out`);
  const namespace = resource.namespaced && !body.allNamespaces ? (body.namespace ?? context.run.namespace) : undefined;
  const object = verb === 'create' || verb === 'update' ? objectOf(body) : undefined;
  if (subresource === undefined && object !== undefined && (object.apiVersion !== apiVersion || object.kind !== kind))
    throw new Failure('invalid', `\`object\` is a ${object.apiVersion} ${object.kind}, but the request is about a ${apiVersion} ${kind}`);
  const creates = isKept(body) && object !== undefined ? await context.adopt(object) : undefined;
  if (isChange(body)) {
    const change = { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), ...(name === undefined ? {} : { name }) };
    await context.checkChange(change, verb === 'update' ? object : patch);
  }
  const isSecret = apiVersion === 'v1' && kind === 'Secret' && subresource === undefined;
  const sent = creates ?? object ?? patch;
  return {
    call: {
      method: METHODS[verb],
      path: pathTo(resource, { namespace, name, subresource }),
      query: queryOf(body),
      ...(isSecret
        ? { accept: `application/json;as=PartialObjectMetadata${name === undefined && verb !== 'create' ? 'List' : ''};g=meta.k8s.io;v=v1` }
        : {}),
      ...(sent === undefined ? {} : { body: sent }),
      ...(verb === 'patch' ? { contentType: `application/${body.patchType === 'merge' ? '' : 'strategic-'}merge-patch+json` } : {}),
    },
    isSecret,
    ...(creates === undefined ? {} : { creates }),
  };
}

type Place = { namespace: string | undefined; name: string | undefined; subresource: string | undefined };

function pathTo({ apiVersion, resource }: ApiResource, { namespace, name, subresource }: Place): string {
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const parts = [...(namespace === undefined ? [] : ['namespaces', namespace]), resource, name, subresource];
  return [group, ...parts.filter((part) => part !== undefined).map(encodeURIComponent)].join('/');
}

function queryOf({ labelSelector, fieldSelector, limit, dryRun }: Body): Record<string, string> {
  const query = { labelSelector, fieldSelector, limit: limit?.toString(), dryRun: dryRun ? 'All' : undefined };
  return Object.fromEntries(Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

/** The server was asked for metadata alone; of that, what `kubectl apply` noted of the content goes too. No secret needs to come this far. */
function withoutSecrets(answer: ApiAnswer): ApiAnswer {
  const hidden = new Set(['annotations', 'data', 'managedFields', 'stringData']);
  const json = jsonOf(answer.body);
  return { ...answer, body: json === null ? '' : JSON.stringify(json, (key, value) => (hidden.has(key) ? undefined : value)) };
}

/** The created object by its own kind, with what the server says of it. */
function asMade(object: KubernetesObject, json: unknown): KubernetesObject {
  const { metadata } = (json ?? {}) as Partial<KubernetesObject>;
  return { ...object, metadata: { ...object.metadata, ...metadata } };
}

/** Throws Failure admission-denied where a control refused what should have succeeded: the attack was prevented. */
function differences({ json: value, ...expected }: NonNullable<Body['expect']>, answer: ApiAnswer, json: unknown): string[] {
  const [status, body] = answerMismatches(expected, answer);
  const { message } = (json ?? {}) as { message?: unknown };
  const why = status !== undefined && answer.status >= 400 && typeof message === 'string' ? message.slice(0, LONGEST_REASON) : undefined;
  if (status !== undefined && answer.policy !== undefined)
    throw new Failure('admission-denied', why ?? `refused by ${answer.policy}`, { policy: answer.policy, status: answer.status });
  return [
    status,
    body,
    value === undefined ? undefined : mismatch('json', value, json),
    why === undefined ? undefined : `message: ${why}`,
  ].filter((each) => each !== undefined);
}
