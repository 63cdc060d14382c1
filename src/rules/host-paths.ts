// Where the node's own files lie in the pods of a playbook, and which programs reach them.
import type { Playbook } from '../language/playbook.ts';
import { allSteps } from '../language/step-tree.ts';
import { isMap, listAt } from '../language/untyped.ts';
import { containersOf, objectsOf, type Placed, podSpecOf } from './body.ts';
import type { SimpleCommand } from './shell-words.ts';

/** Each is compared with each path that a program names. */
const MOST_MOUNTS = 50;

/** Folders of containers at which a folder of the node is mounted, without a slash at the end; '' where its root replaces all. */
export function hostMounts(playbook: Playbook): string[] {
  const mounts = allSteps(playbook)
    .flatMap(objectsOf)
    .flatMap((object) => {
      const volumes = listAt(podSpecOf(object.value)?.spec, 'volumes');
      const names = volumes.flatMap((volume) => (isMap(volume) && isMap(volume.hostPath) ? [volume.name] : []));
      return containersOf(object).flatMap((container) => mountsOf(container, names));
    });
  return [...new Set(mounts)].slice(0, MOST_MOUNTS);
}

const mountsOf = ({ value }: Placed<Record<string, unknown>>, names: readonly unknown[]): string[] =>
  listAt(value, 'volumeMounts').flatMap((mount) =>
    isMap(mount) && names.includes(mount.name) && mount.readOnly !== true && typeof mount.mountPath === 'string'
      ? [mount.mountPath.replace(/\/+$/, '')]
      : [],
  );

/** The path on the node of a path that a program names; undefined where it stays in the container. */
export function onHost(path: string, { before }: Pick<SimpleCommand, 'before'>, mounts: readonly string[]): string | undefined {
  if (!path.startsWith('/')) return undefined;
  if (runsOnHost({ before }, mounts)) return path;
  const mount = mounts.find((each) => path === each || path.startsWith(`${each}/`));
  return mount === undefined ? undefined : path.slice(mount.length) || '/';
}

/** Whether a program was sent into the node, by its first process or by changing to its root. */
export function runsOnHost({ before }: Pick<SimpleCommand, 'before'>, mounts: readonly string[]): boolean {
  const text = ` ${before.join(' ')} `;
  return /[ /]nsenter .*(?:-t ?1|--target[= ]1) /.test(text) || mounts.some((mount) => text.includes(`chroot ${mount || '/'} `));
}

/** Files that a program writes: by redirection, or because writing is what it does. */
export function writtenBy({ words, writes }: SimpleCommand): string[] {
  const [name = '', ...rest] = words;
  const operands = rest.filter((word) => !word.startsWith('-'));
  if (['tee', 'touch', 'mkdir'].includes(name)) return [...writes, ...operands];
  if (['cp', 'mv', 'ln', 'install'].includes(name)) return [...writes, ...operands.slice(-1)];
  if (name === 'dd') return [...writes, ...rest.flatMap((word) => (word.startsWith('of=') ? [word.slice(3)] : []))];
  if (/^(curl|wget)$/.test(name)) {
    const option = rest.findIndex((word) => ['-o', '-O', '--output', '--output-document'].includes(word));
    const file = option === -1 ? undefined : rest[option + 1];
    return file?.startsWith('/') ? [...writes, file] : [...writes];
  }
  return [...writes];
}
