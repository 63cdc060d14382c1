import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KubernetesObject } from '../../src/ports/cluster.ts';
import { podReach } from '../../src/reach/pod.ts';

type Made = { spec: Record<string, unknown>; annotations?: Record<string, string> };

/** Every way in which an object can make pods. */
const makers: Record<string, (pod: Made) => KubernetesObject> = {
  Pod: ({ spec, annotations = {} }) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', annotations }, spec }),
  ...Object.fromEntries(
    ['Deployment', 'DaemonSet', 'StatefulSet', 'ReplicaSet', 'Job', 'ReplicationController'].map((kind) => [
      kind,
      ({ spec, annotations = {} }: Made): KubernetesObject => ({
        apiVersion: 'x',
        kind,
        metadata: { name: 'w' },
        spec: { template: { metadata: { annotations }, spec } },
      }),
    ]),
  ),
  CronJob: ({ spec, annotations = {} }) => ({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'c' },
    spec: { jobTemplate: { spec: { template: { metadata: { annotations }, spec } } } },
  }),
};
const container = (more: object, list = 'containers'): Made => ({
  spec: {
    [list]: [
      { name: 'a', image: 'i' },
      { name: 'b', ...more },
    ],
  },
});
const context = (securityContext: object): Made => container({ securityContext });

const reaching: [string, Made, RegExp][] = [
  ...['hostNetwork', 'hostPID', 'hostIPC'].map((flag): [string, Made, RegExp] => [flag, { spec: { [flag]: true } }, new RegExp(flag)]),
  ['hostPath', { spec: { volumes: [{ name: 'v', hostPath: { path: '/etc' } }] } }, /mounts \/etc of the node/],
  ["somebody's storage", { spec: { volumes: [{ name: 'v', nfs: { server: 's', path: '/' } }] } }, /volume of the kind nfs/],
  ['a port of the node', container({ ports: [{ containerPort: 1, hostPort: 80 }] }), /opens the port 80/],
  ['a privileged container', context({ privileged: true }), /container b is privileged/],
  ['a capability', context({ capabilities: { add: ['CHOWN', 'SYS_ADMIN'] } }), /capability SYS_ADMIN/],
  ['all capabilities', context({ capabilities: { add: ['ALL'] } }), /capability ALL/],
  ['an unmasked /proc', context({ procMount: 'Unmasked' }), /mounts \/proc Unmasked/],
  ['no seccomp in a container', context({ seccompProfile: { type: 'Unconfined' } }), /without seccomp/],
  ['no seccomp in the pod', { spec: { securityContext: { seccompProfile: { type: 'Unconfined' } } } }, /it is without seccomp/],
  ['no AppArmor', context({ appArmorProfile: { type: 'Unconfined' } }), /without AppArmor/],
  [
    'no AppArmor, the old way',
    { spec: {}, annotations: { 'container.apparmor.security.beta.kubernetes.io/main': 'unconfined' } },
    /container main is without AppArmor/,
  ],
  ['a SELinux type', context({ seLinuxOptions: { type: 'spc_t' } }), /SELinux/],
  ['a SELinux role', { spec: { securityContext: { seLinuxOptions: { role: 'system_r' } } } }, /SELinux/],
  ['a sysctl', { spec: { securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } } }, /kernel\.msgmax/],
  ['a process of a Windows host', context({ windowsOptions: { hostProcess: true } }), /Windows/],
  ['a probe of another host', container({ livenessProbe: { httpGet: { host: '10.0.0.1', port: 1 } } }), /another host/],
  ['a hook that asks another host', container({ lifecycle: { preStop: { tcpSocket: { host: 'a', port: 1 } } } }), /another host/],
  ['a priority', { spec: { priorityClassName: 'important' } }, /may evict pods of others/],
  ['a privileged container of an init kind', container({ securityContext: { privileged: true } }, 'initContainers'), /privileged/],
];

test.for(Object.entries(makers).flatMap(([kind, make]) => reaching.map(([name, made, words]) => [name, kind, make(made), words] as const)))(
  '%s of a %s needs a high risk',
  ([, , object, words]) => expect(podReach(object).high).toEqual([{ says: expect.stringMatching(words), path: expect.any(Array) }]),
);

test('each finding names its place', () => {
  const made = { spec: { hostPID: true, ...context({ capabilities: { add: ['CHOWN', 'SYS_ADMIN'] } }).spec } };
  const placesIn = (kind: string) => podReach(makers[kind]?.(made) as KubernetesObject).high.map(({ path }) => path.join('.'));
  const inPod = ['spec.hostPID', 'spec.containers.1.securityContext.capabilities.add.1'];
  expect(placesIn('Pod')).toEqual(inPod);
  expect(placesIn('Job')).toEqual(inPod.map((path) => `spec.template.${path}`));
  expect(placesIn('CronJob')).toEqual(inPod.map((path) => `spec.jobTemplate.spec.template.${path}`));
});

test('an ordinary pod reaches nowhere', () => {
  const spec = {
    securityContext: { seccompProfile: { type: 'RuntimeDefault' }, sysctls: [{ name: 'net.ipv4.tcp_syncookies', value: '1' }] },
    volumes: [
      { name: 'a', emptyDir: {} },
      { name: 'b', secret: { secretName: 's' } },
    ],
    containers: [
      {
        name: 'a',
        ports: [{ containerPort: 80 }],
        readinessProbe: { httpGet: { port: 80 } },
        securityContext: { capabilities: { drop: ['ALL'], add: ['CHOWN', 'SETUID'] }, procMount: 'Default' },
      },
    ],
  };
  for (const make of Object.values(makers)) expect(podReach(make({ spec }))).toEqual({ never: [], high: [] });
});

test('a folder of the node is read only, in every container, whatever the risk', () => {
  const mount = (more: object) => ({
    spec: {
      volumes: [
        { name: 'v', hostPath: { path: '/etc' } },
        { name: 'w', emptyDir: {} },
      ],
      containers: [
        {
          name: 'a',
          volumeMounts: [
            { name: 'w', mountPath: '/w' },
            { name: 'v', mountPath: '/host', ...more },
          ],
        },
      ],
    },
  });
  const neverOf = (made: Made) => podReach(makers.DaemonSet?.(made) as KubernetesObject).never.map(({ says }) => says);
  expect(neverOf(mount({ readOnly: true }))).toEqual([]);
  for (const wrong of [{}, { readOnly: false }, { readOnly: true, mountPropagation: 'Bidirectional' }])
    expect(neverOf(mount(wrong))).toEqual([expect.stringContaining('mounts /host from the node without `readOnly: true`')]);
  expect(neverOf({ spec: { volumes: [{ name: 'v', hostPath: { path: '/x', type: 'DirectoryOrCreate' } }] } })).toEqual([
    expect.stringContaining('left behind'),
  ]);
  expect(neverOf({ spec: { priorityClassName: 'system-node-critical' } })).toEqual([expect.stringContaining('evicts')]);
});

test('no object is too strange to be judged, and one privileged container among any others is found', () => {
  const strange = fc.dictionary(
    fc.constantFrom('containers', 'volumes', 'securityContext', 'template', 'jobTemplate', 'hostPID'),
    fc.anything(),
  );
  fc.assert(
    fc.property(strange, fc.constantFrom(...Object.keys(makers)), (spec, kind) => {
      podReach({ apiVersion: 'v1', kind, metadata: { name: 'a' }, spec });
    }),
  );
  const ordinary = fc.array(fc.record({ name: fc.string(), securityContext: fc.constantFrom(undefined, {}, { privileged: false }) }));
  fc.assert(
    fc.property(ordinary, ordinary, fc.constantFrom(...Object.keys(makers)), (before, after, kind) => {
      const containers = [...before, { name: 'bad', securityContext: { privileged: true } }, ...after];
      return podReach(makers[kind]?.({ spec: { containers } }) as KubernetesObject).high.some(
        ({ says }) => says === 'its container bad is privileged',
      );
    }),
  );
});
