// What `risk: high` may create outside of its namespace, on a real cluster: only with the operator's word, and gone again however the run ends.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { connectCluster } from '../../src/adapters/kubernetes/connect.ts';
import type { Cluster, KubernetesObject } from '../../src/ports/cluster.ts';
import { logsIn, newState, sim, start } from './cli.ts';
import { inventory } from './inventory.ts';
import { describeOnLab, lab } from './lab-under-test.ts';

/** One object of each shape, and inside of the namespace what only a high risk may have. */
const playbookOf = (image: string, steps: string, more = ''): string => `apiVersion: kubesim/v1
kind: Playbook
metadata: {name: outside, title: Outside, risk: high}
steps:
  - name: Create one of each
    timeout: 90s
    deploy:
      manifests:
        - {apiVersion: v1, kind: ServiceAccount, metadata: {name: probe}}
        - apiVersion: rbac.authorization.k8s.io/v1
          kind: ClusterRole
          metadata: {name: "\${{ run.namespace }}-reader"}
          rules: [{apiGroups: [""], resources: [pods, nodes], verbs: [get, list]}]
        - apiVersion: rbac.authorization.k8s.io/v1
          kind: ClusterRoleBinding
          metadata: {name: "\${{ run.namespace }}-reader"}
          roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "\${{ run.namespace }}-reader"}
          subjects: [{kind: ServiceAccount, name: probe, namespace: "\${{ run.namespace }}"}]
        - apiVersion: rbac.authorization.k8s.io/v1
          kind: ClusterRoleBinding
          metadata: {name: "\${{ run.namespace }}-admin"}
          roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
          subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: "sim:nobody:\${{ run.id }}"}]
        - apiVersion: rbac.authorization.k8s.io/v1
          kind: Role
          metadata: {name: "\${{ run.namespace }}-secrets", namespace: kube-system}
          rules: [{apiGroups: [""], resources: [secrets], verbs: [get]}]
        - apiVersion: rbac.authorization.k8s.io/v1
          kind: RoleBinding
          metadata: {name: "\${{ run.namespace }}-secrets", namespace: kube-system}
          roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: "\${{ run.namespace }}-secrets"}
          subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: "sim:nobody:\${{ run.id }}"}]
        - {apiVersion: v1, kind: ConfigMap, metadata: {name: "\${{ run.namespace }}-coredns", namespace: kube-system}, data: {Corefile: "."}}
        - apiVersion: v1
          kind: Pod
          metadata: {name: "\${{ run.namespace }}-probe", namespace: kube-system}
          spec:
            automountServiceAccountToken: false
            terminationGracePeriodSeconds: 0
            containers:
              - {name: main, image: "${image}", imagePullPolicy: IfNotPresent, command: [sleep, "3600"], resources: {limits: {cpu: 100m, memory: 64Mi}}}
${['Validating', 'Mutating']
  .map(
    (kind) => `        - apiVersion: admissionregistration.k8s.io/v1
          kind: ${kind}WebhookConfiguration
          metadata: {name: "\${{ run.namespace }}-hook"}
          webhooks:
            - name: hook.sim.invalid
              failurePolicy: Ignore
              timeoutSeconds: 1
              sideEffects: None
              admissionReviewVersions: [v1]
              namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: "\${{ run.namespace }}"}}
              rules: [{operations: [CREATE], apiGroups: [""], apiVersions: [v1], resources: [secrets], scope: Namespaced}]
              clientConfig: {service: {namespace: "\${{ run.namespace }}", name: probe}}
`,
  )
  .join('')}        - {apiVersion: v1, kind: Service, metadata: {name: open}, spec: {type: NodePort, ports: [{port: 80}]}}
        - apiVersion: v1
          kind: Pod
          metadata: {name: probe, labels: {role: probe}}
          spec:
            terminationGracePeriodSeconds: 0
            hostPID: true
            serviceAccountName: probe
            volumes: [{name: host, hostPath: {path: /etc}}]
            containers:
              - name: main
                image: "${image}"
                imagePullPolicy: IfNotPresent
                command: [sleep, "3600"]
                securityContext: {privileged: true}
                volumeMounts: [{name: host, mountPath: /host, readOnly: true}]
${more}      roles: {probe: {labels: {role: probe}}}
${steps}`;

/** Kinds outside of the namespace, as the playbook makes them. */
const OUTSIDE = [
  'ClusterRole',
  'ClusterRoleBinding',
  'ClusterRoleBinding',
  'ConfigMap',
  'MutatingWebhookConfiguration',
  'Pod',
  'Role',
  'RoleBinding',
  'ValidatingWebhookConfiguration',
];

describeOnLab('a playbook of high risk', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await connectCluster({ kubeconfig: lab().kubeconfig, context: undefined, env: {} });
  });
  const write = (steps: string, more = ''): string => {
    const file = join(newState(), 'outside.yaml');
    writeFileSync(file, playbookOf(lab().images.victimImage, steps, more));
    return file;
  };
  const outsideOf = async (id: string): Promise<KubernetesObject[]> => {
    const signal = AbortSignal.timeout(60_000);
    const kinds = (await cluster.resources(signal)).filter(({ kind }) => OUTSIDE.includes(kind));
    const labelSelector = `app.kubernetes.io/managed-by=kubesim,app.kubernetes.io/instance=${id}`;
    const found = await Promise.all(kinds.map(({ apiVersion, kind }) => cluster.list({ apiVersion, kind, labelSelector }, signal)));
    return found.flat().filter(({ metadata }) => metadata.namespace !== `sim-${id}`);
  };
  const idIn = (stdout: string): string => /run ([a-z0-9]+), namespace/.exec(stdout)?.[1] ?? 'none';
  const waiting = '  - {name: Wait, timeout: 2h, wait: {duration: 1h}}\n';

  test('is refused without --allow-risk high, which the error says, and nothing is created', async () => {
    const before = await inventory(cluster);
    const state = newState();
    const { code, stderr } = await sim(['run', write(waiting), '--lab', '--yes'], { SIM_STATE: state });
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/outside: `risk: high` means .*\n.*add --allow-risk high/) });
    expect(await inventory(cluster)).toEqual(before);
  });

  test('runs with it: the log records the word, the objects are the run’s own, and all of them go', async () => {
    const before = await inventory(cluster);
    const state = newState();
    const look = `  - name: Read as the account
    exec:
      pod: probe
      shell: |
        api=https://kubernetes.default/api/v1/namespaces/kube-system
        ask() { curl -sk -o /dev/null -w '%{http_code} ' -H "Authorization: Bearer $(cat /var/run/secrets/kubernetes.io/serviceaccount/token)" "$1"; }
        ask $api/pods; ask $api/secrets; test -r /host/hostname; touch /host/sim 2>&1
      expect: {exitCode: {cel: value != 0}, stdout: {matches: "^200 403 .*Read-only file system"}}
`;
    const args = ['run', write(look), '--lab', '--yes', '--json', '--allow-risk', 'high'];
    const { code, stdout, stderr } = await sim(args, { SIM_STATE: state });
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const problems = events.flatMap(({ end }) => end?.problem ?? []);
    expect({ code, stderr, problems }).toEqual({ code: 0, stderr: '', problems: [] });
    expect(events[0]).toMatchObject({ type: 'run-started', overrides: ['--allow-risk high'] });
    const namespace = events[0].run.namespace;
    const removed = events.filter(({ type }) => type === 'object-removed').map(({ removal }) => removal);
    const isOutside = ({ object }: { object: { kind: string; namespace?: string } }) =>
      object.kind !== 'Namespace' && object.namespace !== namespace;
    expect(
      removed
        .filter(isOutside)
        .map(({ object }) => object.kind)
        .sort(),
    ).toEqual(OUTSIDE);
    expect(removed.findIndex((removal) => !isOutside(removal))).toBe(OUTSIDE.length);
    expect(removed.slice(0, 2).every(({ object }) => /WebhookConfiguration$/.test(object.kind))).toBe(true);
    expect(logsIn(state)).toContain('--allow-risk high');
    expect(await inventory(cluster)).toEqual(before);
  });

  test('by SIGKILL leaves what another machine finds without a log, also when the namespace is gone', async () => {
    const before = await inventory(cluster);
    const running = start(['run', write(waiting), '--lab', '--yes', '--allow-risk', 'high'], { SIM_STATE: newState() });
    await running.saw('waiting 1h');
    running.signal('SIGKILL');
    const { stdout } = await running.finished;
    const id = idIn(stdout);
    expect((await outsideOf(id)).map(({ kind }) => kind).sort()).toEqual(OUTSIDE);
    await deleteNamespace(`sim-${id}`);
    const listed = await sim(['cleanup', '--lab'], { SIM_STATE: newState() });
    expect({ code: listed.code, stdout: listed.stdout }).toEqual({ code: 5, stdout: expect.stringContaining(id) });
    const cleaned = await sim(['cleanup', '--run', id, '--lab', '--yes'], { SIM_STATE: newState() });
    expect(cleaned).toMatchObject({ code: 0, stdout: `${id}: ${OUTSIDE.length} objects removed\n`, stderr: '' });
    expect(await inventory(cluster)).toEqual(before);
  });

  test('all or nothing: what does not fit its shape keeps the rest from being created', async () => {
    const before = await inventory(cluster);
    const bad = `        - apiVersion: rbac.authorization.k8s.io/v1
          kind: ClusterRoleBinding
          metadata: {name: "\${{ run.namespace }}-everybody"}
          roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
          subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: "system:authenticated"}]
`;
    const { code, stderr } = await sim(['run', write(waiting, bad), '--lab', '--yes', '--allow-risk', 'high'], { SIM_STATE: newState() });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(
        /is not a valid playbook[\s\S]*ClusterRoleBinding sim-\w+-everybody: it binds Group system:authenticated: only User sim:nobody:[\s\S]*\[impossible-object\]/,
      ),
    });
    expect(await inventory(cluster)).toEqual(before);
  });

  async function deleteNamespace(name: string): Promise<void> {
    const signal = AbortSignal.timeout(60_000);
    const stop = new AbortController();
    await cluster.delete({ apiVersion: 'v1', kind: 'Namespace', name }, {}, signal);
    const query = { apiVersion: 'v1', kind: 'Namespace', fieldSelector: `metadata.name=${name}` };
    for await (const { type } of cluster.watch(query, AbortSignal.any([signal, stop.signal]))) if (type === 'DELETED') stop.abort();
    expect(await cluster.get({ apiVersion: 'v1', kind: 'Namespace', name }, signal)).toBeUndefined();
  }
});
