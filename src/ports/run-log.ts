// Where a run's facts are kept, on disk before they happen in the world: <state>/runs/<id>/events.jsonl.

/** One line of events.jsonl; the engine says what the types are (engine/events.ts). */
export interface LogLine {
  type: string;
  [key: string]: unknown;
}

export interface RunLog {
  readonly path: string;
  /** Appends one line. `durable`: on the disk (fsync) before this resolves. Lines keep the order of the calls. */
  append(line: LogLine, options?: { durable?: boolean }): Promise<void>;
  /**
   * Keeps a text beside the log, in a file of this name that its owner alone may read; returns its path. One that is there already stays as it is.
   */
  attach(name: string, text: string): Promise<string>;
  close(): Promise<void>;
}

export interface RunLogs {
  create(runId: string): Promise<RunLog>;
  /** Opens an existing log for more lines. */
  reopen(runId: string): Promise<RunLog>;
  /** All whole lines; a torn last line (crash while writing) is left out. Throws Failure not-found. */
  read(runId: string): Promise<LogLine[]>;
  /** Ids of all runs, newest first. */
  list(): Promise<string[]>;
}
