// Programs on the operator's machine: helm, and the lab's own. Attack commands never come here.

export interface CommandResult {
  exitCode: number;
  stdout: string;
  stderr: string;
}

export interface ProcessRunner {
  /**
   * Runs a program to its end; no shell. A non-zero exit is a result, not an exception.
   * Throws Failure command-not-found, timeout, interrupted. `onLine` sees every line of both streams as it comes.
   */
  run(
    command: [string, ...string[]],
    options?: {
      input?: string;
      cwd?: string;
      /** Added to our own environment. */
      env?: Record<string, string>;
      /** The whole environment, in place of our own. */
      environment?: Record<string, string>;
      timeout?: number;
      signal?: AbortSignal;
      onLine?: (line: string) => void;
    },
  ): Promise<CommandResult>;
  /** Starts a program that outlives this process, both streams appended to a log file. Returns its process id. */
  start(command: [string, ...string[]], options: { log: string; cwd?: string; env?: Record<string, string> }): Promise<number>;
  isAlive(pid: number): boolean;
  /** Sends a signal; a process that is gone is fine. */
  kill(pid: number, signal?: NodeJS.Signals): void;
}
