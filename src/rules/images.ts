// Images that a playbook writes out: in objects, and in values of charts.
import type { Path, Playbook, Step } from '../language/playbook.ts';
import { allSteps } from '../language/step-tree.ts';
import { hasExpression } from '../language/template.ts';
import { isMap, textOf } from '../language/untyped.ts';
import { type Placed, valuesOf } from './body.ts';

/** An image; its value is registry and name. */
interface Image extends Placed<string> {
  tag?: string;
  digest?: string;
}

/**
 * Every image whose name, tag and digest are written out. What comes from an expression is left out: an input is the choice of whoever runs
 * the playbook, and it is pinned with `--set`.
 */
export const imagesIn = (playbook: Playbook): Image[] => allSteps(playbook).flatMap(imagesOf);

function imagesOf(step: Step): Image[] {
  return valuesOf(step).flatMap(({ value, path }) => {
    // `attackerImage` is what a file that is used may call its input.
    const isImage = path.at(-1) === 'image' || (path.at(-2) === 'with' && /Image$/.test(String(path.at(-1))));
    if (isImage && typeof value === 'string') return imageOf(path, splitImage(value));
    if (!isMap(value) || typeof value.repository !== 'string' || !('tag' in value || 'digest' in value)) return [];
    const { repository, tag, digest } = value;
    const own = splitImage(repository);
    const known = { ...own, ...(tag ? { tag: textOf(tag) } : {}), ...(digest ? { digest: textOf(digest) } : {}) };
    // A chart that is given neither takes what its own values say.
    return known.tag === undefined && known.digest === undefined ? [] : imageOf([...path, tag ? 'tag' : 'repository'], known);
  });
}

type Parts = { name: string; tag?: string; digest?: string };

const imageOf = (path: Path, { name, ...rest }: Parts): Image[] =>
  name === '' || [name, ...Object.values(rest)].some(hasExpression) ? [] : [{ path, value: name, ...rest }];

/** A colon before a slash belongs to the port of a registry. */
function splitImage(image: string): Parts {
  if (hasExpression(image)) return { name: image };
  const [named = '', digest] = image.split('@');
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  const rest = digest === undefined ? {} : { digest };
  return colon === -1 ? { name: named, ...rest } : { name: named.slice(0, colon), tag: named.slice(colon + 1), ...rest };
}
