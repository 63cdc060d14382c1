// Microsoft Defender XDR, by Graph's alerts_v2, whose evidence names pods and namespaces.
import type { AlertEntities } from '../../ports/alerts.ts';
import { clusterIn } from './azure-entities.ts';
import { type AzureSettings, azureLogin, azureProblems, azureSettings } from './azure-login.ts';
import {
  type AlertDraft,
  at,
  containerIdOf,
  entitiesOf,
  isJson,
  type Json,
  jsonOf,
  known,
  listOf,
  nameOf,
  severityOf,
  techniquesIn,
  textOf,
  textsOf,
  timeOf,
} from './fields.ts';
import { boundHttp } from './http-client.ts';
import { pollSource } from './poll.ts';
import { intervalSetting, productSetting } from './settings.ts';
import { type CommonSettings, defineSource, identityOf, millisecondsOf } from './source-type.ts';

interface Settings extends CommonSettings, AzureSettings {
  product?: string;
  serviceSource?: string;
  lookback?: string;
  interval?: string;
}

const ENDPOINT = 'https://graph.microsoft.com';
const INTERVAL = 30_000;
const LOOKBACK = 60 * 60_000;
const PAGE = 100;
const MOST_PAGES = 50;
const PATH = '/v1.0/security/alerts_v2';

export const defenderXdr = defineSource<Settings>({
  type: 'defender-xdr',
  summary: 'Microsoft Defender XDR: alerts of Microsoft Graph, with Kubernetes evidence.',
  schema: {
    properties: {
      product: { ...productSetting, default: 'defender-for-cloud' },
      serviceSource: {
        type: 'string',
        pattern: '^[A-Za-z]+$',
        description: 'Only alerts of this service, such as `microsoftDefenderForCloud`; without it those of all are read.',
      },
      lookback: {
        type: 'string',
        format: 'kubesim-duration',
        default: '1h',
        description: 'Alerts that changed so long before the run, or later, are read: what was there then is no news.',
      },
      ...azureSettings(ENDPOINT),
      interval: intervalSetting('30s'),
    },
  },
  proof: 'published API description',
  proved: 'The tests have a local server answer as the published description of Graph says.',
  capabilities: ['process', 'file', 'network', 'audit'],
  window: 60 * 60_000,
  about: `Whoever logs in needs the application permission \`SecurityAlert.Read.All\`, and \`SecurityAlert.ReadWrite.All\` for \`--close-alerts\`, which resolves alerts as expected security testing, with a comment.

This is the one way to Microsoft's alerts on which the fields for pod, namespace and container are documented.`,
  example: `name: xdr
type: defender-xdr
serviceSource: microsoftDefenderForCloud
tenantId: 00000000-0000-0000-0000-000000000000
clientId: 00000000-0000-0000-0000-000000000000
clientSecret: {fromFile: /run/secrets/azure-client-secret}
`,
  problems: azureProblems,
  create(settings, world) {
    const { endpoint = ENDPOINT, serviceSource, tls } = settings;
    const identity = identityOf(defenderXdr, settings, world, 'defender-for-cloud');
    const login = azureLogin(settings, `${endpoint}/.default`, world);
    const http = boundHttp({ url: endpoint, ...(tls === undefined ? {} : { tls }) }, login, world);
    const lookback = millisecondsOf(settings.lookback, LOOKBACK, world);
    return {
      ...identity,
      ...pollSource({
        ...identity,
        clock: world.clock,
        interval: millisecondsOf(settings.interval, INTERVAL, world),
        mostPages: MOST_PAGES,
        async page({ run, cursor }, signal) {
          const since = new Date(run.since - lookback).toISOString();
          const source = serviceSource === undefined ? '' : ` and serviceSource eq '${serviceSource}'`;
          const query = new URLSearchParams({ $filter: `lastUpdateDateTime ge ${since}${source}`, $top: String(PAGE) });
          const { body, clock } = await http.json({ action: 'list alerts', path: textOf(cursor) ?? `${PATH}?${query}`, signal });
          const alerts = listOf(at(body, 'value')).flatMap((item) => xdrAlert(jsonOf(item)) ?? []);
          return { alerts, ...known({ clock, next: textOf(at(body, '@odata.nextLink')) }) };
        },
      }),
      async resolve(alerts, comment, signal) {
        for (const { id } of alerts) {
          const path = `${PATH}/${encodeURIComponent(id)}`;
          const said = { '@odata.type': 'microsoft.graph.security.alertComment', comment };
          await http.json({ action: 'comment on an alert', method: 'POST', path: `${path}/comments`, body: said, signal });
          const state = { status: 'resolved', classification: 'informationalExpectedActivity', determination: 'securityTesting' };
          await http.json({ action: 'resolve an alert', method: 'PATCH', path, body: state, signal });
        }
      },
    };
  },
});

function xdrAlert(alert: Json): AlertDraft | undefined {
  const id = textOf(alert.id);
  const name = nameOf(alert.title);
  if (id === undefined || name === undefined) return undefined;
  return {
    id,
    name,
    ...known({ type: textOf(alert.detectorId), severity: severityOf(alert.severity) }),
    techniques: techniquesIn(...textsOf(alert.mitreTechniques)),
    times: known({
      first: timeOf(alert.firstActivityDateTime),
      last: timeOf(alert.lastActivityDateTime),
      generated: timeOf(alert.createdDateTime),
      updated: timeOf(alert.lastUpdateDateTime),
    }),
    count: 1,
    entities: evidenceEntities(listOf(alert.evidence).filter(isJson)),
    raw: alert,
  };
}

/** By the types of https://learn.microsoft.com/graph/api/resources/security-alertevidence. */
function evidenceEntities(evidence: readonly Json[]): AlertEntities {
  const first = (type: string): Json | undefined => evidence.find((each) => kindOf(each) === type);
  const container = first('containerEvidence') ?? evidence.flatMap((each) => listOf(each.containers).filter(isJson))[0];
  const pod = first('kubernetesPodEvidence') ?? (isJson(container?.pod) ? container.pod : undefined);
  const cluster = first('kubernetesClusterEvidence');
  return entitiesOf({
    cluster: clusterIn(evidence) ?? textOf(cluster?.name),
    node: textOf(first('deviceEvidence')?.deviceDnsName),
    namespace: textOf(at(pod, 'namespace', 'name')) ?? textOf(first('kubernetesNamespaceEvidence')?.name),
    pod: textOf(pod?.name),
    container: textOf(container?.name),
    containerId: containerIdOf(container?.containerId),
    image: textOf(at(container, 'image', 'imageId')) ?? textOf(first('containerImageEvidence')?.imageId),
    user:
      textOf(first('kubernetesServiceAccountEvidence')?.name) ??
      textOf(at(pod, 'serviceAccount', 'name')) ??
      textOf(at(first('userEvidence'), 'userAccount', 'accountName')),
    commandLines: evidence.flatMap((each) => {
      if (kindOf(each) === 'processEvidence') return textOf(each.processCommandLine) ?? [];
      const words = [...textsOf(each.command), ...textsOf(each.args)];
      return words.length === 0 ? [] : [words.join(' ')];
    }),
  });
}

const kindOf = (evidence: Json): string => textOf(evidence['@odata.type'])?.split('.').at(-1) ?? '';
