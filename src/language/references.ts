// What stands at the paths that a playbook names. It is read beforehand and handed in: the language itself does no IO.

/** `outside`: beyond the checkout, and so not looked at. */
export type Referenced =
  | { kind: 'file'; text: string }
  | { kind: 'folder'; names: readonly string[] }
  | { kind: 'absent' }
  | { kind: 'outside' };

/** By the path from the folder of the playbook that was asked for, normalised, e.g. "../charts/simulation". What is not in it was not read. */
export type References = ReadonlyMap<string, Referenced>;

/** A path in the body of a step, as it is written there. */
export interface FileReference {
  /** Place within the body. */
  path: readonly (string | number)[];
  file: string;
  kind: 'chart' | 'manifest';
}
