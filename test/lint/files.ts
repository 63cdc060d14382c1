// What stands at the paths that the fixtures of lint name.
import type { Referenced } from '../../src/language/references.ts';

const file = (text: string): Referenced => ({ kind: 'file', text });

export const references: ReadonlyMap<string, Referenced> = new Map<string, Referenced>([
  ['../charts/x', { kind: 'folder', names: ['Chart.yaml', 'templates'] }],
  ['../charts/packed.tgz', file('')],
  ['gone.yaml', { kind: 'absent' }],
  ['../charts/simulaton', { kind: 'absent' }],
  ['../../../elsewhere/chart', { kind: 'outside' }],
  ['../manifests', { kind: 'folder', names: ['plain.yaml'] }],
  ['../manifests/gone.yaml', { kind: 'absent' }],
  ['../manifests/broken.yaml', file('apiVersion: v1\nkind: [\n')],
  ['../manifests/values.yaml', file('replicas: 3\n---\n- a\n---\napiVersion: v1\nkind: Pod\nmetadata: {}\n')],
  ['../manifests/empty.yaml', file('---\n# nothing\n')],
  [
    '../manifests/plain.yaml',
    file(
      'apiVersion: v1\nkind: List\nitems:\n  - {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n  - {apiVersion: v1, kind: Secret, metadata: {name: b}}\n',
    ),
  ],
  [
    '../manifests/privileged.yaml',
    file(
      'apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: c}\nspec: {jobTemplate: {spec: {template: {spec: {containers: [{name: c, image: c, securityContext: {privileged: true}}]}}}}}\n',
    ),
  ],
]);
