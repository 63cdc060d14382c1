// Services, their addresses and ingresses in the run's own namespace: what may be opened to the outside leads to nobody and lets nobody in.
import type { KubernetesObject } from '../ports/cluster.ts';
import { type Fields, fieldsAt, itemsAt, listAt } from './fields.ts';
import type { Judgement } from './judgement.ts';
import { isUnroutable, isUnroutableBlock, isUnroutableHost } from './unroutable.ts';

/** What asks each cloud for a load balancer without a public address, as documented by Azure, AWS (in-tree and its controller) and Google. */
const INTERNAL: readonly [annotation: string, value: string][] = [
  ['service.beta.kubernetes.io/azure-load-balancer-internal', 'true'],
  ['service.beta.kubernetes.io/aws-load-balancer-internal', 'true'],
  ['service.beta.kubernetes.io/aws-load-balancer-scheme', 'internal'],
  ['networking.gke.io/load-balancer-type', 'Internal'],
  ['cloud.google.com/load-balancer-type', 'Internal'],
];

const nothing: Judgement = { never: [], high: [] };

/** Types and addresses by which a service is reached from outside of the cluster. */
export function serviceExposure(service: KubernetesObject): Judgement {
  const spec = fieldsAt(service, 'spec');
  const type = String(spec.type ?? 'ClusterIP');
  const isOpen = type === 'LoadBalancer' || type === 'NodePort';
  const addresses = itemsAt(spec, 'externalIPs');
  if (!isOpen && addresses.length === 0) return nothing;
  const selects = Object.keys(fieldsAt(spec, 'selector')).length > 0;
  return {
    never: [
      ...(selects ? ['it must have no selector, so that it leads to no pod'] : []),
      ...addresses.filter((address) => !isUnroutable(address)).map((address) => `its external address ${address} is not in 192.0.2.0/24`),
      ...(type === 'LoadBalancer' ? loadBalancerProblems(spec, fieldsAt(service.metadata, 'annotations')) : []),
    ],
    high: [isOpen ? `it is of the type ${type}` : 'it has external addresses'],
  };
}

function loadBalancerProblems(spec: Fields, annotations: Fields): string[] {
  const ranges = itemsAt(spec, 'loadBalancerSourceRanges');
  const isInternal = INTERNAL.some(([annotation, value]) => annotations[annotation] === value);
  const foreign = Object.entries(annotations).filter(
    ([name, value]) => !name.startsWith('kubesim.io/') && !INTERNAL.some((known) => known[0] === name && known[1] === value),
  );
  return [
    ...(isInternal ? [] : [`it must ask for an internal address, by one of: ${INTERNAL.map((each) => each.join(': ')).join(', ')}`]),
    ...(ranges.length > 0 && ranges.every(isUnroutableBlock) ? [] : ['its `loadBalancerSourceRanges` must all be in 192.0.2.0/24']),
    ...foreign.map(([name]) => `its annotation ${name} is not possible for a load balancer`),
  ];
}

/** Addresses written by hand would give a service without a selector somebody to lead to. */
export function endpointsExposure(object: KubernetesObject): Judgement {
  const addresses = [
    ...listAt(object, 'subsets')
      .flatMap((subset) => ['addresses', 'notReadyAddresses'].flatMap((list) => listAt(subset, list)))
      .map(({ ip }) => ip),
    ...listAt(object, 'endpoints').flatMap((endpoint) => itemsAt(endpoint, 'addresses')),
  ];
  return { ...nothing, never: addresses.filter((each) => !isUnroutable(each)).map((each) => `its address ${each} is not in 192.0.2.0/24`) };
}

/** An ingress controller listens to the world; what it does beyond that is written in annotations. */
export function ingressExposure(ingress: KubernetesObject): Judgement {
  const spec = fieldsAt(ingress, 'spec');
  const hosts = listAt(spec, 'rules').map(({ host }) => host);
  const certified = listAt(spec, 'tls').flatMap((each) => itemsAt(each, 'hosts'));
  return {
    never: [
      ...(spec.defaultBackend === undefined ? [] : ['it must have no `defaultBackend`, which takes requests for every host']),
      ...[...hosts, ...certified]
        .filter((host) => !isUnroutableHost(host))
        .map((host) => `its host ${host ?? '(none)'} is not under .invalid, .example or .test`),
      ...Object.keys(fieldsAt(ingress.metadata, 'annotations'))
        .filter((name) => !name.startsWith('kubesim.io/'))
        .map((name) => `its annotation ${name} is not possible for an ingress`),
    ],
    high: ['it opens a way into the cluster'],
  };
}
