// The file system, as far as this tool uses it. Paths are absolute or relative to the working directory.

export interface Files {
  /** Whole file as UTF-8 text. Throws Failure not-found / storage. */
  read(path: string): Promise<string>;
  /** Writes atomically (temporary file, rename), making parent folders. `mode` as in chmod. */
  write(path: string, text: string, options?: { mode?: number }): Promise<void>;
  exists(path: string): Promise<boolean>;
  /** Names in a folder, sorted; an absent folder is empty. */
  list(path: string): Promise<string[]>;
  makeFolder(path: string): Promise<void>;
  /** Removes a file or a whole folder; absent is fine. Never follows a symbolic link. */
  remove(path: string): Promise<void>;
  copy(from: string, to: string): Promise<void>;
  link(target: string, path: string): Promise<void>;
  /** SHA-256 over names, modes and contents of files and folders, hex: the key of a cache. */
  digest(paths: string[]): Promise<string>;
  /** Takes a lock file (holder's process id inside); waits while a living process holds it. `onWait` is told who. */
  lock(path: string, options: { signal?: AbortSignal; onWait?: (holder: number) => void }): Promise<{ release(): Promise<void> }>;
}
