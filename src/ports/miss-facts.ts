// What was looked up when an expected alert did not come: whoever explains the miss judges it, and looks up nothing.
import type { SourceCheck } from './alerts.ts';

/** Where the sensors of a product are: pods, of which each node that is watched has one. */
export interface SensorPods {
  /** Absent: any. */
  namespace?: string;
  labelSelector: string;
  /** Names of their DaemonSets, where other pods have the same labels. */
  daemonSets?: readonly string[];
  /** So long after its start a sensor may raise no alert yet, milliseconds. */
  warmUp?: number;
  /** It may as well run where the cluster does not show it: that there is no pod at all means nothing. */
  mayBeElsewhere?: true;
}

/** The sensor of a source on a node where the attack ran. Times in milliseconds since the Unix epoch. */
export interface SensorState {
  source: string;
  node: string;
  /** absent: no pod of it is on that node. */
  state: 'ready' | 'not ready' | 'absent';
  /** When its container started last. */
  startedAt?: number;
  restarts?: number;
  /** How long after that it may raise no alert yet, milliseconds; absent: it watches at once. */
  warmUp?: number;
}

export interface MissFacts {
  /** Sensors on the nodes of the attack; empty where nobody looked. */
  sensors: readonly SensorState[];
  /** What the sources' own checks found. */
  checks: readonly { source: string; check: SourceCheck }[];
}
