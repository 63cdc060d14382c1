// What charts/sensor puts on a cluster, and what it refuses to be told.
import { describe, expect, test } from 'vitest';
import { hasHelm, render } from './render.ts';

interface Container {
  name: string;
  image: string;
  args: string[];
  resources: { limits: object };
  securityContext: { privileged?: boolean; readOnlyRootFilesystem: boolean; allowPrivilegeEscalation: boolean; capabilities: object };
  volumeMounts?: object[];
}

function daemonSet(values: object = {}) {
  const { objects, error } = render(values, 'sensor');
  expect(error).toBe('');
  const set = objects.find(({ kind }) => kind === 'DaemonSet') as unknown as {
    spec: {
      template: { spec: { hostPID: boolean; hostNetwork?: boolean; tolerations: object[]; volumes?: object[]; containers: Container[] } };
    };
  };
  return { objects, pod: set.spec.template.spec };
}

describe.skipIf(!hasHelm)(`charts/sensor${hasHelm ? '' : ' (skipped: no helm on PATH or in SIM_HELM)'}`, () => {
  test('one DaemonSet, and the right to read pods and namespaces', () => {
    const { objects } = daemonSet();
    expect(objects.map(({ kind }) => kind).sort()).toEqual(['ClusterRole', 'ClusterRoleBinding', 'DaemonSet', 'ServiceAccount']);
    expect(objects.find(({ kind }) => kind === 'ClusterRole')?.rules).toEqual([
      { apiGroups: [''], resources: ['pods', 'namespaces'], verbs: ['get', 'list', 'watch'] },
    ]);
  });

  test('the least that works: named capabilities, nothing of the host but its process ids, limits, nothing writable', () => {
    const { pod } = daemonSet();
    expect(pod.hostPID).toBe(true);
    expect(pod.hostNetwork).toBeUndefined();
    expect(pod.volumes).toBeUndefined();
    const [sensor] = pod.containers;
    expect(sensor?.securityContext).toEqual({
      runAsUser: 0,
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'], add: ['BPF', 'PERFMON', 'SYS_PTRACE'] },
    });
    expect(Object.keys(sensor?.resources.limits ?? {}).sort()).toEqual(['cpu', 'memory']);
    expect(sensor?.args).toEqual(['--ready=:8686']);
    expect(pod.tolerations).toEqual([{ operator: 'Exists' }]);
  });

  test('the audit log by a second container without any capability, from a folder that it cannot write', () => {
    const { pod } = daemonSet({ allPods: true, audit: { enabled: true, path: '/var/log/kube/audit.log' } });
    const [sensor, audit] = pod.containers;
    expect(sensor?.args).toContain('--all-pods');
    expect(audit).toMatchObject({
      name: 'audit',
      args: ['audit', '--ready=:8687', '--file=/audit/audit.log', '--all'],
      volumeMounts: [{ mountPath: '/audit', readOnly: true }],
    });
    expect(audit?.securityContext.capabilities).toEqual({ drop: ['ALL'] });
    expect(pod.volumes).toEqual([{ name: 'audit', hostPath: { path: '/var/log/kube', type: 'DirectoryOrCreate' } }]);
  });

  test('an image by tag and digest', () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    expect(daemonSet({ image: { repository: 'mine/sensor', tag: '2', digest } }).pod.containers[0]?.image).toBe(`mine/sensor:2@${digest}`);
  });

  test.each([
    ['a key that is none', { allPod: true }, /allPod/],
    ['a capability that it has no use for', { capabilities: ['NET_ADMIN'] }, /capabilities/],
    ['a log in no folder', { audit: { enabled: true, path: 'audit.log' } }, /audit/],
    ['an image with a space', { image: { repository: 'a b' } }, /repository/],
  ])('refuses %s', (_, values, said) => {
    expect(render(values, 'sensor').error).toMatch(said);
  });
});
