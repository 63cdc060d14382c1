// Names and addresses of the native lab, all in one place.
import { join } from 'node:path';
import type { LabFolders } from '../folders.ts';

/** Versions of Kubernetes and Helm as lab/kubelab/go.mod pins them; a test holds them together. */
export const kubernetesVersion = '1.34.4';
export const helmVersion = '4.0.5';

/** Addresses inside the lab's network namespace: other labs and the host cannot see them. */
export const network = {
  nodeAddress: '10.99.0.1',
  outsideAddress: '10.99.0.2',
  serviceRange: '10.96.0.0/16',
  apiService: '10.96.0.1',
  dnsService: '10.96.0.10',
  podRange: '10.244.0.0/24',
};

export const nodeName = 'simlab';
export const pauseImage = 'simlab/pause:1';
/** The host's loopback port for the API server; the next free one where it is taken. */
export const firstPort = 16443;

export type Layout = ReturnType<typeof nativeLayout>;

/** Paths of the native lab. */
export function nativeLayout({ name, state, cache }: LabFolders) {
  return {
    name,
    state,
    cache,
    record: join(state, 'lab.json'),
    kubeconfig: join(state, 'pki', 'admin.conf'),
    inside: join(state, 'pki', 'inside.conf'),
    helm: join(state, 'bin', 'helm'),
    kubelab: join(state, 'bin', 'kubelab'),
    pause: join(state, 'bin', 'pause'),
    tools: join(state, 'bin', 'tools'),
    pki: join(state, 'pki'),
    config: join(state, 'config'),
    run: join(state, 'run'),
    logs: join(state, 'logs'),
    auditLog: join(state, 'audit', 'audit.log'),
    sensorMark: join(state, 'run', 'sensor'),
    helmHome: join(state, 'helm'),
    socket: join(state, 'run', 'containerd.sock'),
    // Beside the folder, which `down` removes.
    stateLock: `${state}.lock`,
    cacheLock: `${cache}.lock`,
    containers: join(cache, name === 'kubesim-lab' ? 'containers' : `containers-${name}`),
    imageFolder: join(cache, 'images'),
    temporary: join(cache, 'tmp'),
    kubectlCache: join(state, 'kubectl'),
  };
}
