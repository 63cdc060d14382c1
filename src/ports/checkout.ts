// Files that somebody else may have written: nothing outside the checkout, nothing that is no plain file, nothing large is opened.

/** What stands at a path. `outside`: it leads out of the checkout, and was not looked at. */
export type Look =
  | { kind: 'file'; bytes: Uint8Array /** Without symbolic links. */; path: string /** As in chmod. */; mode: number }
  | { kind: 'large'; size: number /** Its first bytes. */; start: Uint8Array }
  | { kind: 'folder' }
  | { kind: 'absent' }
  | { kind: 'outside' }
  | { kind: 'special' /** E.g. "a pipe". */; what: string }
  | { kind: 'unreadable'; reason: string };

export interface Entry {
  name: string;
  /** A symbolic link is `other`, as are pipes and devices. */
  kind: 'file' | 'folder' | 'other';
}

export interface Checkout {
  /** The folder that a path must not lead out of: the nearest one above that holds `.git`, else the working directory or the path's own folder. */
  rootOf(path: string): Promise<string>;
  /** Opens a file of at most `limit` bytes; a larger one only to its start. Never throws for what stands there. */
  look(path: string, options: { root: string; limit: number }): Promise<Look>;
  /** What a folder holds, sorted by name; an absent or closed folder is empty. */
  entries(folder: string): Promise<Entry[]>;
}
