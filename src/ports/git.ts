// What git knows of a checkout.

export interface Git {
  /**
   * Those of the files (absolute paths) that differ from where the checkout left `base`: committed or not, and untracked ones that are not ignored.
   * Throws Failure configuration where this is no checkout, invalid where `base` is no commit here, command-not-found.
   */
  changedSince(base: string, files: readonly string[], options?: { signal?: AbortSignal }): Promise<string[]>;
}
