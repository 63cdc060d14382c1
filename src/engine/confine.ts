// What a playbook may create: named objects inside the run's namespace, without reach into the node unless its risk is high.
import type { Risk } from '../language/playbook.ts';
import type { ApiResource, KubernetesObject } from '../ports/cluster.ts';
import { labelsOf, namespaceOf } from './identity.ts';

type Mapping = Record<string, unknown>;

const isMap = (value: unknown): value is Mapping => typeof value === 'object' && value !== null && !Array.isArray(value);
const listAt = (value: unknown, key: string): Mapping[] => (isMap(value) && Array.isArray(value[key]) ? value[key].filter(isMap) : []);
const describe = ({ kind, metadata }: KubernetesObject): string => `${kind} ${metadata.name ?? '(without a name)'}`;

/** Why an object may not be created, one sentence each; empty where it may. */
export function refusals(
  object: KubernetesObject,
  { namespace, risk, resources }: { namespace: string; risk: Risk; resources: readonly ApiResource[] },
): string[] {
  const { apiVersion, kind, metadata } = object;
  const what = describe(object);
  const resource = resources.find((each) => each.apiVersion === apiVersion && each.kind === kind);
  if (resource === undefined) return [`${what}: the cluster serves no ${apiVersion} ${kind}`];
  if (!metadata.name) return [`${what}: every object needs metadata.name, so that it can be taken away again`];
  if (!resource.namespaced) return [`${what}: objects outside the run's namespace cannot be created`];
  if (metadata.namespace !== undefined && metadata.namespace !== namespace)
    return [`${what}: its namespace is ${metadata.namespace}, but a run creates objects in its own namespace only`];
  return risk === 'high'
    ? []
    : reaches(podSpecOf(object)).map((reach) => `${what}: ${reach}, which needs \`risk: high\` in the playbook's metadata`);
}

/** The pod's specification, of a pod or of what makes pods. */
function podSpecOf({ kind, spec }: KubernetesObject): Mapping {
  if (!isMap(spec)) return {};
  if (kind === 'Pod') return spec;
  const job = isMap(spec.jobTemplate) && isMap(spec.jobTemplate.spec) ? spec.jobTemplate.spec : spec;
  return isMap(job.template) && isMap(job.template.spec) ? job.template.spec : {};
}

/** Ways in which a pod reaches into its node (kubernetes.io/docs/concepts/security/pod-security-standards, baseline). */
function reaches(spec: Mapping): string[] {
  const flags = ['hostNetwork', 'hostPID', 'hostIPC'].filter((flag) => spec[flag] === true).map((flag) => `it asks for ${flag}`);
  const paths = listAt(spec, 'volumes')
    .filter(({ hostPath }) => isMap(hostPath))
    .map(({ hostPath }) => `it mounts ${(hostPath as Mapping).path} of the node`);
  const containers = ['initContainers', 'containers', 'ephemeralContainers'].flatMap((list) => listAt(spec, list));
  const privileged = containers
    .filter(({ securityContext }) => isMap(securityContext) && securityContext.privileged === true)
    .map(({ name }) => `its container ${name} is privileged`);
  return [...flags, ...paths, ...privileged];
}

/** The object with the run's namespace and labels, also on the pods that it makes. */
export function adopt(object: KubernetesObject, run: { id: string; playbook: string }): KubernetesObject {
  const labels = labelsOf(run);
  const metadata = { ...object.metadata, namespace: namespaceOf(run.id), labels: { ...object.metadata.labels, ...labels } };
  return { ...object, ...(isMap(object.spec) ? { spec: labelTemplate(object.spec, labels) } : {}), metadata };
}

function labelTemplate(spec: Mapping, labels: Record<string, string>): Mapping {
  if (isMap(spec.jobTemplate) && isMap(spec.jobTemplate.spec))
    return { ...spec, jobTemplate: { ...spec.jobTemplate, spec: labelTemplate(spec.jobTemplate.spec, labels) } };
  if (!isMap(spec.template) || !isMap(spec.template.spec)) return spec;
  const metadata = isMap(spec.template.metadata) ? spec.template.metadata : {};
  const present = isMap(metadata.labels) ? metadata.labels : {};
  return { ...spec, template: { ...spec.template, metadata: { ...metadata, labels: { ...present, ...labels } } } };
}
