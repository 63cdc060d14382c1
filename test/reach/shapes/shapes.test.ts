import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { refusals } from '../../../src/engine/confine.ts';
import type { KubernetesObject } from '../../../src/ports/cluster.ts';
import { shapes } from '../../../src/reach/shapes/index.ts';
import { fakeCluster } from '../../fakes/cluster.ts';

const resources = await fakeCluster().resources(new AbortController().signal);
const namespace = 'sim-k3x9';
const refused = (object: unknown, risk: 'low' | 'high' = 'high') => refusals(object as KubernetesObject, { namespace, risk, resources });

const rbac = 'rbac.authorization.k8s.io';
const admin = { apiGroup: rbac, kind: 'ClusterRole', name: 'cluster-admin' };
const reader = { apiGroup: rbac, kind: 'ClusterRole', name: 'sim-k3x9-reader' };
const nobody = { apiGroup: rbac, kind: 'User', name: 'sim:nobody:k3x9' };
const account = { kind: 'ServiceAccount', name: 'victim', namespace };
const object = (apiVersion: string, kind: string, more: object = {}, metadata: object = {}) => ({
  apiVersion,
  kind,
  metadata: { name: 'sim-k3x9-a', ...metadata },
  ...more,
});
const clusterRole = (rules: object[], name = 'sim-k3x9-a', more = {}) => object(`${rbac}/v1`, 'ClusterRole', { rules, ...more }, { name });
const clusterBinding = (subjects: unknown[], roleRef: object = admin) => object(`${rbac}/v1`, 'ClusterRoleBinding', { roleRef, subjects });
const system = { namespace: 'kube-system' };
const systemBinding = (subjects: unknown[]) => object(`${rbac}/v1`, 'RoleBinding', { roleRef: admin, subjects }, system);
const goodHook = {
  name: 'a.sim.invalid',
  failurePolicy: 'Ignore',
  timeoutSeconds: 1,
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
  rules: [{ operations: ['CREATE'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'], scope: 'Namespaced' }],
  clientConfig: { service: { namespace, name: 'victim' } },
};
const hooks = (...webhooks: object[]) => object('admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration', { webhooks });
const goodContainer = { name: 'a', image: 'i', command: ['true'], resources: { limits: { cpu: '100m', memory: '64Mi' } } };
const pod = (spec: object = {}, container: object = {}, metadata: object = {}) =>
  object(
    'v1',
    'Pod',
    { spec: { automountServiceAccountToken: false, containers: [{ ...goodContainer, ...container }], ...spec } },
    { ...system, ...metadata },
  );
const anything = [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }];
const looking = [
  { apiGroups: ['', 'apps'], resources: ['pods'], verbs: ['get', 'list', 'watch'] },
  { apiGroups: [rbac], resources: ['clusterroles'], verbs: ['list'] },
];
const harmless: Record<string, unknown> = {
  'a role with every right': clusterRole(anything),
  'a role that reads': clusterRole([{ apiGroups: [''], resources: ['pods', 'nodes'], verbs: ['get', 'list'] }], 'sim-k3x9-reader'),
  'a grant to nobody': clusterBinding([nobody]),
  'a grant of reading to an account of the run': clusterBinding([account, nobody], reader),
  'a role among those of the cluster': object(`${rbac}/v1`, 'Role', { rules: anything }, system),
  'a grant to nobody among those of the cluster': systemBinding([nobody]),
  'a webhook': hooks(goodHook),
  'a webhook that asks an address of nobody': hooks({ ...goodHook, clientConfig: { url: 'https://192.0.2.1:8443/x' } }),
  'a webhook that asks a host of nobody': hooks({ ...goodHook, clientConfig: { url: 'https://a.sim.invalid/x' } }),
  'a pod among those of the cluster': pod({ restartPolicy: 'Never', tolerations: [{ operator: 'Exists' }] }),
  'a configmap among those of the cluster': object('v1', 'ConfigMap', { data: { a: 'b' } }, system),
};

describe.each(Object.entries(harmless))('%s', (_, made) => {
  test('is possible with a high risk, and only then', () => {
    expect(refused(made)).toEqual([]);
    expect(refused(made, 'low')).toEqual([expect.stringContaining('needs `risk: high`')]);
  });

  test('only under a name of the run, without labels, annotations or owners of others', () => {
    const renamed = (metadata: object) => ({
      ...(made as KubernetesObject),
      metadata: { ...(made as KubernetesObject).metadata, ...metadata },
    });
    for (const name of ['sim-k3x9', 'sim-k3x9x-a', 'sim-other-a', 'coredns', 'xsim-k3x9-a'])
      expect(refused(renamed({ name })), name).toContainEqual(expect.stringContaining('must begin with `sim-k3x9-`'));
    for (const more of [
      { labels: { 'k8s-app': 'kube-dns' } },
      { labels: { [`${rbac}/aggregate-to-admin`]: 'true' } },
      { annotations: { 'cert-manager.io/inject-ca-from': 'a/b' } },
    ])
      expect(refused(renamed(more))).toEqual([expect.stringContaining('label or annotation')]);
    expect(refused(renamed({ finalizers: ['a.b/c'] }))).toEqual([expect.stringContaining('metadata.finalizers')]);
    expect(refused(renamed({ ownerReferences: [] }))).toEqual([expect.stringContaining('metadata.ownerReferences')]);
    expect(refused(renamed({ labels: { 'kubesim.io/part': 'a', 'app.kubernetes.io/instance': 'x' } }))).toEqual([]);
  });
});

test.for<[string, unknown, RegExp]>([
  ['a role that takes in others', clusterRole([], 'sim-k3x9-a', { aggregationRule: {} }), /aggregationRule/],
  [
    'a reader that writes',
    clusterRole([{ apiGroups: [''], resources: ['pods'], verbs: ['create'] }], 'sim-k3x9-reader-2'),
    /may not `create`/,
  ],
  ['a reader of secrets', clusterRole([{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }], 'sim-k3x9-reader'), /read `secrets`/],
  ['a reader of everything', clusterRole([{ apiGroups: ['*'], resources: ['*'], verbs: ['get'] }], 'sim-k3x9-reader'), /read `\*\.\*`/],
  ['a reader of another group', clusterRole(looking, 'sim-k3x9-reader'), /read `pods\.apps`/],
  [
    'a reader through nodes',
    clusterRole([{ apiGroups: [''], resources: ['nodes/proxy'], verbs: ['get'] }], 'sim-k3x9-reader'),
    /nodes\/proxy/,
  ],
  ['a reader of metrics', clusterRole([{ nonResourceURLs: ['/metrics'], verbs: ['get'] }], 'sim-k3x9-reader'), /\/metrics/],
  ['an account with every right', clusterBinding([account], admin), /binds ServiceAccount sim-k3x9\/victim to cluster-admin/],
  ['an account with another reader', clusterBinding([account], { ...reader, name: 'sim-k3x9-readers' }), /sim-k3x9-readers/],
  ['an account of others', clusterBinding([{ ...account, namespace: 'default' }], reader), /default\/victim: only User sim:nobody:k3x9/],
  ['an account among those of the cluster', systemBinding([account]), /only User/],
  ['the nobody of another run', clusterBinding([{ ...nobody, name: 'sim:nobody:other' }]), /sim:nobody:other/],
  ['a group', clusterBinding([nobody, { apiGroup: rbac, kind: 'Group', name: 'system:authenticated' }]), /Group system:authenticated/],
  ['a group called nobody', clusterBinding([{ ...nobody, kind: 'Group' }]), /Group sim:nobody:k3x9/],
  ['a webhook that must answer', hooks({ ...goodHook, failurePolicy: 'Fail' }), /failurePolicy: Ignore/],
  ['a webhook that says nothing of that', hooks({ ...goodHook, failurePolicy: undefined }), /failurePolicy: Ignore/],
  ['a slow webhook', hooks({ ...goodHook, timeoutSeconds: 10 }), /at most 5/],
  ['a webhook with side effects', hooks({ ...goodHook, sideEffects: 'Some' }), /sideEffects: None/],
  ['a webhook for all namespaces', hooks({ ...goodHook, namespaceSelector: {} }), /namespaceSelector/],
  [
    'a webhook for other namespaces',
    hooks({
      ...goodHook,
      namespaceSelector: { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: [namespace] }] },
    }),
    /namespaceSelector/,
  ],
  [
    'a webhook for one namespace more',
    hooks({
      ...goodHook,
      namespaceSelector: { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: [namespace, 'a'] }] },
    }),
    /namespaceSelector/,
  ],
  [
    'a webhook for what has no namespace',
    hooks(goodHook, { ...goodHook, rules: [{ ...goodHook.rules[0], scope: '*' }] }),
    /scope: Namespaced/,
  ],
  ['a webhook of others', hooks({ ...goodHook, clientConfig: { service: { namespace: 'default', name: 'a' } } }), /may ask only/],
  ['a webhook elsewhere', hooks({ ...goodHook, clientConfig: { url: 'https://192.0.2.1@evil.com/' } }), /may ask only/],
  ['a pod with a token', pod({ automountServiceAccountToken: true }), /automountServiceAccountToken: false/],
  ['a pod with an account', pod({ serviceAccountName: 'coredns' }), /spec\.serviceAccountName/],
  ['a pod of the node', pod({ hostNetwork: true }), /hostNetwork/],
  ['a pod before all others', pod({ priorityClassName: 'system-cluster-critical' }), /system-cluster-critical/],
  ['a privileged pod', pod({}, { securityContext: { privileged: true } }), /privileged/],
  ['a pod with a secret', pod({ volumes: [{ name: 'v', secret: { secretName: 's' } }] }), /volume of the kind secret/],
  ['a pod with a variable of a secret', pod({}, { env: [{ name: 'A', valueFrom: { secretKeyRef: {} } }] }), /takes A from elsewhere/],
  ['a pod with all of a secret', pod({}, { envFrom: [{ secretRef: {} }] }), /envFrom/],
  ['a pod without a limit', pod({}, { resources: { limits: { cpu: '1' } } }), /limits\.memory/],
  ['a large pod', pod({}, { resources: { limits: { cpu: '2', memory: '64Gi' } } }), /limits\.cpu.* at most 1/],
  ['a pod that the node asks', pod({}, { livenessProbe: { exec: {} } }), /livenessProbe/],
  ['a pod in a namespace of others', pod({}, {}, { namespace: 'shop' }), /its namespace is shop, and outside/],
])('%s is refused whatever the risk', ([, made, words]) => {
  const reasons = refused(made);
  expect(reasons.length).toBeGreaterThan(0);
  expect(reasons.join('\n')).toMatch(words);
});

test('whoever is bound in the whole cluster is nobody, or reads', () => {
  const text = fc.constantFrom(
    'sim:nobody:k3x9',
    'sim:nobody:',
    'system:masters',
    'victim',
    namespace,
    'default',
    'admin',
    'User',
    'Group',
    'ServiceAccount',
  );
  const subject = fc.record({ kind: text, name: text, namespace: text }, { requiredKeys: ['kind', 'name'] });
  const role = fc.constantFrom('cluster-admin', 'sim-k3x9-reader', 'sim-k3x9-reader-b', 'sim-k3x9-admin', 'sim-other-reader');
  fc.assert(
    fc.property(fc.array(subject), role, (subjects, name) => {
      const isHarmless = subjects.every(
        (each) =>
          (each.kind === 'User' && each.name === 'sim:nobody:k3x9') ||
          (each.kind === 'ServiceAccount' && each.namespace === namespace && ['sim-k3x9-reader', 'sim-k3x9-reader-b'].includes(name)),
      );
      return (refused(clusterBinding(subjects, { ...admin, name })).length === 0) === isHarmless;
    }),
    { numRuns: 1000 },
  );
});

test('no object is too strange to be judged', () => {
  const keys = fc.constantFrom('spec', 'rules', 'subjects', 'roleRef', 'webhooks', 'subsets', 'endpoints', 'data');
  const kinds = resources.map(({ apiVersion, kind }) => ({ apiVersion, kind }));
  fc.assert(
    fc.property(
      fc.constantFrom(...kinds),
      fc.dictionary(keys, fc.anything()),
      fc.constantFrom('default', 'kube-system', namespace),
      (kind, body, where) => {
        for (const reason of refused({ ...kind, metadata: { name: 'sim-k3x9-a', namespace: where }, ...body }))
          expect(reason).toContain(kind.kind);
      },
    ),
  );
});

test('SECURITY.md lists every shape in its own words', () => {
  const page = readFileSync(new URL('../../../SECURITY.md', import.meta.url), 'utf8').replace(/\s+/g, ' ');
  for (const { kind, namespace: where, says } of shapes) {
    expect(page).toContain(`\`${kind}\`${where === undefined ? '' : ` in \`${where}\``}`);
    expect(page).toContain(says);
  }
});
