import { expect, test } from 'vitest';
import { objectCreator } from '../../src/engine/create.ts';
import type { References } from '../../src/language/references.ts';
import { impossibleObject } from '../../src/rules/impossible-object.ts';
import { undeclaredRisk } from '../../src/rules/undeclared-risk.ts';
import { stepTypes as steps } from '../../src/steps/index.ts';
import { fakeCluster } from '../fakes/cluster.ts';
import { playbookOf } from '../fakes/step-types.ts';
import { findingsOf, underlinedBy } from './findings.ts';

const high = (text: string) => text.replace('description: A sample}', 'description: A sample, risk: high}');
const ofObject = (object: string) => playbookOf(`  - deploy: {manifests: [${object}]}\n`);
const toldOf = (text: string, references?: References) =>
  findingsOf(impossibleObject, text, { steps, ...(references === undefined ? {} : { references }) }).map((line) =>
    line.replace(/^[\d:]+ error: /, ''),
  );
const rbac = 'apiVersion: rbac.authorization.k8s.io/v1';
const binding = (subject: string) =>
  ofObject(
    `{${rbac}, kind: ClusterRoleBinding, metadata: {name: "\${{ run.namespace }}-a"}, roleRef: {kind: ClusterRole, name: cluster-admin}, subjects: [${subject}]}`,
  );

test.each([
  [
    'a kind without a form',
    ofObject('{apiVersion: v1, kind: Namespace, metadata: {name: a}}'),
    /^Namespace a: it is not in any namespace, and outside/,
    'Namespace',
  ],
  [
    'a namespace of others',
    ofObject('{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: default}}'),
    /^Pod a: its namespace is default, and outside/,
    'default',
  ],
  [
    'a live account',
    binding('{kind: User, name: admin}'),
    /it binds User admin: only User sim:nobody:xxxxxxxx may be$/,
    '{kind: User, name: admin}',
  ],
  [
    'a folder of the node that is written to',
    ofObject(
      '{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {volumes: [{name: v, hostPath: {path: /}}], containers: [{name: c, volumeMounts: [{name: v, mountPath: /host, readOnly: false}]}]}}',
    ),
    /^Pod a: its container c mounts \/host from the node without `readOnly: true`$/,
    'false',
  ],
  [
    'a service that is open and leads to a pod',
    ofObject('{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {type: NodePort, selector: {app: a}}}'),
    /^Service a: it must have no selector/,
    '{app: a}',
  ],
])('%s, whatever the risk', (_, text, message, place) => {
  for (const each of [text, high(text)]) {
    expect(toldOf(each)).toEqual([expect.stringMatching(message)]);
    expect(underlinedBy(impossibleObject, each, { steps })).toEqual([place]);
  }
});

test('what a high risk allows is the other rule', () => {
  const text = ofObject('{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {hostPID: true}}');
  expect(toldOf(text)).toEqual([]);
  expect(findingsOf(undeclaredRisk, high(text), { steps })).toEqual([]);
});

test.each([
  ['the user who does not exist', binding('{kind: User, name: "sim:nobody:${{ run.id }}"}')],
  ['a user who is not known yet', binding('{kind: User, name: "${{ inputs.text }}"}')],
  [
    'a field that is not known yet',
    ofObject('{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {type: NodePort, selector: "${{ inputs.text }}"}}'),
  ],
  [
    'a webhook, as far as it is known',
    ofObject(
      `{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingWebhookConfiguration, metadata: {name: "\${{ run.namespace }}-\${{ inputs.text }}"}, webhooks: [{name: a, failurePolicy: "\${{ inputs.text }}", timeoutSeconds: 1, sideEffects: None, namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: "\${{ run.namespace }}"}}, rules: [{scope: Namespaced}], clientConfig: {url: "\${{ inputs.text }}"}}]}`,
    ),
  ],
])('%s is fine', (_, text) => expect(toldOf(high(text).replace('steps:', 'inputs: {text: {type: string}}\nsteps:'))).toEqual([]));

test('manifest files are judged as they stand, at the place that names them', () => {
  const text = 'apiVersion: v1\nkind: Pod\nmetadata: {name: f}\nspec: {priorityClassName: "system-${{ x }}"}';
  const references: References = new Map([['a.yaml', { kind: 'file', text }]]);
  expect(toldOf(ofObject('./a.yaml'), references)).toEqual([
    'Pod f: it asks for the priority system-${{ x }}, which evicts pods of others',
  ]);
  expect(underlinedBy(impossibleObject, ofObject('./a.yaml'), { steps, references })).toEqual(['./a.yaml']);
});

const request = (more: string) => playbookOf(`  - api: {serviceAccount: a, apiVersion: v1, kind: Pod, ${more}}\n`);
const spec = 'spec: {priorityClassName: system-node-critical}';

test.each([
  ['created', `verb: create, object: {metadata: {name: x}, ${spec}}`, 'Pod x'],
  ['replaced', `verb: update, name: x, object: {metadata: {name: x}, ${spec}}`, 'Pod x'],
  ['patched', `verb: patch, name: x, patch: {${spec}}`, 'Pod x'],
])('what a request has %s', (_, more, what) => {
  expect(toldOf(request(more))).toEqual([`${what}: it asks for the priority system-node-critical, which evicts pods of others`]);
  expect(underlinedBy(impossibleObject, request(more), { steps })).toEqual(['system-node-critical']);
});

test('the kind and the place beside the object count', () => {
  expect(toldOf(request('namespace: default, verb: create, object: {metadata: {name: x}}'))).toEqual([
    expect.stringMatching(/^Pod x: its namespace is default/),
  ]);
});

test.each([
  ['only tried', request(`dryRun: true, verb: create, object: {metadata: {name: x}, ${spec}}`)],
  ['perhaps only tried', request(`dryRun: "\${{ inputs.text == 'a' }}", verb: create, object: {metadata: {name: x}, ${spec}}`)],
  ['sent to a part', request(`verb: create, name: x, subresource: eviction, object: {${spec}}`)],
  ['deleted', request('verb: delete, name: x')],
  [
    'a question',
    playbookOf(
      '  - api: {serviceAccount: a, verb: create, apiVersion: authorization.k8s.io/v1, kind: SelfSubjectRulesReview, object: {spec: {namespace: a}}}\n',
    ),
  ],
])('what is %s is not judged', (_, text) => expect(toldOf(text.replace('steps:', 'inputs: {text: {type: string}}\nsteps:'))).toEqual([]));

const change = (more: string) => playbookOf(`  - api: {serviceAccount: a, ${more}}\n`, 'inputs: {text: {type: string}}\n');
const coredns = 'apiVersion: v1, kind: ConfigMap, namespace: kube-system, name: coredns';
const admin = 'apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, name: admin';
const notOurs = 'and was not made by this run: a playbook changes only what is its own';

test.each([
  [`verb: patch, ${coredns}, patch: {data: {a: b}}`, `ConfigMap coredns is in the namespace kube-system, ${notOurs}`, 'kube-system'],
  [
    `verb: patch, ${coredns}, patch: '\${{ {"a": inputs.text} }}'`,
    `ConfigMap coredns is in the namespace kube-system, ${notOurs}`,
    'kube-system',
  ],
  [`verb: update, ${coredns}, object: {data: {a: b}}`, `ConfigMap coredns is in the namespace kube-system, ${notOurs}`, 'kube-system'],
  [`verb: delete, ${coredns}`, `ConfigMap coredns is in the namespace kube-system, ${notOurs}`, 'kube-system'],
  ['verb: deletecollection, apiVersion: v1, kind: Event, namespace: default', `Event is in the namespace default, ${notOurs}`, 'default'],
  [`verb: delete, ${admin}`, `ClusterRole admin is in no namespace, ${notOurs}`, 'ClusterRole'],
  [`verb: create, subresource: token, ${coredns}`, `ConfigMap coredns is in the namespace kube-system, ${notOurs}`, 'kube-system'],
  [
    `verb: patch, subresource: scale, dryRun: true, ${coredns}, patch: {spec: {}}`,
    `ConfigMap coredns is in the namespace kube-system, ${notOurs}`,
    'kube-system',
  ],
  [
    'verb: patch, apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, name: "${{ run.namespace }}-a", patch: {rules: []}',
    "ClusterRole sim-xxxxxxxx-a is in no namespace: outside of the run's namespace a request may delete it, and not change it",
    'ClusterRole',
  ],
  [
    'verb: patch, apiVersion: v1, kind: Pod, name: a, patch: {spec: {containers: [{$patch: replace}]}}',
    '`$patch` is not possible in a patch: what comes of it cannot be judged',
    'replace',
  ],
])('a change that no run asks for, whatever the risk: %s', (more, message, place) => {
  for (const text of [change(more), high(change(more))]) {
    expect(toldOf(text)).toEqual([message]);
    expect(underlinedBy(impossibleObject, text, { steps })).toEqual([place]);
    expect(findingsOf(undeclaredRisk, text, { steps })).toEqual([]);
  }
});

test.each([
  'verb: patch, apiVersion: v1, kind: ConfigMap, name: a, patch: {data: {a: b}}',
  'verb: delete, apiVersion: v1, kind: ConfigMap, namespace: "${{ run.namespace }}", name: a',
  `verb: patch, dryRun: true, ${coredns}, patch: {data: {a: b}}`,
  `verb: patch, dryRun: "\${{ inputs.text == 'a' }}", ${coredns}, patch: {data: {a: b}}`,
  `verb: get, ${coredns}`,
  'verb: delete, apiVersion: v1, kind: ConfigMap, namespace: "${{ inputs.text }}", name: coredns',
  'verb: delete, apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, name: "${{ run.namespace }}-a"',
  'verb: delete, apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, name: "${{ inputs.text }}"',
  'verb: delete, apiVersion: v1, kind: Namespace, name: "${{ run.namespace }}"',
])('a change that a run asks for, or nobody knows: %s', (more) => expect(toldOf(high(change(more)))).toEqual([]));

test('lint says of a change what a run says', async () => {
  const run = { id: 'xxxxxxxx', playbook: 'sample' };
  const creator = objectCreator({
    cluster: fakeCluster(),
    run,
    notice: { operator: 'tester@here', until: 0 },
    risk: 'high',
    now: () => 0,
    recordDurably: async () => undefined,
  });
  const bodies = [
    { verb: 'patch', apiVersion: 'v1', kind: 'ConfigMap', namespace: 'kube-system', name: 'coredns', patch: { data: { a: 'b' } } },
    { verb: 'delete', apiVersion: 'v1', kind: 'ConfigMap', namespace: 'kube-system', name: 'coredns' },
    { verb: 'patch', apiVersion: 'v1', kind: 'Pod', namespace: 'sim-xxxxxxxx', name: 'a', patch: { spec: { $patch: 'replace' } } },
    {
      verb: 'patch',
      apiVersion: 'v1',
      kind: 'Pod',
      namespace: 'sim-xxxxxxxx',
      name: 'a',
      patch: { spec: { priorityClassName: 'system-node-critical' } },
    },
  ];
  for (const body of bodies) {
    const [message = ''] = toldOf(high(playbookOf(`  - api: ${JSON.stringify({ serviceAccount: 'a', ...body })}\n`)));
    const { change, content } = steps.find(({ type }) => type === 'api')?.changes?.(body)[0] ?? expect.fail();
    await expect(creator.checkChange(change, content?.object, new AbortController().signal)).rejects.toMatchObject({ message });
  }
});

test('in a used file the defaults of inputs count, but not of those that it is given', () => {
  const file = `apiVersion: kubesim/v1
kind: StepTemplate
metadata: {name: a, title: A}
inputs: {place: {type: string, default: default, description: A namespace}}
steps:
  - deploy: {manifests: [{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: "\${{ inputs.place }}"}}]}
`;
  const references: References = new Map([['a.yaml', { kind: 'file', text: file }]]);
  const plain = playbookOf('  - uses: ./a.yaml\n');
  expect(toldOf(plain, references)).toEqual([expect.stringMatching(/^in `a.yaml`, Pod a: its namespace is default/)]);
  const given = playbookOf('  - uses: ./a.yaml\n    with: {place: "${{ run.namespace }}"}\n');
  expect(toldOf(given, references)).toEqual([]);
});
