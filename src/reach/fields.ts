// Reading fields of objects whose form nobody has checked yet: what is not there, or is of another type, reads as empty.
import type { Path } from './judgement.ts';

export type Fields = Record<string, unknown>;

/** A map with its place in the object. */
export interface Placed {
  value: Fields;
  path: Path;
}

export const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The map at a path of keys. */
export function fieldsAt(value: unknown, ...path: readonly string[]): Fields {
  const found = path.reduce<unknown>((inside, key) => (isFields(inside) ? inside[key] : undefined), value);
  return isFields(found) ? found : {};
}

/** The maps in the list at a key. */
export const listAt = (value: unknown, key: string): Fields[] => itemsAt(value, key).filter(isFields);

/** The same with their places; `path` is that of the value. */
export const placedAt = (value: unknown, key: string, path: Path): Placed[] =>
  itemsAt(value, key).flatMap((item, index) => (isFields(item) ? [{ value: item, path: [...path, key, index] }] : []));

/** Whatever is in the list at a key. */
export function itemsAt(value: unknown, key: string): unknown[] {
  const found = isFields(value) ? value[key] : undefined;
  return Array.isArray(found) ? found : [];
}

/** The list at a key as texts, to be compared with texts. */
export const textsAt = (value: unknown, key: string): string[] => itemsAt(value, key).map(textOf);

/** A value for a comparison with texts, or for a sentence. Maps of a playbook have no prototype, and `String` throws at them. */
export function textOf(value: unknown): string {
  if (value === undefined || value === null) return '(none)';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
