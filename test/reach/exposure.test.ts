import { expect, test } from 'vitest';
import { refusals } from '../../src/engine/confine.ts';
import type { KubernetesObject } from '../../src/ports/cluster.ts';
import { fakeCluster } from '../fakes/cluster.ts';

const resources = await fakeCluster().resources(new AbortController().signal);
const refused = (object: KubernetesObject, risk: 'low' | 'high') => refusals(object, { namespace: 'sim-k3x9', risk, resources });
const service = (spec: object, annotations: Record<string, string> = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 's', annotations },
  spec,
});
const ingress = (spec: object, annotations: Record<string, string> = {}): KubernetesObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'i', annotations },
  spec,
});
const ports = [{ port: 80 }];
const balancer = { type: 'LoadBalancer', ports, loadBalancerSourceRanges: ['192.0.2.0/24'] };
const azure = { 'service.beta.kubernetes.io/azure-load-balancer-internal': 'true' };
const backend = { service: { name: 's', port: { number: 80 } } };

test('a service inside of the cluster needs nothing', () => {
  for (const spec of [
    { selector: { a: 'b' }, ports },
    { type: 'ClusterIP', clusterIP: 'None', ports },
    { type: 'ExternalName', externalName: 'a.b' },
  ])
    expect(refused(service(spec), 'low')).toEqual([]);
});

test.for([
  ['a load balancer', service(balancer, azure)],
  ['one of AWS', service(balancer, { 'service.beta.kubernetes.io/aws-load-balancer-scheme': 'internal' })],
  [
    'one of Google',
    service({ ...balancer, loadBalancerSourceRanges: ['192.0.2.7/32'] }, { 'networking.gke.io/load-balancer-type': 'Internal' }),
  ],
  ['a port of every node', service({ type: 'NodePort', ports })],
  ['an external address', service({ ports, externalIPs: ['192.0.2.9'] })],
  ['an ingress', ingress({ rules: [{ host: 'shop.sim.invalid', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }] })],
] as const)('%s that leads to nobody needs a high risk', ([, object]) => {
  expect(refused(object, 'high')).toEqual([]);
  expect(refused(object, 'low')).toEqual([expect.stringContaining('needs `risk: high`')]);
});

test.for([
  ['a selector', service({ ...balancer, selector: { a: 'b' } }, azure), /no selector/],
  ['a selector of a node port', service({ type: 'NodePort', ports, selector: { a: 'b' } }), /no selector/],
  ['no internal address', service(balancer), /must ask for an internal address, by one of: .*azure/],
  [
    'an annotation that says the opposite',
    service(balancer, { 'service.beta.kubernetes.io/azure-load-balancer-internal': 'false' }),
    /internal address/,
  ],
  ['another annotation', service(balancer, { ...azure, 'external-dns.alpha.kubernetes.io/hostname': 'a.b' }), /annotation external-dns/],
  ['no source ranges', service({ type: 'LoadBalancer', ports }, azure), /loadBalancerSourceRanges/],
  ['every source', service({ ...balancer, loadBalancerSourceRanges: ['192.0.2.0/24', '0.0.0.0/0'] }, azure), /loadBalancerSourceRanges/],
  ['a wider range', service({ ...balancer, loadBalancerSourceRanges: ['192.0.2.0/23'] }, azure), /loadBalancerSourceRanges/],
  ['an address of somebody', service({ ports, externalIPs: ['192.0.2.9', '10.0.0.1'] }), /external address 10\.0\.0\.1/],
  ['a host of somebody', ingress({ rules: [{ host: 'shop.com' }] }), /host shop\.com is not under/],
  ['a rule for every host', ingress({ rules: [{ http: {} }] }), /host \(none\)/],
  ['a default backend', ingress({ defaultBackend: backend }), /defaultBackend/],
  ['a certificate for somebody', ingress({ rules: [], tls: [{ hosts: ['shop.com'] }] }), /host shop\.com/],
  ['a snippet for the controller', ingress({ rules: [] }, { 'nginx.ingress.kubernetes.io/server-snippet': 'x' }), /annotation nginx/],
  [
    'endpoints written by hand',
    { apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 's' }, subsets: [{ addresses: [{ ip: '192.0.2.1' }, { ip: '10.1.2.3' }] }] },
    /address 10\.1\.2\.3/,
  ],
  [
    'a slice of endpoints',
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 's' },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['169.254.169.254'] }],
    },
    /address 169/,
  ],
] as const)('%s is refused whatever the risk', ([, object, words]) => {
  const reasons = refused(object as KubernetesObject, 'high');
  expect(reasons[0]).toMatch(words);
});
