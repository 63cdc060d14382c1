// The pods that the playbooks would bring about: written out as such, or as the template of a workload.
import type { KubernetesObject } from '../ports/cluster.ts';

export interface PlannedPod {
  /** "pod victim", "deployment web". */
  name: string;
  pod: KubernetesObject;
}

interface Template {
  metadata?: object;
  spec?: object;
}

interface Workload {
  template?: Template;
  /** Of a CronJob. */
  jobTemplate?: { spec?: { template?: Template } };
}

/** Each pod once: every run has the same ones but for names and tokens. */
export function plannedPods(objects: readonly KubernetesObject[] = []): PlannedPod[] {
  const found = objects.flatMap((object): PlannedPod[] => {
    const { kind, metadata } = object;
    const name = `${kind.toLowerCase()} ${metadata.name}`;
    if (kind === 'Pod') return [{ name, pod: object }];
    const { template, jobTemplate } = (object.spec ?? {}) as Workload;
    const { metadata: more = {}, spec } = template ?? jobTemplate?.spec?.template ?? {};
    if (spec === undefined) return [];
    return [{ name, pod: { apiVersion: 'v1', kind: 'Pod', metadata: { ...more, name: metadata.name ?? '' }, spec } }];
  });
  return [...new Map(found.map((planned) => [planned.name, planned])).values()];
}
