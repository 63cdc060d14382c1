// Helm charts, rendered to objects and nothing more: never installed by helm.
import type { KubernetesObject } from './cluster.ts';

export interface ChartRequest {
  /** A folder, a .tgz file or an oci:// reference. */
  chart: string;
  release: string;
  namespace: string;
  values: Record<string, unknown>;
  /** The cluster's version as helm's --kube-version, e.g. "1.34.4". */
  kubeVersion?: string;
}

export interface Charts {
  /** `helm template`: values by file, no hooks run, no dependency update, no DNS. Throws Failure configuration / invalid. */
  render(request: ChartRequest, signal: AbortSignal): Promise<KubernetesObject[]>;
  /** Path and version of the helm in use. Throws Failure configuration when there is none (3 or 4). */
  version(signal: AbortSignal): Promise<{ path: string; version: string }>;
}
