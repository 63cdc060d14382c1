// Whatever posts JSON: a SIEM's webhook, a script, Alertmanager's webhook receiver.
import { type ListenSettings, listenSettings } from './listener.ts';
import { alertsOf, type MappingSettings, mappingProblems, mappingSettings } from './mapping.ts';
import { receivedSource } from './received.ts';
import { productSetting, secretSetting } from './settings.ts';
import { type CommonSettings, defineSource, identityOf } from './source-type.ts';

interface Settings extends CommonSettings, ListenSettings, MappingSettings {
  product?: string;
}

export const webhook = defineSource<Settings>({
  type: 'webhook',
  summary: 'Alerts that something posts to this machine as JSON.',
  schema: {
    properties: {
      product: productSetting,
      ...mappingSettings,
      ...listenSettings,
      token: secretSetting(listenSettings.token.description),
    },
  },
  proof: 'real software',
  proved: 'The tests have a real Alertmanager post to it; what other products post is up to `fields`.',
  capabilities: ['process', 'file', 'network', 'audit'],
  window: 10 * 60_000,
  about: `sim listens on 127.0.0.1 while it watches, and takes only what comes by POST with its token, in the path or as a bearer token, in at most 1 MiB. What comes from elsewhere needs a tunnel that ends on this machine.

Until something has come, an alert that does not come counts as unverified and not as missed: the sender may not reach this machine at all. An empty list (\`[]\`) with the token is enough to show that it does.`,
  example: `name: soc
type: webhook
product: falco
port: 8089
token: {fromEnv: SIM_WEBHOOK_TOKEN}
items: body.events
fields:
  name: item.rule_name
  severity: item.level
  first: item.timestamp
  namespace: item.kubernetes.namespace
  pod: item.kubernetes.pod
`,
  problems: mappingProblems,
  create(settings, world) {
    const identity = identityOf(webhook, settings, world, 'webhook');
    return { ...identity, ...receivedSource(identity, settings, world, (body) => alertsOf(body, settings, world)) };
  },
});
