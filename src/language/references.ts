// What stands at the paths that a playbook names. It is read beforehand and handed in: the language itself does no IO.
import type { Source } from './source.ts';

/** `outside`: beyond the checkout, and so not looked at. */
export type Referenced =
  | { kind: 'file'; text: string }
  | { kind: 'folder'; names: readonly string[] }
  | { kind: 'absent' }
  | { kind: 'outside' };

/** By the path from the folder of the playbook that was asked for, normalised, e.g. "../charts/simulation". What is not in it was not read. */
export type References = ReadonlyMap<string, Referenced>;

const sources = new WeakMap<Referenced, Source>();

/** The text of a file as a source of that name; the same one each time, so that it is read once however many playbooks use it. */
export function sourceOfFile(name: string, file: Referenced & { kind: 'file' }): Source {
  const known = sources.get(file);
  if (known?.name === name) return known;
  const source = { name, text: file.text };
  sources.set(file, source);
  return source;
}

/** A path in the body of a step, as it is written there. */
export interface FileReference {
  /** Place within the body. */
  path: readonly (string | number)[];
  file: string;
  kind: 'chart' | 'manifest';
}

/** The path that one written in a file of `folder` means, from where `folder` counts: joinPath("steps", "../a.yaml") is "a.yaml". */
export function joinPath(folder: string, path: string): string {
  const parts: string[] = [];
  for (const part of [...folder.split('/'), ...path.split('/')]) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else parts.push(part);
  }
  return parts.join('/');
}

/** The folder of a path that joinPath gave. */
export const folderOf = (path: string): string => path.split('/').slice(0, -1).join('/');
