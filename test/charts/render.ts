// Renders the charts of charts/ with the lab's Helm; without a lab with SIM_HELM, else the one on PATH.
import { spawnSync } from 'node:child_process';
import { env } from 'node:process';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import { parseAllDocuments } from 'yaml';
// For the type of what is provided.
import type {} from '../cluster/lab-under-test.ts';

const lab = inject('lab');
const helm = (lab !== undefined && 'helm' in lab ? lab.helm : env.SIM_HELM) ?? 'helm';

/** False where no Helm runs; under CI that is no excuse, so the tests then run and fail. */
export const hasHelm = env.CI !== undefined || spawnSync(helm, ['version']).status === 0;

export const token = '0123456789abcdef0123456789abcdef';

export interface Container {
  image: string;
  imagePullPolicy: string;
  command: string[];
  env: { name: string; value: string }[];
  resources: { requests?: object; limits?: object };
  securityContext: {
    allowPrivilegeEscalation?: boolean;
    privileged?: boolean;
    readOnlyRootFilesystem?: boolean;
    capabilities: { drop: string[]; add?: string[] };
  };
}

export interface Pod {
  nodeSelector: Record<string, string>;
  tolerations?: object[];
  imagePullSecrets?: object[];
  automountServiceAccountToken?: boolean;
  serviceAccountName?: string;
  terminationGracePeriodSeconds: number;
  affinity: object;
  securityContext: { runAsNonRoot?: boolean; runAsUser?: number; seccompProfile: { type: string } };
  containers: [Container];
  volumes: Record<string, unknown>[];
}

export interface Rendered {
  objects: { kind: string; metadata: { name: string; namespace?: string }; [key: string]: unknown }[];
  pod(name: string): Pod;
}

/** Runs `helm template` with the values; `error` is what Helm said where it refused. */
export function render(values: object, chart = 'simulation'): Rendered & { error: string } {
  const folder = fileURLToPath(new URL(`../../charts/${chart}`, import.meta.url));
  const result = spawnSync(helm, ['template', 'test', folder, '--namespace', 'sim-test', '--values', '-'], {
    input: JSON.stringify(values),
    encoding: 'utf8',
  });
  const objects = parseAllDocuments(result.stdout)
    .map((document) => document.toJS() as Rendered['objects'][number] | null)
    .filter((object) => object !== null);
  return {
    error: result.status === 0 ? '' : result.stderr,
    objects,
    pod: (name) => objects.find(({ kind, metadata }) => kind === 'Pod' && metadata.name === name)?.spec as Pod,
  };
}
