// What speaks of a miss, kept beside the run's log while it is there: how pods and their containers ended, their events, what sensors wrote.
import type { AttackTime } from '../alerts/evidence.ts';
import type { Clock } from '../ports/clock.ts';
import type { Cluster } from '../ports/cluster.ts';
import type { SensorPods } from '../ports/miss-facts.ts';
import type { RunLog } from '../ports/run-log.ts';
import type { KnownPod, Observer } from './events.ts';
import { podFacts } from './pod-facts.ts';
import type { Redactor } from './redact.ts';
import { readLog, sensorLogs } from './sensor-logs.ts';

export interface EvidenceWorld {
  cluster: Cluster;
  log: Pick<RunLog, 'attach'>;
  clock: Pick<Clock, 'now'>;
  record: Observer;
  redact: Redactor;
  /** Where the sensors of alert sources are, by the sources' names. */
  sensors: ReadonlyMap<string, SensorPods>;
  signal: AbortSignal;
}

/** Never throws: evidence that cannot be had is missing, and no reason to fail. */
export interface EvidenceKeeper {
  /** Takes down how the pods of the namespace and those others are, before anything of them is gone. */
  lookAtPods(namespace: string, others: readonly KnownPod[]): Promise<void>;
  /** Keeps that, whatever the verdicts will be. */
  keepPods(): Promise<void>;
  /** Keeps all that speaks of a missed attack, with the logs of the sensors of these sources on these nodes; returns paths of files. */
  keep(sources: readonly string[], nodes: readonly string[], attack: AttackTime): Promise<string[]>;
}

const PODS_LIMIT = 5_000;
const LOGS_LIMIT = 20_000;
/** Sensors may stamp what they saw a moment before, and their clock may be behind. */
const BEFORE = 5_000;
const MOST_LOGS = 12;

/** `before`: paths of what an earlier look at the same run has kept. */
export function evidenceKeeper(world: EvidenceWorld, before: readonly string[] = []): EvidenceKeeper {
  const { cluster, log, clock, record, redact, sensors, signal } = world;
  let pods: string | undefined;
  const kept = new Map<string, Promise<string[]>>();
  const attach = async (name: string, text: string): Promise<string[]> => {
    const path = await log.attach(name, text).catch(() => undefined);
    if (path === undefined) return [];
    if (!before.includes(path)) record({ type: 'evidence-kept', at: clock.now(), path });
    return [path];
  };
  const keepPods = once(async () => (pods === undefined ? [] : await attach('pods.json', pods)));
  const keepLogs = async (sources: readonly string[], nodes: readonly string[], attack: AttackTime): Promise<string[]> => {
    const until = AbortSignal.any([signal, AbortSignal.timeout(LOGS_LIMIT)]);
    const wanted = await Promise.all(sources.map((source) => sensorLogs(source, sensors.get(source), nodes, attack, cluster, until)));
    const paths: string[] = [];
    for (const { name, pod, previous } of wanted.flat().slice(0, MOST_LOGS)) {
      const text = await readLog(cluster, pod, { from: attack.from - BEFORE, previous }, until);
      if (text !== '') paths.push(...(await attach(fileName(attack.key, name), redact.text(text))));
    }
    return paths;
  };
  return {
    async lookAtPods(namespace, others) {
      const until = AbortSignal.any([signal, AbortSignal.timeout(PODS_LIMIT)]);
      const facts = await podFacts(cluster, namespace, others, until).catch(() => undefined);
      if (facts !== undefined) pods = JSON.stringify(redact.value({ at: new Date(clock.now()).toISOString(), ...facts }), null, 2);
    },
    keepPods: async () => void (await keepPods()),
    async keep(sources, nodes, attack) {
      const logs = kept.get(attack.key) ?? keepLogs(sources, nodes, attack);
      kept.set(attack.key, logs);
      const [own, ofSensors] = await Promise.all([keepPods(), logs]);
      return [...new Set([...before, ...own, ...ofSensors])];
    },
  };
}

/** A name that no file system takes amiss; parts come from the cluster. */
const fileName = (step: string, name: string): string =>
  `${step}-${name}`
    .replace(/[^\w.-]+/g, '_')
    .slice(0, 180)
    .concat('.log');

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let done: Promise<T> | undefined;
  return () => {
    done ??= work();
    return done;
  };
}
