// Alerts that Alertmanager holds, by its API v2 (https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml).
import {
  type AlertDraft,
  containerIdOf,
  entitiesOf,
  type Json,
  jsonOf,
  known,
  listOf,
  nameOf,
  severityOf,
  techniquesIn,
  textOf,
  timeOf,
} from './fields.ts';
import { boundHttp, settingsLogin } from './http-client.ts';
import { pollSource } from './poll.ts';
import { type HttpSettings, httpSettings, intervalSetting, productSetting, urlProblems, urlSetting } from './settings.ts';
import { type CommonSettings, defineSource, identityOf, millisecondsOf } from './source-type.ts';

interface Settings extends CommonSettings, HttpSettings {
  product?: string;
  filters?: string[];
  receiver?: string;
  interval?: string;
}

const INTERVAL = 2000;

export const alertmanager = defineSource<Settings>({
  type: 'alertmanager',
  summary: 'Alerts that Prometheus, Falcosidekick or others hand to Alertmanager, by its API v2.',
  schema: {
    required: ['url'],
    properties: {
      url: urlSetting('Address of Alertmanager, with its path prefix where it has one: `https://alertmanager.example.com`.'),
      ...httpSettings,
      product: productSetting,
      filters: {
        type: 'array',
        minItems: 1,
        items: { type: 'string', minLength: 1 },
        description: 'Matchers that alerts must pass, in the words of Alertmanager: `severity="critical"`.',
      },
      receiver: {
        type: 'string',
        minLength: 1,
        description: 'Only alerts that go to a receiver whose name matches this regular expression.',
      },
      interval: intervalSetting('2s'),
    },
  },
  proof: 'real software',
  proved: 'The tests have a real Prometheus raise an alert in a real Alertmanager.',
  capabilities: ['process', 'file', 'network', 'audit'],
  window: 2 * 60_000,
  about: `The name of an alert is its label \`alertname\`, or \`rule\` where Falcosidekick sent it; namespace, pod, container and node are read from the labels that Prometheus and Falco use for them. Say \`product: falco\` where Falcosidekick is what feeds it, so that names are compared with Falco's rules.

Alertmanager holds only what fires now: an alert that fires for less than \`interval\` may go unseen. Silenced and inhibited alerts are told, too: they were raised. A silence is not a resolution, so \`--close-alerts\` leaves its alerts alone.`,
  example: `name: alertmanager
type: alertmanager
url: https://alertmanager.example.com
auth:
  bearerToken: {fromEnv: ALERTMANAGER_TOKEN}
filters: ['team="security"']
`,
  problems: ({ url }) => urlProblems(url, ['url']),
  create(settings, world) {
    const http = boundHttp(settings, settingsLogin(settings.auth, world), world);
    const identity = identityOf(alertmanager, settings, world, 'alertmanager');
    const query = new URLSearchParams();
    for (const filter of settings.filters ?? []) query.append('filter', filter);
    if (settings.receiver !== undefined) query.append('receiver', settings.receiver);
    const path = `/api/v2/alerts${query.size === 0 ? '' : `?${query}`}`;
    return {
      ...identity,
      ...pollSource({
        ...identity,
        clock: world.clock,
        interval: millisecondsOf(settings.interval, INTERVAL, world),
        mostPages: 1,
        forgets: true,
        async page(_, signal) {
          const { body, clock } = await http.json({ action: 'list alerts', path, signal });
          return { alerts: listOf(body).flatMap((item) => alertmanagerAlert(jsonOf(item)) ?? []), ...known({ clock }) };
        },
      }),
    };
  },
});

/** One alert of its API or of its webhook; undefined where it has no name. */
export function alertmanagerAlert(item: Json): AlertDraft | undefined {
  const labels = jsonOf(item.labels);
  const annotations = jsonOf(item.annotations);
  const first = (...names: string[]) => names.map((name) => textOf(labels[name])).find((value) => value !== undefined);
  const name = nameOf(first('alertname', 'rule'));
  if (name === undefined) return undefined;
  const begun = timeOf(item.startsAt);
  return {
    id: textOf(item.fingerprint) ?? JSON.stringify(Object.entries(labels).sort()),
    name,
    ...known({ type: first('rule_id', 'rule_uid'), severity: severityOf(labels.severity) ?? severityOf(labels.priority) }),
    techniques: techniquesIn(first('tags', 'mitre', 'technique'), textOf(annotations.mitre)),
    // `updatedAt` moves whenever Prometheus says that it still fires: it is no news. One that fires again has another start.
    times: known({ first: begun, generated: begun }),
    count: 1,
    // What a scraped target says of itself Prometheus calls exported_, where the scrape has such a label of its own.
    entities: entitiesOf({
      cluster: first('cluster', 'cluster_name'),
      node: first('node', 'k8s_node_name', 'hostname'),
      namespace: first('exported_namespace', 'namespace', 'k8s_ns_name', 'kubernetes_namespace'),
      pod: first('exported_pod', 'pod', 'k8s_pod_name', 'pod_name'),
      container: first('exported_container', 'container', 'container_name'),
      containerId: containerIdOf(first('container_id')),
      image: first('image', 'container_image_repository'),
      user: first('user', 'ka_user_name'),
      commandLines: [first('proc_cmdline'), first('proc_pcmdline')].filter((line) => line !== undefined),
    }),
    raw: item,
  };
}
