// What a command needs of the process that runs it; cli.ts makes the real one, tests make their own.

export interface Session {
  env: Record<string, string | undefined>;
  stdout(text: string): void;
  stderr(text: string): void;
  /** Standard input to its end, or until `limit` bytes and more have come. */
  readStdin(limit: number): Promise<Uint8Array>;
  /** Whether somebody sits at a terminal who can be asked. */
  interactive: boolean;
  /** Whether standard output, and standard error, show colours. */
  colour: boolean;
  errorColour: boolean;
  /** Columns of the terminal that standard output is; undefined where it is none. */
  columns?: number | undefined;
  /** Aborts with the first SIGINT or SIGTERM: end the work, clean up. */
  interrupt: AbortSignal;
  /** Aborts with the second one: not even that. */
  abandon: AbortSignal;
  setExitCode(code: number): void;
}
