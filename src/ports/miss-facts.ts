// What was looked up when an expected alert did not come: whoever explains the miss judges it, and looks up nothing.
import type { SourceCheck } from './alerts.ts';

/** The sensor of a source on a node where the attack ran. Times in milliseconds since the Unix epoch. */
export interface SensorState {
  source: string;
  node: string;
  /** absent: no pod of it is on that node. */
  state: 'ready' | 'not ready' | 'absent';
  /** When its container started last. */
  startedAt?: number;
  restarts?: number;
}

export interface MissFacts {
  /** Sensors on the nodes of the attack; empty where nobody looked. */
  sensors: readonly SensorState[];
  /** What the sources' own checks found. */
  checks: readonly { source: string; check: SourceCheck }[];
}
