// What stands at the paths that a playbook names, read before it is linted or run; nothing outside its checkout.
import { posix } from 'node:path';
import { decodeUtf8 } from '../language/decode.ts';
import { lookAtReferences } from '../language/named-paths.ts';
import type { Referenced, References } from '../language/references.ts';
import type { Source } from '../language/source.ts';
import type { Checkout } from '../ports/checkout.ts';
import type { StepDefinition } from '../steps/step.ts';

const LARGEST_FILE = 1024 * 1024;
/** Bytes of all files together that one playbook may have read. */
const MOST_BYTES = 16 * LARGEST_FILE;

/** `referenced` is undefined for what is too large, or no plain file: nothing is known of it. */
interface Seen {
  referenced?: Referenced;
  bytes: number;
}

/** Playbooks of one checkout name the same files again and again. By the place; `bytes` of all of them. */
const seenIn = new WeakMap<Checkout, { places: Map<string, Seen>; bytes: number }>();
const MOST_PLACES = 1000;

/** The files, charts and manifests that the playbook and the files it uses name. The source's name is the path of its file. */
export async function referencesOf(source: Source, steps: readonly StepDefinition[], checkout: Checkout): Promise<References> {
  const root = await checkout.rootOf(source.name);
  const unread = new Set<string>();
  let left = MOST_BYTES;
  const look = async (path: string): Promise<Referenced> => {
    const { referenced, bytes } = await lookOnce(checkout, root, posix.join(posix.dirname(source.name), path));
    left -= bytes;
    if (referenced !== undefined && left >= 0) return referenced;
    unread.add(path);
    return { kind: 'absent' };
  };
  const references = await lookAtReferences(source, steps, look);
  return new Map([...references].filter(([path]) => !unread.has(path)));
}

async function lookOnce(checkout: Checkout, root: string, place: string): Promise<Seen> {
  const seen = seenIn.get(checkout) ?? { places: new Map<string, Seen>(), bytes: 0 };
  seenIn.set(checkout, seen);
  const key = `${root}\0${place}`;
  const known = seen.places.get(key);
  if (known !== undefined) return known;
  const found = await lookAt(checkout, root, place);
  if (seen.places.size >= MOST_PLACES || seen.bytes + found.bytes > MOST_BYTES) {
    seen.places.clear();
    seen.bytes = 0;
  }
  seen.places.set(key, found);
  seen.bytes += found.bytes;
  return found;
}

async function lookAt(checkout: Checkout, root: string, place: string): Promise<Seen> {
  const found = await checkout.look(place, { root, limit: LARGEST_FILE });
  switch (found.kind) {
    case 'file':
      return { referenced: { kind: 'file', text: decodeUtf8(found.bytes).text }, bytes: found.bytes.length };
    case 'folder':
      return { referenced: { kind: 'folder', names: (await checkout.entries(place)).map(({ name }) => name) }, bytes: 0 };
    case 'absent':
    case 'outside':
      return { referenced: { kind: found.kind }, bytes: 0 };
    default:
      return { bytes: 0 };
  }
}
