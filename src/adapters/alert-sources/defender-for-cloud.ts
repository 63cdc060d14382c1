// Microsoft Defender for Cloud, by the alerts API of Azure Resource Manager (Microsoft.Security/alerts, 2022-01-01).
import { azureEntities } from './azure-entities.ts';
import { type AzureSettings, azureLogin, azureProblems, azureSettings, guidSetting } from './azure-login.ts';
import { type AlertDraft, jsonOf, known, listOf, nameOf, severityOf, techniquesIn, textOf, textsOf, timeOf } from './fields.ts';
import { boundHttp } from './http-client.ts';
import { pollSource } from './poll.ts';
import { intervalSetting } from './settings.ts';
import { type CommonSettings, defineSource, identityOf, millisecondsOf } from './source-type.ts';

interface Settings extends CommonSettings, AzureSettings {
  subscriptionId: string;
  resourceGroup?: string;
  location?: string;
  interval?: string;
}

const ENDPOINT = 'https://management.azure.com';
const VERSION = '2022-01-01';
const INTERVAL = 30_000;
const MOST_PAGES = 50;
const name = { type: 'string', pattern: '^[\\w.()-]+$', 'x-says': 'must be a name of Azure' } as const;
/** The one form of id that may become part of a request. */
const ALERT_ID =
  /^\/subscriptions\/[\w-]+(\/resourceGroups\/[\w.()-]+)?\/providers\/Microsoft\.Security\/locations\/[\w-]+\/alerts\/[\w-]+$/i;

export const defenderForCloud = defineSource<Settings>({
  type: 'defender-for-cloud',
  summary: 'Microsoft Defender for Cloud: alerts of a subscription, for clusters of AKS, Arc, EKS and GKE.',
  schema: {
    required: ['subscriptionId'],
    properties: {
      subscriptionId: guidSetting('Subscription whose alerts are read; for EKS and GKE that of the connector.'),
      resourceGroup: { ...name, description: 'Only alerts of this resource group.' },
      location: { ...name, description: 'Only alerts that Defender for Cloud stores in this location.' },
      ...azureSettings(ENDPOINT),
      interval: intervalSetting('30s'),
    },
  },
  proof: 'published API description',
  proved: 'The tests have a local server answer as the published description of the API says, and log in by the real library.',
  capabilities: ['process', 'file', 'network', 'audit'],
  window: 60 * 60_000,
  about: `Whoever logs in needs the role Security Reader, and Security Admin for \`--close-alerts\`, which sets alerts to Resolved; the API takes no comment with that. Incidents, which bundle alerts, are passed over.

The API lists all alerts of the subscription and filters nothing, so each reading walks over all pages, up to ${MOST_PAGES}; what lies behind is told as a gap. A subscription with many alerts is read faster with \`resourceGroup\` or \`location\`. Microsoft has stopped to publish the type ids of container alerts: \`sim alerts tail\` shows that of each alert that comes.`,
  example: `name: defender
type: defender-for-cloud
subscriptionId: 00000000-0000-0000-0000-000000000000
`,
  problems: azureProblems,
  create(settings, world) {
    const { subscriptionId, resourceGroup, location, endpoint = ENDPOINT, tls } = settings;
    const identity = identityOf(defenderForCloud, settings, world, 'defender-for-cloud');
    const login = azureLogin(settings, `${endpoint}/.default`, world);
    const http = boundHttp({ url: endpoint, ...(tls === undefined ? {} : { tls }) }, login, world);
    const path = [
      `/subscriptions/${subscriptionId}`,
      ...(resourceGroup === undefined ? [] : [`/resourceGroups/${resourceGroup}`]),
      '/providers/Microsoft.Security',
      ...(location === undefined ? [] : [`/locations/${location}`]),
      `/alerts?api-version=${VERSION}`,
    ].join('');
    return {
      ...identity,
      ...pollSource({
        ...identity,
        clock: world.clock,
        interval: millisecondsOf(settings.interval, INTERVAL, world),
        mostPages: MOST_PAGES,
        async page({ cursor }, signal) {
          const { body, clock } = await http.json({ action: 'list alerts', path: textOf(cursor) ?? path, signal });
          const { value, nextLink } = jsonOf(body);
          return { alerts: listOf(value).flatMap((item) => defenderAlert(item) ?? []), ...known({ clock, next: textOf(nextLink) }) };
        },
      }),
      async resolve(alerts, _comment, signal) {
        for (const { raw } of alerts) {
          const id = textOf(jsonOf(raw).id) ?? '';
          if (!ALERT_ID.test(id)) continue;
          await http.json({ action: 'resolve an alert', method: 'POST', path: `${id}/resolve?api-version=${VERSION}`, signal });
        }
      },
    };
  },
});

/** One item of the list; undefined for incidents, and for what is no alert. */
function defenderAlert(item: unknown): AlertDraft | undefined {
  const raw = jsonOf(item);
  const properties = jsonOf(raw.properties);
  // The last part of `id` may be another one (the API's own example has it so).
  const id = textOf(properties.systemAlertId) ?? textOf(raw.name);
  const display = nameOf(properties.alertDisplayName) ?? nameOf(properties.alertType);
  if (id === undefined || display === undefined || String(properties.isIncident).toLowerCase() === 'true') return undefined;
  return {
    id,
    name: display,
    ...known({ type: textOf(properties.alertType), severity: severityOf(properties.severity) }),
    techniques: techniquesIn(...textsOf(properties.techniques), ...textsOf(properties.subTechniques)),
    times: known({
      first: timeOf(properties.startTimeUtc),
      last: timeOf(properties.endTimeUtc),
      generated: timeOf(properties.timeGeneratedUtc),
      updated: timeOf(properties.processingEndTimeUtc),
    }),
    count: 1,
    entities: azureEntities({
      entities: properties.entities,
      properties: properties.extendedProperties,
      resources: [properties.resourceIdentifiers, properties.compromisedEntity],
    }),
    raw,
  };
}
