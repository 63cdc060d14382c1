// Requests as a service account on a real API server: who it takes them to be from, what is written of them, and that nothing of them stays.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { env } from 'node:process';
import { beforeAll, expect, test } from 'vitest';
import { connectCluster } from '../../src/adapters/kubernetes/connect.ts';
import { labWorld } from '../../src/commands/lab-world.ts';
import type { RunEvent, StepEnd } from '../../src/engine/events.ts';
import { openLab } from '../../src/lab/open.ts';
import { logsIn, newState, sim } from './cli.ts';
import { inventory } from './inventory.ts';
import { describeOnLab, lab } from './lab-under-test.ts';

const playbook = `apiVersion: kubesim/v1
kind: Playbook
metadata: {name: probe, title: Probe, risk: high}
inputs: {other: {type: string}}
steps:
  - deploy:
      manifests:
        - {apiVersion: v1, kind: ServiceAccount, metadata: {name: scout}}
        - {apiVersion: v1, kind: Secret, metadata: {name: bait}, stringData: {password: do-not-write-this}}
        - {apiVersion: v1, kind: LimitRange, metadata: {name: small}, spec: {limits: [{type: Container, max: {cpu: 100m}}]}}
        - apiVersion: rbac.authorization.k8s.io/v1
          kind: Role
          metadata: {name: scout}
          rules: [{apiGroups: [""], resources: [secrets, configmaps, events, pods, serviceaccounts/token], verbs: ["*"]}]
        - apiVersion: rbac.authorization.k8s.io/v1
          kind: RoleBinding
          metadata: {name: scout}
          roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: scout}
          subjects: [{kind: ServiceAccount, name: scout, namespace: "\${{ run.namespace }}"}]
  - wait: {duration: 1s}
  - id: whoami
    api: {serviceAccount: scout, verb: create, apiVersion: authentication.k8s.io/v1, kind: SelfSubjectReview, object: {}}
  - id: secrets
    api: {serviceAccount: scout, verb: list, apiVersion: v1, kind: Secret, userAgent: curl/8.0, expect: {body: {contains: bait}}}
  - id: token
    api: {serviceAccount: scout, verb: create, apiVersion: v1, kind: ServiceAccount, name: scout, subresource: token, expect: {status: 201}}
  - id: create
    api: {serviceAccount: scout, verb: create, apiVersion: v1, kind: ConfigMap, object: {metadata: {name: note}, data: {a: b}}, expect: {status: 201}}
  - id: patch
    api:
      {serviceAccount: scout, verb: patch, apiVersion: v1, kind: ConfigMap, name: note, patch: {data: {a: c}}, expect: {json: {cel: 'value.data.a == "c"'}}}
  - id: again
    api: {serviceAccount: scout, verb: create, apiVersion: v1, kind: ConfigMap, object: {metadata: {name: note}}, expect: {status: 409}}
  - id: hide
    api: {serviceAccount: scout, verb: create, apiVersion: v1, kind: Secret, object: {metadata: {name: hidden}, stringData: {password: do-not-write-this}}}
  - id: reveal
    api: {serviceAccount: scout, verb: get, apiVersion: v1, kind: Secret, name: hidden, expect: {json: {cel: 'value.metadata.name == "hidden"'}}}
  - id: remove
    api: {serviceAccount: scout, verb: delete, apiVersion: v1, kind: Secret, name: hidden}
  - id: removeAll
    api: {serviceAccount: scout, verb: deletecollection, apiVersion: v1, kind: Secret, fieldSelector: metadata.name=hidden}
  - id: events
    api: {serviceAccount: scout, verb: deletecollection, apiVersion: v1, kind: Event}
  - id: elsewhere
    api: {serviceAccount: scout, verb: list, apiVersion: v1, kind: Secret, namespace: kube-system, expect: {status: 403}}
  - id: dry
    api:
      serviceAccount: scout
      verb: patch
      apiVersion: v1
      kind: ConfigMap
      namespace: kube-system
      name: coredns
      patch: {data: {a: b}}
      dryRun: true
      expect: {status: 403}
  - id: version
    api: {serviceAccount: scout, verb: get, path: /version, expect: {json: {cel: 'value.major == "1"'}}}
  # Lint refuses it where the name is known.
  - id: refused
    continueOnError: true
    api: {serviceAccount: scout, verb: delete, apiVersion: v1, kind: ConfigMap, namespace: kube-system, name: "\${{ inputs.other }}"}
  - id: nobody
    continueOnError: true
    api: {serviceAccount: nobody, verb: get, path: /version}
  - id: limited
    attack: [T1610]
    api:
      serviceAccount: scout
      verb: create
      apiVersion: v1
      kind: Pod
      object: {metadata: {name: large}, spec: {containers: [{name: a, image: a, resources: {limits: {cpu: "1"}}}]}}
`;

describeOnLab('the step api', () => {
  let events: RunEvent[];
  let ends: Map<string | undefined, StepEnd>;
  let log: string;
  let run: { id: string; namespace: string };
  let audit: {
    user: { username: string };
    verb: string;
    userAgent: string;
    requestURI: string;
    objectRef?: { resource: string; subresource?: string };
  }[];
  let before: string[];
  let after: string[];

  beforeAll(async () => {
    const cluster = await connectCluster({ kubeconfig: lab().kubeconfig, env: {} });
    const file = join(newState(), 'probe.yaml');
    writeFileSync(file, playbook);
    const state = newState();
    before = await inventory(cluster);
    const { stdout, stderr } = await sim(
      ['run', file, '--lab', '--yes', '--json', '--allow-unverified', '--allow-risk', 'high', '--set', 'other=never-asked-for'],
      { SIM_STATE: state },
    );
    after = await inventory(cluster);
    expect(stderr).toBe('');
    events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as RunEvent);
    ends = new Map(events.flatMap((event) => (event.type === 'step-finished' ? [[event.step.id, event.end] as const] : [])));
    run = events.flatMap((event) => (event.type === 'run-started' ? [event.run] : []))[0] ?? { id: '', namespace: '' };
    log = logsIn(state);
    const { auditLog = '' } = await (await openLab(undefined, labWorld(env))).status();
    audit = readFileSync(auditLog, 'utf8')
      .split('\n')
      .filter((line) => line.includes(run.namespace))
      .map((line) => JSON.parse(line));
  });

  test('does what it says, and tells what it may not', () => {
    const states = [...ends].flatMap(([id, { status, problem }]) =>
      id === undefined ? [] : [`${id}: ${[status, problem?.code].filter(Boolean).join(' ')}`],
    );
    expect(states).toEqual([
      ...[
        'whoami',
        'secrets',
        'token',
        'create',
        'patch',
        'again',
        'hide',
        'reveal',
        'remove',
        'removeAll',
        'events',
        'elsewhere',
        'dry',
        'version',
      ].map((id) => `${id}: succeeded`),
      'refused: failed invalid',
      'nobody: failed not-found',
      'limited: prevented admission-denied',
    ]);
    expect(ends.get('limited')?.problem).toMatchObject({ policy: 'LimitRange per Container' });
    expect(ends.get('nobody')?.problem?.message).toContain('"nobody" not found');
  });

  test('the API server takes the account for who asks', () => {
    const username = `system:serviceaccount:${run.namespace}:scout`;
    expect(ends.get('whoami')?.outputs).toMatchObject({ status: 201, json: { status: { userInfo: { username } } } });
    const by = (resource: string) => audit.filter(({ user, objectRef }) => user.username === username && objectRef?.resource === resource);
    expect(by('secrets').map(({ verb, userAgent }) => `${verb} ${userAgent}`)).toEqual([
      'list curl/8.0',
      ...['create', 'get', 'delete', 'deletecollection', 'list'].map((verb) => `${verb} sim/${run.namespace}`),
    ]);
    expect(by('configmaps').map(({ verb, userAgent }) => `${verb} ${userAgent}`)).toEqual(
      ['create', 'patch', 'create', 'patch'].map((verb) => `${verb} sim/${run.namespace}`),
    );
    // The operator asked for one token, and for nothing in its place.
    const tokens = audit.filter(({ objectRef }) => objectRef?.resource === 'serviceaccounts' && objectRef.subresource === 'token');
    expect(tokens.map(({ user }) => user.username === username)).toEqual([false, true, false]);
  });

  test('what is deployed is created in the audit log, and not patched', () => {
    const verbs = audit.filter(({ objectRef }) => objectRef?.resource === 'limitranges').map(({ verb }) => verb);
    expect(verbs).toContain('create');
    expect(verbs).not.toContain('patch');
  });

  test('what it may not change is never asked for', () => {
    expect(ends.get('refused')?.problem?.message).toMatch(/never-asked-for is in the namespace kube-system, and was not made by this run/);
    expect(audit.filter(({ requestURI }) => requestURI.includes('never-asked-for'))).toEqual([]);
  });

  test('what it creates is in the log before it exists, and goes with the run', () => {
    const of = (type: string) => events.findIndex((event) => event.type === type && 'object' in event && event.object.kind === 'ConfigMap');
    expect(of('object-intended')).toBeGreaterThan(-1);
    expect(of('object-created')).toBeGreaterThan(of('object-intended'));
    const removals = events.flatMap((event) => (event.type === 'object-removed' ? [event.removal] : []));
    expect(removals.map(({ object, result }) => `${object.kind} ${object.name} ${result}`)).toEqual(
      expect.arrayContaining(['ConfigMap note deleted', 'Pod large absent', `Namespace ${run.namespace} deleted`]),
    );
    // What other tests left ending may go meanwhile.
    expect(after.filter((name) => !before.includes(name))).toEqual([]);
  });

  test('no token and no secret is in the log', () => {
    expect(ends.get('token')?.outputs).toMatchObject({ json: { kind: 'TokenRequest', status: { token: '***' } } });
    for (const word of ['eyJ', 'do-not-write-this', Buffer.from('do-not-write-this').toString('base64')]) expect(log).not.toContain(word);
  });
});
