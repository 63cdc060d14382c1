// The step `deploy`: creates the objects of a chart or of manifests, and waits until they are ready. They go at the end of the run.
import { readDocuments } from '../language/documents.ts';
import { isMap, listAt, type Mapping } from '../language/untyped.ts';
import type { KubernetesObject } from '../ports/cluster.ts';
import { Failure } from '../ports/failure.ts';
import { exampleOf } from './example.ts';
import { readinessOf } from './readiness.ts';
import { defineStep, type Permission, type PlanContext } from './step.ts';
import { untilReady } from './until-ready.ts';

interface Body {
  chart?: string;
  values?: Record<string, unknown>;
  manifests?: (string | KubernetesObject)[];
  roles?: Record<string, { labels: Record<string, string>; container?: string }>;
}

const text = { type: 'string', minLength: 1 } as const;
const relativePath = {
  ...text,
  pattern: '^(?!/)(?![a-z0-9+.-]+://)',
  'x-says': "must be a path that starts at the playbook's folder",
  'x-expression': 'inputs',
} as const;

export const deploy = defineStep<Body>({
  type: 'deploy',
  summary: 'Creates the objects of a chart or of manifests and waits until they are ready; they are removed at the end of the run.',
  otherNames: ['helm', 'apply', 'create', 'install', 'kubernetes', 'k8s', 'manifest'],
  defaultTimeout: 5 * 60_000,
  schema: {
    type: 'object',
    additionalProperties: false,
    'x-instead': {
      file: 'files are a list: `manifests`',
      files: 'did you mean `manifests`?',
      path: 'a folder with a chart is `chart`, files are `manifests`',
      resource: 'objects are a list: `manifests`',
      objects: 'did you mean `manifests`?',
      repo: 'a chart from a registry is one reference: `chart: oci://...`',
      version: 'it belongs to the reference: `chart: oci://registry/chart:1.2.3`',
      valuesFile: 'values stand in the playbook itself: `values`',
      set: 'did you mean `values`?',
      pods: 'names for pods are `roles`',
    },
    oneOf: [{ required: ['chart'] }, { required: ['manifests'] }],
    dependentRequired: { values: ['chart'] },
    properties: {
      chart: {
        ...relativePath,
        pattern: '^(oci://.|(?!/)(?![a-z0-9+.-]+://))',
        'x-says': "must be a path that starts at the playbook's folder, or begin with `oci://`",
        description: "A Helm chart: a folder or .tgz file, by its path from the playbook's folder, or an oci:// reference.",
      },
      values: { type: 'object', 'x-example': '{replicas: 1}', description: 'Values for the chart.' },
      manifests: {
        type: 'array',
        minItems: 1,
        description: "Objects: files by their path from the playbook's folder, or written out.",
        items: {
          type: ['string', 'object'],
          // Not as two forms of `anyOf`: what a form marks would count for the other, too.
          if: { type: 'string' },
          // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
          then: relativePath,
          required: ['apiVersion', 'kind', 'metadata'],
          properties: {
            apiVersion: { ...text, 'x-expression': 'inputs', description: 'API version of the object.' },
            kind: { ...text, 'x-expression': 'inputs', description: 'Kind of the object.' },
            metadata: {
              type: 'object',
              required: ['name'],
              properties: { name: { ...text, description: 'Name of the object.' } },
              description: 'Its name and labels.',
            },
          },
        },
      },
      roles: {
        type: 'object',
        propertyNames: {
          type: 'string',
          pattern: '^[a-zA-Z][a-zA-Z0-9-]*$',
          'x-says': 'must begin with a letter and hold only letters, digits and `-`',
        },
        description: 'Names by which later steps reach the pods.',
        'x-example': '{victim: {labels: {app: web}}}',
        additionalProperties: {
          type: 'object',
          additionalProperties: false,
          required: ['labels'],
          'x-example': '{labels: {app: web}}',
          'x-instead': {
            selector: 'did you mean `labels`? e.g. `labels: {app: web}`',
            role: 'it is one of the `labels`: `labels: {role: victim}`',
            app: 'it is one of the `labels`: `labels: {app: web}`',
          },
          properties: {
            labels: { type: 'object', minProperties: 1, additionalProperties: { type: 'string' }, description: 'Labels that the pod has.' },
            container: { ...text, description: "Container in the pod; absent: the pod's first." },
          },
        },
      },
    },
  },
  outputs: { pods: { type: 'map', description: 'The pod of each role: `pods.<role>.name` and `pods.<role>.ip`.' } },
  example: exampleOf(
    'deploy',
    'Deploy a chart and an object',
    `
- name: Deploy a file to find
  id: bait
  deploy:
    manifests:
      - {apiVersion: v1, kind: ConfigMap, metadata: {name: bait}, data: {password: not-a-secret}}
`,
  ),
  plan: ({ chart, manifests = [] }) =>
    chart === undefined
      ? `deploy ${manifests.map((each) => (typeof each === 'string' ? each : `${each.kind} ${each.metadata.name}`)).join(', ')}`
      : `deploy the chart ${chart}`,
  objects: objectsOf,
  references: (body: unknown) => {
    // Asked before the body is checked: nothing is certain.
    const { chart } = isMap(body) ? body : {};
    const files = listAt(body, 'manifests').flatMap((file, index) =>
      typeof file === 'string' ? [{ path: ['manifests', index], file, kind: 'manifest' as const }] : [],
    );
    return typeof chart === 'string' && !chart.startsWith('oci://') ? [{ path: ['chart'], file: chart, kind: 'chart' }, ...files] : files;
  },
  written: (body: unknown) =>
    listAt(body, 'manifests').flatMap((object, index) => (isObject(object) ? [{ path: ['manifests', index], object }] : [])),
  // What creating and removing takes follows from the objects themselves.
  permissions: (): Permission[] => [
    { verb: 'list', group: '', resource: 'pods' },
    { verb: 'watch', group: '', resource: 'pods' },
    { verb: 'list', group: '', resource: 'events' },
    { verb: 'watch', group: '', resource: 'events' },
  ],
  async run(body, context) {
    const { roles = {} } = body;
    const objects = await objectsOf(body, context);
    context.say(`creating ${objects.length} object${objects.length === 1 ? '' : 's'}`);
    const pods = await untilReady(await context.create(objects), context);
    context.declareRoles(roles);
    const named = Object.entries(roles).flatMap(([role, { labels }]) => {
      const found = pods.filter(({ metadata }) => Object.entries(labels).every(([name, value]) => metadata.labels?.[name] === value));
      const pod = found.find((each) => readinessOf(each)?.isReady) ?? found[0];
      const { podIP = '' } = (pod?.status ?? {}) as { podIP?: string };
      return pod === undefined ? [] : [[role, { name: pod.metadata.name, ip: podIP }]];
    });
    return { outputs: { pods: Object.fromEntries(named) } };
  },
});

const isObject = (value: unknown): value is Mapping =>
  isMap(value) && typeof value.apiVersion === 'string' && typeof value.kind === 'string';

async function objectsOf({ chart, values = {}, manifests = [] }: Body, context: PlanContext): Promise<KubernetesObject[]> {
  const { run, folder, charts, kubeVersion, signal } = context;
  const objects =
    chart === undefined
      ? (await Promise.all(manifests.map((each) => (typeof each === 'string' ? readManifest(each, context) : [each])))).flat()
      : await charts.render(
          {
            chart: chart.startsWith('oci://') ? chart : `${folder}/${chart}`,
            release: 'sim',
            namespace: run.namespace,
            values,
            ...(kubeVersion === undefined ? {} : { kubeVersion }),
          },
          signal,
        );
  for (const object of objects) refuseUntidy(object);
  return objects;
}

async function readManifest(path: string, { folder, files }: PlanContext): Promise<KubernetesObject[]> {
  const { documents, problem } = readDocuments(await files.read(`${folder}/${path}`));
  if (problem !== undefined) throw new Failure('invalid', `manifest ${path} cannot be read: ${problem}`);
  return documents.flatMap((document) => objectsIn(path, document));
}

function objectsIn(path: string, value: unknown): KubernetesObject[] {
  const { apiVersion, kind, items } = value as { apiVersion?: unknown; kind?: unknown; items?: unknown };
  if (typeof apiVersion !== 'string' || typeof kind !== 'string')
    throw new Failure('invalid', `manifest ${path} holds a document that is no Kubernetes object: it has no apiVersion and kind`);
  if (kind === 'List' && Array.isArray(items)) return items.flatMap((item) => objectsIn(path, item));
  return [{ metadata: {}, ...(value as object) } as KubernetesObject];
}

/** A hook would have to be run by Helm, and a CRD changes the cluster for everybody: neither is what an attack needs. */
function refuseUntidy({ kind, metadata }: KubernetesObject): void {
  if (metadata.annotations?.['helm.sh/hook'] !== undefined) {
    throw new Failure('invalid', `${kind} ${metadata.name} is a Helm hook, and hooks are not run`, {
      hint: 'Switch it off by a value of the chart, or take the annotation helm.sh/hook away where it is a plain object.',
    });
  }
  if (kind === 'CustomResourceDefinition') {
    throw new Failure('invalid', `${kind} ${metadata.name} would change the whole cluster`, {
      hint: 'Install it before the run, and leave it out of the chart or the manifests.',
    });
  }
}
