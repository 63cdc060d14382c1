// The sensor's process on this machine, for tests that stop it. The native lab's only: kind's runs in a container of its own.
import { readdirSync, readFileSync } from 'node:fs';
import { sensorRelease } from '../../src/lab/sensor.ts';
import type { Cluster } from '../../src/ports/cluster.ts';

/** Its id, found by the cgroup of its pod. */
export async function sensorProcess(cluster: Cluster): Promise<number> {
  const query = { apiVersion: 'v1', kind: 'Pod', namespace: sensorRelease.namespace };
  const [pod] = await cluster.list(query, AbortSignal.timeout(20_000));
  const uid = pod?.metadata.uid;
  if (uid === undefined) throw new Error('there is no pod of the sensor');
  for (const id of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const isInPod = readFileSync(`/proc/${id}/cgroup`, 'utf8').includes(uid);
      if (isInPod && readFileSync(`/proc/${id}/cmdline`, 'utf8').startsWith('/sensor\0--ready')) return Number(id);
    } catch {
      // It has ended.
    }
  }
  throw new Error(`no process of the pod ${uid}`);
}
