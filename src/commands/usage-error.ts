// A mistake of whoever typed the command: exit code 2, nothing was touched.

export class UsageError extends Error {
  readonly hint: string | undefined;
  /** What lint found, as text for a terminal. */
  readonly findings: string | undefined;
  constructor(message: string, { hint, findings }: { hint?: string; findings?: string } = {}) {
    super(message);
    this.name = 'UsageError';
    this.hint = hint;
    this.findings = findings;
  }
}
