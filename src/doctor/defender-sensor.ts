// The sensor of Microsoft Defender for Containers, under all its names (learn.microsoft.com, defender-for-containers-verify-deployment).
import type { KubernetesObject } from '../ports/cluster.ts';
import type { SensorPods } from '../ports/miss-facts.ts';
import type { Check, CheckContext, CheckLine } from './check.ts';

/** AKS; Arc and Helm (plural); the part that sends what was collected. */
const DAEMON_SETS = ['microsoft-defender-collector-ds', 'microsoft-defender-collectors-ds', 'microsoft-defender-publisher-ds'];
const POD_LABELS = 'app in (defender,defender-k8s-sensor)';
/** A sensor that has just started needs this long before it raises alerts. */
const WARM_UP = 15 * 60_000;
const MANY_RESTARTS = 5;

/** For whoever asks how it is on one node. */
export const DEFENDER_SENSORS: SensorPods = { labelSelector: POD_LABELS, daemonSets: DAEMON_SETS, warmUp: WARM_UP };

interface DaemonSetStatus {
  desiredNumberScheduled?: number;
  numberReady?: number;
}

interface PodStatus {
  startTime?: string;
  containerStatuses?: { name: string; restartCount: number }[];
}

export const defenderSensor: Check = {
  id: 'defender-sensor',
  title: 'Defender sensor',
  needs: 'api-server',
  async run({ cluster, clock, signal }: CheckContext) {
    const all = await cluster.list({ apiVersion: 'apps/v1', kind: 'DaemonSet' }, signal);
    const sets = all.filter(({ metadata }) => DAEMON_SETS.includes(metadata.name ?? ''));
    if (sets.length === 0) {
      return [
        {
          status: 'warn',
          message: `no DaemonSet is called ${DAEMON_SETS.join(', ')}`,
          hint: 'Without the sensor Defender for Containers raises no runtime alert; other detectors are not looked for here.',
        },
      ];
    }
    const pods = await cluster.list({ apiVersion: 'v1', kind: 'Pod', labelSelector: POD_LABELS }, signal);
    return [...sets.map(readiness), ...pods.flatMap((pod) => warnings(pod, clock.now()))];
  },
};

function readiness({ metadata, status }: KubernetesObject): CheckLine {
  const { desiredNumberScheduled = 0, numberReady = 0 } = (status ?? {}) as DaemonSetStatus;
  const version = metadata.labels?.['app.kubernetes.io/version'];
  const message = `${metadata.namespace}/${metadata.name}${version === undefined ? '' : ` ${version}`}: ${numberReady} of ${desiredNumberScheduled} ready`;
  if (numberReady === desiredNumberScheduled && numberReady > 0) return { status: 'ok', message };
  return { status: 'fail', message, hint: `See why with: kubectl describe daemonset -n ${metadata.namespace} ${metadata.name}` };
}

function warnings({ metadata, status }: KubernetesObject, now: number): CheckLine[] {
  const { startTime, containerStatuses = [] } = (status ?? {}) as PodStatus;
  const what = `${metadata.namespace}/${metadata.name}`;
  const age = startTime === undefined ? Number.POSITIVE_INFINITY : now - Date.parse(startTime);
  return [
    ...(age < WARM_UP
      ? [
          {
            status: 'warn' as const,
            message: `${what} started ${Math.round(age / 60_000)} min ago`,
            hint: 'Wait until it has run for 15 minutes.',
          },
        ]
      : []),
    ...containerStatuses
      .filter(({ restartCount }) => restartCount >= MANY_RESTARTS)
      .map(({ name, restartCount }) => ({
        status: 'warn' as const,
        message: `${what}: the container ${name} was restarted ${restartCount} times`,
        hint: 'What the sensor sees may never leave the cluster; read its log.',
      })),
  ];
}
