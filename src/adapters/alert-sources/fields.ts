// Readings of a product's JSON, which may be of any shape: what is not there, or not of its type, is undefined.
import type { AlertEntities, NormalisedAlert, Severity } from '../../ports/alerts.ts';

/** An alert as its product tells it, before the source puts its own name and time to it. */
export type AlertDraft = Omit<NormalisedAlert, 'source' | 'product' | 'times'> & { times: Omit<NormalisedAlert['times'], 'seen'> };

export type Json = Readonly<Record<string, unknown>>;

const LONGEST_NAME = 1000;

export const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
export const jsonOf = (value: unknown): Json => (isJson(value) ? value : {});
export const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** A text that is not empty; numbers as they are written. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

/** A text that is shown as a name: cut where it is absurdly long. */
export const nameOf = (value: unknown): string | undefined => textOf(value)?.slice(0, LONGEST_NAME);

export const textsOf = (value: unknown): string[] => listOf(value).flatMap((item) => textOf(item) ?? []);

/** What stands at a path of own keys. */
export function at(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>((inner, key) => (isJson(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined), value);
}

const TIME = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,12}))?\s*(Z|[+-]\d\d:?\d\d)?$/i;

/** Milliseconds since the epoch of an RFC 3339 time, with what is finer as a fraction; a time without a zone is UTC. Year 1 means "never". */
export function timeOf(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined;
  const [whole, day, hour, fraction = '', zone = 'Z'] = TIME.exec(value.trim()) ?? [];
  if (whole === undefined) return undefined;
  const seconds = Date.parse(`${day}T${hour}${zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone.toUpperCase()}`);
  if (Number.isNaN(seconds) || seconds <= 0) return undefined;
  return fraction === '' ? seconds : seconds + Number(`0.${fraction}`) * 1000;
}

/** A count of at least one. */
export function countOf(value: unknown): number {
  const count = Number(textOf(value) ?? 1);
  return Number.isSafeInteger(count) && count >= 1 ? count : 1;
}

const SEVERITIES: Readonly<Record<string, Severity>> = {
  debug: 'informational',
  info: 'informational',
  information: 'informational',
  informational: 'informational',
  none: 'informational',
  normal: 'informational',
  unknown: 'informational',
  notice: 'low',
  low: 'low',
  minor: 'low',
  warn: 'medium',
  warning: 'medium',
  medium: 'medium',
  moderate: 'medium',
  major: 'high',
  error: 'high',
  high: 'high',
  page: 'critical',
  alert: 'critical',
  critical: 'critical',
  emergency: 'critical',
};

/** A product's word for how grave it is; undefined for words of its own. */
export function severityOf(value: unknown): Severity | undefined {
  const word = textOf(value)?.trim().toLowerCase() ?? '';
  return Object.hasOwn(SEVERITIES, word) ? SEVERITIES[word] : undefined;
}

/** Ids of ATT&CK techniques that stand in the texts, in their order, each once. */
export const techniquesIn = (...texts: (string | undefined)[]): string[] => [
  ...new Set(texts.flatMap((text) => text?.toUpperCase().match(/\bT\d{4}(?:\.\d{3})?\b/g) ?? [])),
];

/** A container's id without the runtime's prefix. */
export const containerIdOf = (value: unknown): string | undefined => textOf(value)?.replace(/^[a-z-]+:\/\//, '');

/** Leaves out what is not known, for types that do not take undefined. */
export function known<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as { [K in keyof T]: Exclude<T[K], undefined> };
}

/** Entities with what is known of them. */
export const entitiesOf = (entities: { [K in keyof AlertEntities]?: AlertEntities[K] | undefined }): AlertEntities => ({
  commandLines: [],
  ...known(entities),
});
