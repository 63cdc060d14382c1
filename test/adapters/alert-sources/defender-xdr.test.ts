import { expect, test } from 'vitest';
import { defenderXdr } from '../../../src/adapters/alert-sources/defender-xdr.ts';
import { polledContract, watch } from '../../contract/alert-source.ts';
import { quickClock } from '../../fakes/quick-clock.ts';
import { azureSettingsOf, azureUnderTest } from './entra.ts';
import { type ProductServer, productServer } from './product-server.ts';
import { testWorld } from './world.ts';

type Settings = Parameters<typeof defenderXdr.create>[0];

const iso = (at: number) => new Date(at).toISOString().replace('Z', '3333Z');
const settings = (server: ProductServer) =>
  ({ name: 'xdr', serviceSource: 'microsoftDefenderForCloud', ...azureSettingsOf(server) }) as Settings & Record<string, unknown>;
const ARM = '/subscriptions/s/resourceGroups/r/providers/Microsoft.ContainerService/managedClusters/dev1aks';

/** As GET /security/alerts_v2 gives it, with the evidence of Defender for Containers. */
const alertV2 = (id: string, title: string, at: number) => ({
  '@odata.type': '#microsoft.graph.security.alert',
  id,
  providerAlertId: `provider-${id}`,
  status: 'new',
  severity: 'medium',
  serviceSource: 'microsoftDefenderForCloud',
  detectorId: 'K8S.NODE_ImdsCall',
  title,
  mitreTechniques: ['T1552.005'],
  createdDateTime: iso(at),
  lastUpdateDateTime: iso(at),
  firstActivityDateTime: iso(at - 2000),
  lastActivityDateTime: iso(at - 1000),
  evidence: [
    {
      '@odata.type': '#microsoft.graph.security.kubernetesClusterEvidence',
      name: 'dev1aks',
      platform: 'aks',
      cloudResource: { '@odata.type': '#microsoft.graph.security.azureResourceEvidence', resourceId: ARM },
    },
    {
      '@odata.type': '#microsoft.graph.security.kubernetesPodEvidence',
      name: 'victim-0',
      namespace: { '@odata.type': '#microsoft.graph.security.kubernetesNamespaceEvidence', name: 'sim-1' },
      serviceAccount: { name: 'victim' },
    },
    {
      '@odata.type': '#microsoft.graph.security.containerEvidence',
      name: 'web',
      containerId: '4b0df5a1',
      image: { imageId: 'registry.example.com/victim:1' },
      command: ['sh'],
      args: ['-c', 'sleep 1'],
    },
    { '@odata.type': '#microsoft.graph.security.processEvidence', processCommandLine: 'curl http://169.254.169.254/ sim-1' },
  ],
});

polledContract('defender-xdr', {
  ...azureUnderTest,
  type: defenderXdr,
  settings,
  alert: ({ id, name, at }) => alertV2(id, name, at),
  pageSize: 100,
  answer({ url }, alerts, server) {
    const filter = url.searchParams.get('$filter') ?? '';
    const known = /^lastUpdateDateTime ge \S+Z and serviceSource eq 'microsoftDefenderForCloud'$/.test(filter);
    if (url.pathname !== '/v1.0/security/alerts_v2' || !known) return { status: 404 };
    const from = Number(url.searchParams.get('$skip') ?? 0);
    const next = new URLSearchParams({ $filter: filter, $skip: String(from + 100) });
    const more = alerts.length > from + 100 ? { '@odata.nextLink': `${server.url}${url.pathname}?${next}` } : {};
    return { body: { value: alerts.slice(from, from + 100), ...more } };
  },
});

async function stage(value: object[]) {
  const clock = quickClock();
  let made: ProductServer | undefined;
  const server = await productServer(clock, () => ({ body: { value } }), {
    secure: true,
    open: (request) => azureUnderTest.open?.(request, () => made),
  });
  made = server;
  const source = defenderXdr.create(settings(server), testWorld(clock, { env: { SIM_TEST_SECRET: 'client-secret' } }));
  return { clock, server, source };
}

test('an alert with Kubernetes evidence, field by field', async () => {
  const { clock, source } = await stage([alertV2('id-1', 'Access to cloud metadata service detected', 1_700_000_000_000)]);
  const watcher = await watch(source, clock.now());
  expect(await watcher.alert('Access to cloud metadata service detected')).toMatchObject({
    product: 'defender-for-cloud',
    type: 'K8S.NODE_ImdsCall',
    severity: 'medium',
    techniques: ['T1552.005'],
    entities: {
      cluster: ARM,
      namespace: 'sim-1',
      pod: 'victim-0',
      container: 'web',
      containerId: '4b0df5a1',
      image: 'registry.example.com/victim:1',
      user: 'victim',
      commandLines: ['sh -c sleep 1', 'curl http://169.254.169.254/ sim-1'],
    },
  });
  await watcher.stop();
});

test('alerts are resolved as expected testing, with a comment; an id is no path', async () => {
  const { server, source } = await stage([]);
  await source.resolve?.([{ id: 'da/../1' }] as never, 'a test of kubesim', new AbortController().signal);
  expect(
    server.requests.map(({ method, url, body }) => ({ line: `${method} ${url.pathname}`, body: JSON.parse(body) as unknown })),
  ).toEqual([
    {
      line: 'POST /v1.0/security/alerts_v2/da%2F..%2F1/comments',
      body: { '@odata.type': 'microsoft.graph.security.alertComment', comment: 'a test of kubesim' },
    },
    {
      line: 'PATCH /v1.0/security/alerts_v2/da%2F..%2F1',
      body: { status: 'resolved', classification: 'informationalExpectedActivity', determination: 'securityTesting' },
    },
  ]);
});
