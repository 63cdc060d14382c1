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

/** The files, charts and manifests that the playbook and the files it uses name. The source's name is the path of its file. */
export async function referencesOf(source: Source, steps: readonly StepDefinition[], checkout: Checkout): Promise<References> {
  const root = await checkout.rootOf(source.name);
  const unread = new Set<string>();
  let left = MOST_BYTES;
  const look = async (path: string): Promise<Referenced> => {
    const place = posix.join(posix.dirname(source.name), path);
    const found = await checkout.look(place, { root, limit: Math.min(left, LARGEST_FILE) });
    switch (found.kind) {
      case 'file':
        left -= found.bytes.length;
        return { kind: 'file', text: decodeUtf8(found.bytes).text };
      case 'folder':
        return { kind: 'folder', names: (await checkout.entries(place)).map(({ name }) => name) };
      case 'absent':
      case 'outside':
        return { kind: found.kind };
      default:
        // Too large, or no plain file: nothing is known of it.
        unread.add(path);
        return { kind: 'absent' };
    }
  };
  const references = await lookAtReferences(source, steps, look);
  return new Map([...references].filter(([path]) => !unread.has(path)));
}
