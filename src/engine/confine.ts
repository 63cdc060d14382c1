// What a playbook may create: judged object by object before the first is created, and made the run's own.
import type { Risk } from '../language/playbook.ts';
import type { ApiResource, KubernetesObject } from '../ports/cluster.ts';
import { type Fields, isFields } from '../reach/fields.ts';
import { judgeInside, judgeOutside } from '../reach/judge.ts';
import { type Judgement, nothing, refused } from '../reach/judgement.ts';
import { shapeOf } from '../reach/shapes/index.ts';
import { runNames } from '../reach/shapes/shape.ts';
import { CREATION_ANNOTATION, isOutside, labelsOf, namespaceOf } from './identity.ts';

/** Why an object may not be created, one sentence each; empty where it may. `namespace` is the run's. */
export function refusals(
  object: KubernetesObject,
  { namespace, risk, resources }: { namespace: string; risk: Risk; resources: readonly ApiResource[] },
): string[] {
  const { apiVersion, kind, metadata } = object;
  const run = runNames(namespace);
  const never = (says: string) => told(object, { ...nothing, never: [{ says, path: [] }] }, risk);
  const resource = resources.find((each) => each.apiVersion === apiVersion && each.kind === kind);
  if (resource === undefined) return never(`the cluster serves no ${apiVersion} ${kind}`);
  if (!metadata.name) return never('every object needs metadata.name, so that it can be taken away again');
  const place = resource.namespaced ? { namespace: metadata.namespace ?? namespace } : {};
  return told(object, place.namespace === namespace ? judgeInside(object, run) : judgeOutside(object, place, run), risk);
}

/** Several places of an object may be wrong for the same reason. */
function told(object: KubernetesObject, judgement: Judgement, risk: Risk): string[] {
  const { never, high } = refused(object, judgement, risk);
  return [...new Set([...never, ...high].map(({ says }) => says))];
}

/** The objects of a plan that would stand outside of the run's namespace. */
export const outsideOf = (objects: readonly KubernetesObject[], namespace: string): KubernetesObject[] =>
  objects.filter((object) => isOutside(placed(object, namespace), namespace));

/** Where an object that may be created stands: what has a shape and no namespace there has none at all. */
function placed(object: KubernetesObject, namespace: string): { kind: string; namespace?: string } {
  const { apiVersion, kind, metadata } = object;
  const isClusterScoped = shapeOf({ apiVersion, kind }) !== undefined;
  return { kind, ...(isClusterScoped ? {} : { namespace: metadata.namespace ?? namespace }) };
}

/** The object with its namespace and the run's labels, also on the pods that it makes; outside of the run's namespace with the proof of its origin. */
export function adopt(object: KubernetesObject, run: { id: string; playbook: string }): KubernetesObject {
  const labels = labelsOf(run);
  const place = placed(object, namespaceOf(run.id));
  const { namespace: _, ...rest } = object.metadata;
  const metadata = {
    ...rest,
    ...(place.namespace === undefined ? {} : { namespace: place.namespace }),
    labels: { ...rest.labels, ...labels },
    ...(isOutside(place, namespaceOf(run.id)) ? { annotations: { ...rest.annotations, [CREATION_ANNOTATION]: run.id } } : {}),
  };
  return { ...object, ...(isFields(object.spec) ? { spec: labelTemplate(object.spec, labels) } : {}), metadata };
}

function labelTemplate(spec: Fields, labels: Record<string, string>): Fields {
  if (isFields(spec.jobTemplate) && isFields(spec.jobTemplate.spec))
    return { ...spec, jobTemplate: { ...spec.jobTemplate, spec: labelTemplate(spec.jobTemplate.spec, labels) } };
  if (!isFields(spec.template) || !isFields(spec.template.spec)) return spec;
  const metadata = isFields(spec.template.metadata) ? spec.template.metadata : {};
  const present = isFields(metadata.labels) ? metadata.labels : {};
  return { ...spec, template: { ...spec.template, metadata: { ...metadata, labels: { ...present, ...labels } } } };
}
