// A finding about a playbook: data, with offsets. Line, column and excerpt are computed when printing (source.ts).

export type Severity = 'error' | 'warning' | 'info';

/** Offsets into the source text, in UTF-16 units; `end` is exclusive. */
export interface Span {
  start: number;
  end: number;
}

export interface Diagnostic {
  /** Id of the rule, kebab-case, e.g. "unknown-key". */
  rule: string;
  severity: Severity;
  /** What was found, in one sentence without a full stop; names and values in backticks. */
  message: string;
  span: Span;
  /** What to do, e.g. "did you mean `timeout`?". */
  hint?: string;
  /** Changes to the text that mend it without a doubt; `sim lint --fix` makes them. */
  fix?: readonly Edit[];
}

/** Replaces a part of the source text. */
export interface Edit extends Span {
  text: string;
}
