// What every way to make a lab offers, and what it needs of the machine.
import type { Clock } from '../ports/clock.ts';
import type { Files } from '../ports/files.ts';
import type { ProcessRunner } from '../ports/process.ts';

export const clouds = ['azure', 'aws', 'gcp'] as const;
/** The cloud that the lab's metadata service plays. */
export type Cloud = (typeof clouds)[number];

export const driverNames = ['native', 'kind'] as const;
export type DriverName = (typeof driverNames)[number];

/** The machine, as a lab sees it. */
export interface LabWorld {
  process: ProcessRunner;
  files: Files;
  clock: Clock;
  env: Readonly<Record<string, string | undefined>>;
  /** As Node names them: "linux", "x64". */
  platform: string;
  arch: string;
  root: boolean;
  /** The folder that holds lab/ and images/. */
  resources: string;
}

/** What a lab tells while it works; `seconds` since the beginning, `took` of the stage alone. */
export type LabEvent =
  | { type: 'start'; stage: string; seconds: number }
  | { type: 'tick'; stage: string; seconds: number; took: number; line: string }
  | { type: 'end'; stage: string; seconds: number; took: number; note: string }
  | { type: 'note'; stage: string; seconds: number; text: string };

export type Report = (event: LabEvent) => void;

export type SensorState = 'ready' | 'not ready' | 'absent';

export interface LabStatus {
  driver: DriverName;
  state: 'up' | 'partial' | 'down';
  cloud?: Cloud;
  kubeconfig: string;
  /** The API server's audit log, where this machine can read it. */
  auditLog?: string;
  /** The reference sensor on the lab's node. */
  sensor: SensorState;
  parts: { name: string; running: boolean }[];
}

/** The file `lab.json` of a lab: what other verbs need to know of it. */
export interface LabRecord {
  version: 1;
  driver: DriverName;
  cloud?: Cloud;
  kubeconfig: string;
  helm?: string;
  auditLog?: string;
  images: { attackerImage: string; victimImage: string };
}

export interface LabOptions {
  cloud: Cloud;
  /** Without the reference sensor where false: it goes, too, where it was there. */
  sensor?: boolean;
}

/** Every method throws Failure; all but status take turns by the lab's lock. */
export interface LabDriver {
  readonly name: DriverName;
  up(options: LabOptions, report: Report, signal: AbortSignal): Promise<LabRecord>;
  /** Ends the lab and leaves nothing of it but caches; a lab that is not up is fine. */
  down(report: Report, signal: AbortSignal): Promise<void>;
  /** down, and the caches too. */
  purge(report: Report, signal: AbortSignal): Promise<void>;
  status(): Promise<LabStatus>;
}
