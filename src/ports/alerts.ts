// A product that raises alerts: opened before the first step, read until the last expectation is settled.

export type Capability = 'process' | 'file' | 'network' | 'audit';
export type Severity = 'informational' | 'low' | 'medium' | 'high' | 'critical';

/** How far it is shown that this program reads the product rightly, surest first. */
export type ProofLevel = 'real software' | 'recorded payloads' | 'published API description';

/** An alert of any product in one shape. Times in milliseconds since the Unix epoch, by the product's clock but `seen`, which is by ours. */
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
  /**
   * first and last: of the activity that it is about; started: of the process that it is about, by the kernel of its node; generated: by the
   * detection; updated: last change of the alert; seen: first read by us in this state.
   */
  times: { first?: number; last?: number; started?: number; generated?: number; updated?: number; seen: number };
  /** How many occurrences the product folded into it; 1 where it does not say. */
  count: number;
  entities: AlertEntities;
  /** The alert as the product sent it. */
  raw: unknown;
}

/** What the alert is about, as far as the product says it in fields of their own. */
export interface AlertEntities {
  cluster?: string;
  node?: string;
  namespace?: string;
  pod?: string;
  container?: string;
  containerId?: string;
  image?: string;
  /** User or service account, for the control plane's alerts. */
  user?: string;
  /** Of the process and its ancestors, nearest first. */
  commandLines: string[];
}

/** What a source tells while it watches. */
export type SourceEvent =
  /** A new alert, or a new state of one told before (same id). Such as were there before the attack are told, too, with `baseline`. */
  | { type: 'alert'; alert: NormalisedAlert; baseline?: true }
  /** It has told all alerts that the product had made visible at this time, by our clock. */
  | { type: 'heartbeat'; at: number }
  /** A time in which it may have missed alerts. */
  | { type: 'gap'; from: number; to: number; reason: string }
  /** The product's clock minus ours, and how far that may be wrong; milliseconds. Without it no time of the product tells attacks apart. */
  | { type: 'clock'; offset: number; uncertainty: number };

/** The run whose alerts a source is opened for. */
export interface WatchedRun {
  id: string;
  namespace: string;
  /** Namespaces beside its own whose pods it attacks. */
  targets?: readonly string[];
  /** When it began, milliseconds since the Unix epoch. */
  since: number;
}

/** One thing that `sim alerts check` looked at. */
export interface SourceCheck {
  title: string;
  result: 'ok' | 'warning' | 'failed';
  message: string;
  hint?: string;
}

export interface AlertSource {
  readonly name: string;
  readonly product: string;
  readonly proof: ProofLevel;
  readonly capabilities: readonly Capability[];
  /** How long after the attack an alert of this source may come, milliseconds. */
  readonly window: number;
  /** Whether it tells, when it is opened, every alert since `since`, however long ago that was: else it knows only what comes while it is open. */
  readonly remembers?: true;
  /**
   * Resolves when it is watching; the iterable ends with the signal. Throws Failure "unauthorized" or "not-found" where no waiting helps;
   * everything that passes (429, 5xx, resets) is tried again and told as a gap.
   */
  open(run: WatchedRun, signal: AbortSignal): Promise<AsyncIterable<SourceEvent>>;
  /** Whether its settings, credentials and path work, without a run. */
  check(signal: AbortSignal): Promise<SourceCheck[]>;
  /** Marks alerts as resolved in the product, with a comment for the people who see them; absent where the product cannot. */
  resolve?(alerts: readonly NormalisedAlert[], comment: string, signal: AbortSignal): Promise<void>;
}
