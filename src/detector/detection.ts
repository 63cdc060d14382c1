// A detection rule in memory: what detections/*.yaml say, and what conditions can read of an observation.
import type { Observation } from '../ports/observations.ts';

export type Kind = Observation['kind'];
export type Category = 'process_creation' | 'file_event' | 'network_connection' | 'audit';
export type Level = 'informational' | 'low' | 'medium' | 'high' | 'critical';
export type Grouping = 'container' | 'pod' | 'process' | 'user';

/** Sigma's words for what is observed. */
export const KINDS: Readonly<Record<Category, Kind>> = {
  process_creation: 'process',
  file_event: 'file',
  network_connection: 'connection',
  audit: 'audit',
};

export interface SequenceStep {
  /** Kind of the observation; absent: that of the rule. */
  category?: Category;
  condition: string;
  /** CEL that gives a text or texts: steps belong together only where they have one in common. */
  key?: string;
}

export interface Detection {
  title: string;
  /** A UUID; it stays when the rule is renamed. */
  id: string;
  /** The file's name. */
  name: string;
  status: 'stable' | 'test' | 'experimental' | 'deprecated';
  description: string;
  references: string[];
  tags: string[];
  logsource: { product: 'kubernetes' | 'linux'; category: Category };
  level: Level;
  falsepositives: string[];
  /** Id of the entry of the alerts/ catalogue that it raises. */
  alert: string;
  pyramid: { level: number; because: string };
  condition?: string;
  /** So many observations, or different values of `distinct`, within so many milliseconds. */
  threshold?: { count: number; distinct?: string; within: number; by: Grouping };
  sequence?: { within: number; by: Grouping; steps: SequenceStep[] };
  tests: { detects: DetectionTest[]; ignores: DetectionTest[] };
}

export interface DetectionTest {
  name: string;
  events: TestEvent[];
}

/** An observation in few words; test-events.ts fills in the rest. */
export interface TestEvent {
  /** Seconds since the first event; absent: a tenth of a second after the one before. */
  at?: number;
  argv?: string[];
  executable?: string;
  drift?: boolean;
  pid?: number;
  ppid?: number;
  uid?: number;
  /** Seconds since the process was started. */
  age?: number;
  /** Parent first: argv of each. */
  ancestors?: string[][];
  pod?: string;
  path?: string;
  access?: 'read' | 'write';
  address?: string;
  port?: number;
  protocol?: 'tcp' | 'udp';
  verb?: string;
  /** With its subresource, e.g. "pods/exec". */
  resource?: string;
  apiGroup?: string;
  namespace?: string;
  name?: string;
  user?: string;
  groups?: string[];
  impersonates?: string;
  /** Pod that the user's token is bound to. */
  fromPod?: string;
  code?: number;
  userAgent?: string;
  uri?: string;
  object?: unknown;
}

/** ATT&CK techniques in a rule's tags. */
export const techniquesOf = ({ tags }: Pick<Detection, 'tags'>): string[] =>
  tags.flatMap((tag) => (/^attack\.t\d/.test(tag) ? [tag.slice('attack.'.length).toUpperCase()] : []));
