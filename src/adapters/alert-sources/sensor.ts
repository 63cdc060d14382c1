// The reference detector: what kubesim's own sensors see, judged by the rules of detections/.
import { isAbsolute } from 'node:path';
import type { SourceCheck, SourceEvent } from '../../ports/alerts.ts';
import { Failure } from '../../ports/failure.ts';
import { SENSOR_NAMESPACE } from './sensor-pods.ts';
import { type Evaluate, sensorSource } from './sensor-source.ts';
import { type CommonSettings, defineSource, identityOf, type RulesAtWork } from './source-type.ts';

interface Settings extends CommonSettings {
  namespace?: string;
  rules?: string;
  disabled?: string[];
}

export const sensor = defineSource<Settings>({
  type: 'sensor',
  summary: "kubesim's own sensors, judged by the rules of detections/: the judge of the lab.",
  schema: {
    properties: {
      namespace: { type: 'string', minLength: 1, default: SENSOR_NAMESPACE, description: 'Namespace in which charts/sensor is installed.' },
      rules: {
        type: 'string',
        minLength: 1,
        description: 'Absolute path of a folder with detection rules, in place of those that come with `sim`.',
      },
      disabled: {
        type: 'array',
        minItems: 1,
        uniqueItems: true,
        items: { type: 'string', pattern: '^[a-z0-9]([a-z0-9-]*[a-z0-9])?$', 'x-says': 'must be the name of a detection rule' },
        description: 'Names of rules that are not evaluated: `[network-scanner]`.',
      },
    },
  },
  proof: 'real software',
  proved: 'The tests run it on the lab, against real processes and a real audit log.',
  capabilities: ['process', 'file', 'network', 'audit'],
  window: 10_000,
  about: `\`sim lab up\` installs it; on another cluster, install charts/sensor with Helm. It is a DaemonSet that watches the kernel of each node by eBPF, and reports only containers of namespaces that a run has labelled. Alerts come from the rules of \`detections/\`, which are evaluated in this program: \`sim detect\` evaluates them without a cluster.

Where no node holds the audit log of the API server (AKS, EKS, GKE), what is expected of the control plane is unverified: it needs \`audit\`. A node without a ready sensor, lost events and a stream that broke are told as gaps.`,
  example: `name: sensor
type: sensor
`,
  problems: ({ rules }) =>
    rules === undefined || isAbsolute(rules)
      ? []
      : [{ path: ['rules'], message: '`rules` must be absolute', hint: 'a checkout must not choose the rules' }],
  create(settings, world) {
    const identity = identityOf(sensor, settings, world, 'sensor');
    let evaluate: Evaluate = () => [];
    const { namespace, rules: folder, disabled = [] } = settings;
    const rules = { disabled, ...(folder === undefined ? {} : { folder }) };
    const source = sensorSource(
      { name: identity.name, window: identity.window, ...(namespace === undefined ? {} : { namespace }) },
      { clock: world.clock, cluster: world.cluster, evaluate: (observation, seen) => evaluate(observation, seen) },
    );
    return {
      ...source,
      async open(run, signal) {
        // Rules remember: those of another run know nothing of this one.
        const atWork = await world.detector(identity.name, rules);
        evaluate = atWork.evaluate;
        return withDoubts(await source.open(run, signal), atWork, run.since);
      },
      check: async (signal) => [
        ...(await checkRules(disabled, () => world.detector(identity.name, rules))),
        ...(await source.check(signal)),
      ],
    };
  },
});

/** A rule that fails is silent, and must not be taken for one that saw nothing. */
export async function* withDoubts(
  events: AsyncIterable<SourceEvent>,
  { doubt }: Pick<RulesAtWork, 'doubt'>,
  since: number,
): AsyncGenerator<SourceEvent> {
  let told: string | undefined;
  for await (const event of events) {
    const reason = event.type === 'heartbeat' ? doubt() : undefined;
    if (reason !== undefined && reason !== told && event.type === 'heartbeat') yield { type: 'gap', from: since, to: event.at, reason };
    told = reason ?? told;
    yield event;
  }
}

/** Nothing where all rules are evaluated. */
async function checkRules(disabled: readonly string[], load: () => Promise<unknown>): Promise<SourceCheck[]> {
  try {
    await load();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const { hint } = error.details;
    return [{ title: 'Rules', result: 'failed', message: error.message, ...(hint === undefined ? {} : { hint }) }];
  }
  return disabled.length === 0 ? [] : [{ title: 'Rules', result: 'warning', message: `the settings disable: ${disabled.join(', ')}` }];
}
