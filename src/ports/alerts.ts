// A product that raises alerts: opened before the first step, read until the last expectation is settled.

export type Capability = 'process' | 'file' | 'network' | 'audit';
export type Severity = 'informational' | 'low' | 'medium' | 'high' | 'critical';

/** An alert of any product in one shape. Times in milliseconds since the Unix epoch. */
export interface NormalisedAlert {
  source: string;
  /** The product's key in the alerts/ catalogue, e.g. "falco". */
  product: string;
  id: string;
  /** Display name, or the rule's name. */
  name: string;
  /** The product's own type id, e.g. "K8S.NODE_ImdsCall". */
  type?: string;
  severity?: Severity;
  techniques: string[];
  times: { activity?: number; generated?: number; updated?: number; seen: number };
  count: number;
  entities: { cluster?: string; namespace?: string; pod?: string; container?: string; commandLines: string[] };
  /** The alert as the product sent it. */
  raw: unknown;
}

/** What a source tells while it watches. A gap is a time in which it may have missed alerts. */
export type SourceEvent = { type: 'alert'; alert: NormalisedAlert } | { type: 'gap'; from: number; to: number; reason: string };

export interface AlertSource {
  readonly name: string;
  readonly product: string;
  readonly capabilities: readonly Capability[];
  /** How long after the attack an alert of this source may come, milliseconds. */
  readonly window: number;
  /** Resolves when it is watching (throws Failure when it cannot); the iterable ends with the signal. */
  open(run: { id: string; namespace: string; since: number }, signal: AbortSignal): Promise<AsyncIterable<SourceEvent>>;
}
