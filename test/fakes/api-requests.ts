// The fake cluster's API, for requests as a service account: paths, verbs, RBAC and answers as the API server has them.
import type { ApiAnswer, ApiCall, ApiResource, KubernetesObject } from '../../src/ports/cluster.ts';

/** What the API stands on. */
export interface FakeStore {
  kinds: readonly ApiResource[];
  objects(): KubernetesObject[];
  put(object: KubernetesObject): KubernetesObject;
  remove(object: KubernetesObject): void;
}

interface Asked {
  verb: string;
  kind: ApiResource;
  namespace: string | undefined;
  name: string | undefined;
  subresource: string | undefined;
}

const VERBS = {
  GET: ['list', 'get'],
  POST: ['create', 'create'],
  PUT: ['', 'update'],
  PATCH: ['', 'patch'],
  DELETE: ['deletecollection', 'delete'],
};
const PATH = /^\/(?:api\/(v1)|apis\/([^/]+\/[^/]+))(?:\/namespaces\/([^/]+))?\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/;

/** Answers a call of the account. */
export function answerAs(account: { namespace: string; name: string }, call: ApiCall, store: FakeStore): ApiAnswer {
  const user = `system:serviceaccount:${account.namespace}:${account.name}`;
  const { status, body } = handle(user, account, call, store);
  const text = JSON.stringify(body);
  const kept = new TextDecoder().decode(Buffer.from(text).subarray(0, call.limit ?? 1024 * 1024), { stream: true });
  return { status, headers: { 'content-type': 'application/json' }, body: kept, truncated: kept !== text };
}

type Answer = { status: number; body: object };

const refuse = (code: number, reason: string, message: string): Answer => ({
  status: code,
  body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code },
});

function handle(user: string, account: { namespace: string; name: string }, call: ApiCall, store: FakeStore): Answer {
  if (call.path === '/version') return { status: 200, body: { gitVersion: 'v1.34.4' } };
  const asked = resolve(call, store.kinds);
  if (asked === undefined) return refuse(404, 'NotFound', 'the server could not find the requested resource');
  const { verb, kind, namespace, name, subresource } = asked;
  const group = kind.apiVersion.includes('/') ? (kind.apiVersion.split('/')[0] ?? '') : '';
  const resource = [kind.resource, ...(subresource === undefined ? [] : [subresource])].join('/');
  if (kind.kind === 'SelfSubjectReview') return { status: 201, body: { kind: kind.kind, status: { userInfo: { username: user } } } };
  if (!allows(store, account, { verb, group, resource, namespace })) {
    const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
    const what = `${resource.split('/')[0]}${name === undefined ? '' : ` "${name}"`}`;
    return refuse(
      403,
      'Forbidden',
      `${what} is forbidden: User "${user}" cannot ${verb} resource "${resource}" in API group "${group}" ${where}`,
    );
  }
  return act(call, asked, store);
}

function act({ query = {}, body }: ApiCall, { verb, kind, namespace, name, subresource }: Asked, store: FakeStore): Answer {
  const all = store.objects().filter((it) => it.apiVersion === kind.apiVersion && it.kind === kind.kind);
  const inside = all.filter((it) => namespace === undefined || it.metadata.namespace === namespace);
  const wanted = verb === 'create' && subresource === undefined ? (body as KubernetesObject).metadata.name : name;
  const found = inside.find((it) => it.metadata.name === wanted);
  const keep = (object: KubernetesObject) => (query.dryRun === 'All' ? object : store.put(object));
  if (verb === 'list') return { status: 200, body: { kind: `${kind.kind}List`, apiVersion: kind.apiVersion, items: inside } };
  if (verb === 'deletecollection') {
    for (const object of inside) store.remove(object);
    return { status: 200, body: { kind: `${kind.kind}List`, apiVersion: kind.apiVersion, items: inside } };
  }
  if (verb === 'create' && subresource === undefined) {
    if (found) return refuse(409, 'AlreadyExists', `${kind.resource} "${wanted}" already exists`);
    const object = body as KubernetesObject;
    return { status: 201, body: keep({ ...object, metadata: { ...object.metadata, ...(namespace === undefined ? {} : { namespace }) } }) };
  }
  if (!found) return refuse(404, 'NotFound', `${kind.resource} "${wanted}" not found`);
  if (verb === 'delete') store.remove(found);
  if (verb === 'update')
    return {
      status: 200,
      body: keep({ ...(body as KubernetesObject), metadata: { ...found.metadata, ...(body as KubernetesObject).metadata } }),
    };
  if (verb === 'patch') return { status: 200, body: keep(merge(found, body) as KubernetesObject) };
  return { status: verb === 'create' ? 201 : 200, body: found };
}

function resolve({ method, path }: ApiCall, kinds: readonly ApiResource[]): Asked | undefined {
  const [, core, group, namespace, resource, name, subresource] = PATH.exec(path) ?? [];
  const kind = kinds.find((it) => it.resource === resource && it.apiVersion === (core ?? group));
  return kind && { verb: VERBS[method][name === undefined ? 0 : 1] ?? '', kind, namespace, name, subresource };
}

/** Merge patch (RFC 7386). */
function merge(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const base = typeof target === 'object' && target !== null ? (target as Record<string, unknown>) : {};
  const changed = Object.entries(patch).map(([key, value]) => [key, value === null ? undefined : merge(base[key], value)]);
  return { ...base, ...Object.fromEntries(changed) };
}

type Rule = { verbs: string[]; apiGroups: string[]; resources: string[] };

/** RBAC (kubernetes.io/docs/reference/access-authn-authz/rbac): bindings of the namespace, and of the cluster. */
function allows(
  store: FakeStore,
  account: { namespace: string; name: string },
  { verb, group, resource, namespace }: { verb: string; group: string; resource: string; namespace: string | undefined },
): boolean {
  const has = (list: string[] | undefined, value: string) => list?.includes(value) === true || list?.includes('*') === true;
  return store.objects().some((binding) => {
    const isOfCluster = binding.kind === 'ClusterRoleBinding';
    if (!isOfCluster && (binding.kind !== 'RoleBinding' || binding.metadata.namespace !== namespace)) return false;
    const { subjects = [], roleRef } = binding as unknown as {
      subjects?: (typeof account & { kind: string })[];
      roleRef: { kind: string; name: string };
    };
    if (!subjects.some((it) => it.kind === 'ServiceAccount' && it.name === account.name && it.namespace === account.namespace))
      return false;
    const role = store
      .objects()
      .find(
        (it) =>
          it.kind === roleRef.kind &&
          it.metadata.name === roleRef.name &&
          (it.kind === 'ClusterRole' || it.metadata.namespace === namespace),
      );
    return ((role?.rules ?? []) as Rule[]).some(
      (rule) => has(rule.verbs, verb) && has(rule.apiGroups, group) && has(rule.resources, resource),
    );
  });
}
