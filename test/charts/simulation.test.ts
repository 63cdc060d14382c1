// What charts/simulation puts on a cluster, and what it refuses to be told.
import { describe, expect, test } from 'vitest';
import { hasHelm, render, token } from './render.ts';

const valid = { webShell: { token }, runId: 'k3x9' };
const roles = ['attacker', 'victim'];

describe.skipIf(!hasHelm)(`charts/simulation${hasHelm ? '' : ' (skipped: no helm on PATH or in SIM_HELM)'}`, () => {
  test('only namespaced objects of these kinds, and no rights for anybody', () => {
    const { objects, error } = render(valid);
    expect(error).toBe('');
    expect(objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`).sort()).toEqual([
      'ConfigMap/attacker',
      'ConfigMap/victim',
      'Pod/attacker',
      'Pod/victim',
      'Secret/victim',
      'Service/attacker',
      'Service/victim',
      'ServiceAccount/victim',
    ]);
  });

  test('the token stands in the Secret and nowhere else', () => {
    const holders = render(valid).objects.filter((object) => JSON.stringify(object).includes(token));
    expect(holders.map(({ kind }) => kind)).toEqual(['Secret']);
  });

  test('the official images by default, never pulled again', () => {
    for (const role of roles) {
      const [container] = render(valid).pod(role).containers;
      expect(container.image).toBe(`ghcr.io/microsoft/defender-for-cloud/attacksimulation/${role}:latest`);
      expect(container.imagePullPolicy).toBe('IfNotPresent');
    }
  });

  test('an image by tag and digest, or whole', () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const images = { attacker: { repository: 'mine/attacker', tag: '2', digest }, victim: { repository: 'simlab/victim:1', tag: '' } };
    const rendered = render({ ...valid, images });
    expect(rendered.pod('attacker').containers[0].image).toBe(`mine/attacker:2@${digest}`);
    expect(rendered.pod('victim').containers[0].image).toBe('simlab/victim:1');
  });

  test('nothing that the Pod Security level "baseline" forbids; the attacker and a victim with a user pass "restricted"', () => {
    const baseline = [
      'AUDIT_WRITE',
      'CHOWN',
      'DAC_OVERRIDE',
      'FOWNER',
      'FSETID',
      'KILL',
      'MKNOD',
      'NET_BIND_SERVICE',
      'SETFCAP',
      'SETGID',
      'SETPCAP',
      'SETUID',
    ];
    for (const values of [valid, { ...valid, victimUser: 101 }]) {
      const rendered = render(values);
      for (const role of roles) {
        const pod = rendered.pod(role);
        const { securityContext } = pod.containers[0];
        expect(JSON.stringify(pod)).not.toMatch(/hostPath|hostNetwork|hostPID|hostIPC|hostPort|"privileged"/);
        expect(pod.securityContext.seccompProfile).toEqual({ type: 'RuntimeDefault' });
        expect(securityContext.allowPrivilegeEscalation).toBe(false);
        expect(securityContext.capabilities.drop).toEqual(['ALL']);
        expect(baseline).toEqual(expect.arrayContaining(securityContext.capabilities.add ?? []));
        if (role === 'victim' && values === valid) continue;
        expect(securityContext.capabilities.add).toBeUndefined();
        expect(pod.securityContext.runAsNonRoot).toBe(true);
        expect(pod.securityContext.runAsUser).toBeGreaterThan(0);
      }
    }
  });

  test('limits on both pods, a token only for the victim, a short grace period, the run id in the environment', () => {
    const rendered = render(valid);
    for (const role of roles) {
      const pod = rendered.pod(role);
      const [{ resources, env }] = pod.containers;
      expect(Object.keys(resources.requests ?? {}).sort()).toEqual(['cpu', 'memory']);
      expect(Object.keys(resources.limits ?? {}).sort()).toEqual(['cpu', 'memory']);
      expect(pod.terminationGracePeriodSeconds).toBe(2);
      expect(env).toEqual([{ name: 'SIM_RUN', value: 'k3x9' }]);
    }
    expect(rendered.pod('attacker').automountServiceAccountToken).toBe(false);
    expect(rendered.pod('victim').serviceAccountName).toBe('victim');
  });

  test('both pods on Linux and on one architecture, wherever else they are sent', () => {
    const tolerations = [{ key: 'spot', operator: 'Exists', effect: 'NoSchedule' }];
    const nodeSelector = { pool: 'tests', 'kubernetes.io/os': 'windows' };
    const rendered = render({ ...valid, architecture: 'arm64', nodeSelector, tolerations, imagePullSecrets: [{ name: 'registry' }] });
    for (const role of roles) {
      const pod = rendered.pod(role);
      expect(pod.nodeSelector).toEqual({ 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'arm64', pool: 'tests' });
      expect(pod.tolerations).toEqual(tolerations);
      expect(pod.imagePullSecrets).toEqual([{ name: 'registry' }]);
      expect(JSON.stringify(pod.affinity)).toContain('"topologyKey":"kubernetes.io/arch"');
    }
    expect(render(valid).pod('victim').nodeSelector).toEqual({ 'kubernetes.io/os': 'linux' });
  });

  test('a proxy reaches both pods, and what must stay inside does not go through it', () => {
    const rendered = render({ ...valid, proxy: { http: 'http://proxy.example:3128' } });
    for (const role of roles) {
      const env = Object.fromEntries(rendered.pod(role).containers[0].env.map(({ name, value }) => [name, value]));
      expect(env.http_proxy).toBe('http://proxy.example:3128');
      expect(env.https_proxy).toBeUndefined();
      expect(env.no_proxy?.split(',')).toEqual(expect.arrayContaining(['169.254.169.254', 'kubernetes.default', 'attacker', 'victim']));
    }
  });

  test.each([
    ['no token', {}, 'webShell'],
    ['a short token', { webShell: { token: 'abc' } }, 'token'],
    ['an unknown key', { ...valid, victmUser: 1 }, 'victmUser'],
    ['an unknown key deeper down', { ...valid, images: { attacker: { repository: 'a', pull: 'Always' } } }, 'pull'],
    ['root as user', { ...valid, victimUser: 0 }, 'victimUser'],
    ['a name with a line break', { ...valid, names: { attacker: 'a\nkind: Node' } }, 'attacker'],
    ['an image that is more than a reference', { ...valid, images: { victim: { repository: 'a\nprivileged: true' } } }, 'repository'],
  ])('%s is refused by name', (_, values, named) => {
    const { error, objects } = render(values);
    expect(error).toContain(named);
    expect(objects).toEqual([]);
  });
});
