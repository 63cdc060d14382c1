// What is to be said of an object at the place where it would stand: in the run's namespace, or outside of it.
import type { KubernetesObject } from '../ports/cluster.ts';
import { claimReach } from './claim.ts';
import { endpointsExposure, ingressExposure, serviceExposure } from './exposure.ts';
import type { Judgement } from './judgement.ts';
import { podReach } from './pod.ts';
import { bindingReach, roleReach } from './role.ts';
import { groupOf } from './scope.ts';
import { possibleShapes, shapeOf, shapeProblems } from './shapes/index.ts';
import type { RunNames } from './shapes/shape.ts';

/** Judges of single kinds in the run's namespace, by API group and kind; pods are looked for in every object. */
const JUDGES: Readonly<Record<string, (object: KubernetesObject, run: RunNames) => Judgement>> = {
  '/PersistentVolumeClaim': claimReach,
  '/Service': serviceExposure,
  '/Endpoints': endpointsExposure,
  'apps/StatefulSet': claimReach,
  'discovery.k8s.io/EndpointSlice': endpointsExposure,
  'networking.k8s.io/Ingress': ingressExposure,
  'rbac.authorization.k8s.io/Role': roleReach,
  'rbac.authorization.k8s.io/RoleBinding': bindingReach,
};
/** Groups whose objects do what Kubernetes says; those of others do what whoever serves them makes of them, anywhere. */
const BUILT_IN = new Set([
  '',
  ...['apps', 'autoscaling', 'batch', 'policy'],
  ...['coordination', 'discovery', 'events', 'networking', 'rbac.authorization'].map((group) => `${group}.k8s.io`),
]);

/** Of an object that is not to stand in the run's namespace; without a `place.namespace` it stands in none. */
export function judgeOutside(object: KubernetesObject, place: { namespace?: string }, run: RunNames): Judgement {
  const { namespace } = place;
  const says = namespace === undefined ? 'it is not in any namespace' : `its namespace is ${namespace}`;
  const path = namespace === undefined ? ['kind'] : ['metadata', 'namespace'];
  const shape = shapeOf({ apiVersion: object.apiVersion, kind: object.kind, ...place });
  if (shape !== undefined) return { never: shapeProblems(object, shape, run), high: [{ says, path }] };
  const only = `outside of the run's namespace only these are possible: ${possibleShapes()}`;
  return { never: [{ says: `${says}, and ${only}`, path }], high: [] };
}

/** Of an object in the run's namespace. */
export function judgeInside(object: KubernetesObject, run: RunNames): Judgement {
  const group = groupOf(object.apiVersion);
  const judge = JUDGES[`${group}/${object.kind}`];
  const judgements = [podReach(object), ...(judge === undefined ? [] : [judge(object, run)])];
  const custom = `it is a custom resource of ${group}, and what that does depends on who serves it`;
  return {
    never: judgements.flatMap(({ never }) => never),
    high: [...judgements.flatMap(({ high }) => high), ...(BUILT_IN.has(group) ? [] : [{ says: custom, path: ['apiVersion'] }])],
  };
}
