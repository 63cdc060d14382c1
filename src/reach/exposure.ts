// Services, their addresses and ingresses in the run's own namespace: what may be opened to the outside leads to nobody and lets nobody in.
import type { KubernetesObject } from '../ports/cluster.ts';
import { type Fields, fieldsAt, itemsAt, placedAt, textOf } from './fields.ts';
import { type Judgement, nothing, type Path, type Problem } from './judgement.ts';
import { isUnroutable, isUnroutableBlock, isUnroutableHost } from './unroutable.ts';

/** What asks each cloud for a load balancer without a public address, as documented by Azure, AWS (in-tree and its controller) and Google. */
const INTERNAL: readonly [annotation: string, value: string][] = [
  ['service.beta.kubernetes.io/azure-load-balancer-internal', 'true'],
  ['service.beta.kubernetes.io/aws-load-balancer-internal', 'true'],
  ['service.beta.kubernetes.io/aws-load-balancer-scheme', 'internal'],
  ['networking.gke.io/load-balancer-type', 'Internal'],
  ['cloud.google.com/load-balancer-type', 'Internal'],
];

/** Types and addresses by which a service is reached from outside of the cluster. */
export function serviceExposure(service: KubernetesObject): Judgement {
  const spec = fieldsAt(service, 'spec');
  const type = textOf(spec.type ?? 'ClusterIP');
  const isOpen = type === 'LoadBalancer' || type === 'NodePort';
  if (!isOpen && itemsAt(spec, 'externalIPs').length === 0) return nothing;
  const selects = Object.keys(fieldsAt(spec, 'selector')).length > 0;
  return {
    never: [
      ...(selects ? [{ says: 'it must have no selector, so that it leads to no pod', path: ['spec', 'selector'] }] : []),
      ...foreignItems(spec, 'externalIPs', ['spec'], isUnroutable, (address) => `its external address ${address} is not in 192.0.2.0/24`),
      ...(type === 'LoadBalancer' ? loadBalancerProblems(spec, fieldsAt(service.metadata, 'annotations')) : []),
    ],
    high: [
      isOpen
        ? { says: `it is of the type ${type}`, path: ['spec', 'type'] }
        : { says: 'it has external addresses', path: ['spec', 'externalIPs'] },
    ],
  };
}

/** The items of a list that are not as they must be. */
const foreignItems = (
  value: unknown,
  key: string,
  path: Path,
  isFine: (item: unknown) => boolean,
  says: (item: string) => string,
): Problem[] =>
  itemsAt(value, key).flatMap((item, index) => (isFine(item) ? [] : [{ says: says(textOf(item)), path: [...path, key, index] }]));

function loadBalancerProblems(spec: Fields, annotations: Fields): Problem[] {
  const ranges = itemsAt(spec, 'loadBalancerSourceRanges');
  const isInternal = INTERNAL.some(([annotation, value]) => annotations[annotation] === value);
  const isKnown = (name: string, value: unknown) => INTERNAL.some((known) => known[0] === name && known[1] === value);
  const path = ['metadata', 'annotations'];
  return [
    ...(isInternal
      ? []
      : [{ says: `it must ask for an internal address, by one of: ${INTERNAL.map((each) => each.join(': ')).join(', ')}`, path }]),
    ...(ranges.length > 0 && ranges.every(isUnroutableBlock)
      ? []
      : [{ says: 'its `loadBalancerSourceRanges` must all be in 192.0.2.0/24', path: ['spec', 'loadBalancerSourceRanges'] }]),
    ...foreignAnnotations(annotations, isKnown).map((name) => ({
      says: `its annotation ${name} is not possible for a load balancer`,
      path: [...path, name],
    })),
  ];
}

const foreignAnnotations = (annotations: Fields, isKnown: (name: string, value: unknown) => boolean): string[] =>
  Object.entries(annotations).flatMap(([name, value]) => (name.startsWith('kubesim.io/') || isKnown(name, value) ? [] : [name]));

/** Addresses written by hand would give a service without a selector somebody to lead to. */
export function endpointsExposure(object: KubernetesObject): Judgement {
  const says = (address: string) => `its address ${address} is not in 192.0.2.0/24`;
  const ofSubsets = placedAt(object, 'subsets', []).flatMap((subset) =>
    ['addresses', 'notReadyAddresses'].flatMap((list) => placedAt(subset.value, list, subset.path)),
  );
  const inSlices = placedAt(object, 'endpoints', []).flatMap(({ value, path }) =>
    foreignItems(value, 'addresses', path, isUnroutable, says),
  );
  return {
    ...nothing,
    never: [
      ...ofSubsets.flatMap(({ value: { ip }, path }) => (isUnroutable(ip) ? [] : [{ says: says(textOf(ip)), path: [...path, 'ip'] }])),
      ...inSlices,
    ],
  };
}

/** An ingress controller listens to the world; what it does beyond that is written in annotations. */
export function ingressExposure(ingress: KubernetesObject): Judgement {
  const spec = fieldsAt(ingress, 'spec');
  const says = (host: string) => `its host ${host} is not under .invalid, .example or .test`;
  return {
    never: [
      ...(spec.defaultBackend === undefined
        ? []
        : [{ says: 'it must have no `defaultBackend`, which takes requests for every host', path: ['spec', 'defaultBackend'] }]),
      ...placedAt(spec, 'rules', ['spec']).flatMap(({ value: { host }, path }) =>
        isUnroutableHost(host) ? [] : [{ says: says(textOf(host)), path: [...path, 'host'] }],
      ),
      ...placedAt(spec, 'tls', ['spec']).flatMap(({ value, path }) => foreignItems(value, 'hosts', path, isUnroutableHost, says)),
      ...foreignAnnotations(fieldsAt(ingress.metadata, 'annotations'), () => false).map((name) => ({
        says: `its annotation ${name} is not possible for an ingress`,
        path: ['metadata', 'annotations', name],
      })),
    ],
    high: [{ says: 'it opens a way into the cluster', path: ['kind'] }],
  };
}
