// Reading what came out of a YAML file, where nothing is certain yet.

export type Mapping = Record<string, unknown>;

export const isMap = (value: unknown): value is Mapping => typeof value === 'object' && value !== null && !Array.isArray(value);
export const entriesOf = (value: unknown): [string | number, unknown][] =>
  Array.isArray(value) ? value.map((item: unknown, index) => [index, item]) : isMap(value) ? Object.entries(value) : [];
export const mapAt = (value: unknown, key: string): Mapping => (isMap(value) && isMap(value[key]) ? value[key] : {});
export const listAt = (value: unknown, key: string): unknown[] => (isMap(value) && Array.isArray(value[key]) ? value[key] : []);

/** A scalar as text, and nothing for all else: maps of a playbook have no prototype, so that `String` of one throws. */
export const textOf = (value: unknown): string => (typeof value === 'object' || value === undefined ? '' : String(value));
