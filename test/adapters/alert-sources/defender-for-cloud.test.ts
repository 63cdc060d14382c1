import { expect, test } from 'vitest';
import { clusterIn } from '../../../src/adapters/alert-sources/azure-entities.ts';
import { defenderForCloud } from '../../../src/adapters/alert-sources/defender-for-cloud.ts';
import { polledContract, watch } from '../../contract/alert-source.ts';
import { quickClock } from '../../fakes/quick-clock.ts';
import { azureSettingsOf, azureUnderTest } from './entra.ts';
import { type ProductServer, productServer } from './product-server.ts';
import { testWorld } from './world.ts';

type Settings = Parameters<typeof defenderForCloud.create>[0];

const SUBSCRIPTION = '20ff7fc3-e762-44dd-bd96-b71116dcdc23';
const AKS = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/dev1aks`;
/** .NET's seven digits. */
const seven = (at: number) => new Date(at).toISOString().replace('Z', '4567Z');

/** As the list of alerts has it (Microsoft.Security 2022-01-01), with the entities of Defender for Containers. */
const listed = (id: string, name: string, at: number, more: object = {}) => ({
  id: `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Security/locations/westeurope/alerts/another-${id}`,
  name: `another-${id}`,
  type: 'Microsoft.Security/Locations/alerts',
  properties: {
    version: '2022-01-01.0',
    alertType: 'K8S.NODE_ImdsCall',
    systemAlertId: id,
    productName: 'Microsoft Defender for Cloud',
    productComponentName: 'Containers',
    alertDisplayName: name,
    severity: 'Medium',
    intent: 'CredentialAccess',
    startTimeUtc: seven(at - 1000),
    endTimeUtc: seven(at),
    timeGeneratedUtc: seven(at + 1000),
    processingEndTimeUtc: seven(at),
    resourceIdentifiers: [{ $id: '1', type: 'AzureResource', azureResourceId: AKS }],
    compromisedEntity: 'dev1aks',
    entities: [
      { $id: '4', resourceId: AKS, type: 'azure-resource' },
      { $id: '5', cloudResource: { $ref: '4' }, type: 'K8s-cluster' },
      { $id: '6', name: 'sim-1', cluster: { $ref: '5' }, type: 'K8s-namespace' },
      { $id: '8', name: 'victim-0', namespace: { $ref: '6' }, type: 'K8s-pod' },
      { $id: '2', imageId: 'registry.example.com/victim:1', type: 'container-image' },
      { $id: '9', name: 'web', containerId: 'containerd://4b0df5a1', image: { $ref: '2' }, pod: { $ref: '8' }, type: 'container' },
      { $id: '10', commandLine: 'curl http://169.254.169.254/ sim-1', type: 'process', parentProcess: { $ref: '11' } },
      { $id: '11', commandLine: 'sh -c curl', type: 'process' },
    ],
    extendedProperties: { 'User name': 'root', 'Suspicious command': 'curl http://169.254.169.254/ sim-1' },
    status: 'Active',
    techniques: ['T1552'],
    subTechniques: ['T1552.005'],
    ...more,
  },
});

const settings = (server: ProductServer) =>
  ({ name: 'mdc', subscriptionId: SUBSCRIPTION, ...azureSettingsOf(server) }) as Settings & Record<string, unknown>;

polledContract('defender-for-cloud', {
  ...azureUnderTest,
  type: defenderForCloud,
  settings,
  alert: ({ id, name, at }) => listed(id, name, at),
  pageSize: 100,
  answer({ url }, alerts, server) {
    if (
      url.pathname !== `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Security/alerts` ||
      url.searchParams.get('api-version') !== '2022-01-01'
    )
      return { status: 404 };
    const from = Number(url.searchParams.get('$skiptoken') ?? 0);
    const next =
      alerts.length > from + 100 ? { nextLink: `${server.url}${url.pathname}?api-version=2022-01-01&$skiptoken=${from + 100}` } : {};
    return { body: { value: alerts.slice(from, from + 100), ...next } };
  },
});

async function stage(alerts: object[]) {
  const clock = quickClock();
  let made: ProductServer | undefined;
  const answer = ({ method }: { method: string }) => (method === 'POST' ? { status: 204, body: '' } : { body: { value: alerts } });
  const server = await productServer(clock, answer, { secure: true, open: (request) => azureUnderTest.open?.(request, () => made) });
  made = server;
  const source = defenderForCloud.create(settings(server), testWorld(clock, { env: { SIM_TEST_SECRET: 'client-secret' } }));
  return { clock, server, source };
}

test('an alert, field by field; an incident is passed over', async () => {
  const { clock, source } = await stage([
    listed('incident', 'Security incident detected', Date.now(), { isIncident: true }),
    listed('id-1', 'Access to cloud metadata service detected', 1_700_000_000_000),
  ]);
  const watcher = await watch(source, clock.now());
  expect(await watcher.alert('Access to cloud metadata service detected')).toMatchObject({
    product: 'defender-for-cloud',
    id: 'id-1',
    type: 'K8S.NODE_ImdsCall',
    severity: 'medium',
    techniques: ['T1552', 'T1552.005'],
    times: { first: 1_699_999_999_000.4568, generated: 1_700_000_001_000.4568 },
    entities: {
      cluster: AKS,
      namespace: 'sim-1',
      pod: 'victim-0',
      container: 'web',
      containerId: '4b0df5a1',
      image: 'registry.example.com/victim:1',
      user: 'root',
      commandLines: ['curl http://169.254.169.254/ sim-1', 'sh -c curl'],
    },
  });
  await watcher.heartbeat();
  expect(watcher.events.filter(({ type }) => type === 'alert')).toHaveLength(1);
  await watcher.stop();
});

test.each([
  ['AKS', [{ type: 'AzureResource', azureResourceId: AKS }], AKS],
  [
    'Arc',
    [{ azureResourceId: '/subscriptions/s/resourceGroups/r/providers/Microsoft.Kubernetes/connectedClusters/edge' }],
    '/subscriptions/s/resourceGroups/r/providers/Microsoft.Kubernetes/connectedClusters/edge',
  ],
  ['EKS', [{ resourceId: 'arn:aws:eks:eu-west-1:123456789012:cluster/prod' }], 'arn:aws:eks:eu-west-1:123456789012:cluster/prod'],
  [
    'GKE',
    ['container.googleapis.com/projects/p/zones/europe-west1-b/clusters/prod'],
    'container.googleapis.com/projects/p/zones/europe-west1-b/clusters/prod',
  ],
  [
    'a security connector',
    ['/subscriptions/s/resourceGroups/r/providers/Microsoft.Security/securityConnectors/aws/securityentitydata/prod'],
    '/subscriptions/s/resourceGroups/r/providers/Microsoft.Security/securityConnectors/aws/securityentitydata/prod',
  ],
])('the cluster of %s', (_, resources, cluster) => {
  expect(clusterIn([resources])).toBe(cluster);
});

test('alerts are resolved where they are; an id that leads elsewhere is not asked', async () => {
  const { server, source } = await stage([]);
  const raw = listed('id-1', 'A', Date.now());
  const evil = { ...raw, id: '/subscriptions/s/providers/Microsoft.Authorization/roleAssignments/x?' };
  await source.resolve?.([{ raw }, { raw: evil }, { raw: null }] as never, 'a test', new AbortController().signal);
  expect(server.requests.map(({ method, url }) => `${method} ${url.pathname}${url.search}`)).toEqual([
    `POST ${raw.id}/resolve?api-version=2022-01-01`,
  ]);
});

test('a wrong secret is told in one line, without it', async () => {
  const { clock, source, server } = await stage([]);
  const wrong = defenderForCloud.create(settings(server), testWorld(clock, { env: { SIM_TEST_SECRET: 'another-secret' } }));
  const { signal } = new AbortController();
  expect(await source.check(signal)).toMatchObject([{ result: 'ok' }, { title: 'Clock' }]);
  const [check] = await wrong.check(signal);
  expect(check).toMatchObject({
    result: 'failed',
    message: expect.stringContaining('AADSTS7000215'),
    hint: expect.stringContaining('az login'),
  });
  expect(JSON.stringify(check)).not.toContain('another-secret');
});

test('settings that do not go together', () => {
  expect(defenderForCloud.problems?.({ name: 'a', clientSecret: { fromEnv: 'A' } } as never)).toMatchObject([{ path: ['clientSecret'] }]);
  expect(defenderForCloud.problems?.({ name: 'a', endpoint: 'http://evil.example.com' } as never)).toMatchObject([{ path: ['endpoint'] }]);
});
