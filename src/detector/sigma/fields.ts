// What Sigma's fields mean in an observation: its names for processes (those of Sysmon and of Linux), and the audit log's own.
import { isMap } from '../../language/untyped.ts';
import type { AuditEvent, Observation, ObservedProcess } from '../../ports/observations.ts';
import { commandLine } from '../alert.ts';

/** The values of a field as texts; none where the observation has no such field. */
export function fieldOf(observation: Observation, field: string): readonly string[] {
  if (observation.kind === 'audit') return auditField(observation.event, field);
  const { process, ancestors } = observation;
  const of = (each: ObservedProcess | undefined, read: (each: ObservedProcess) => string) => (each === undefined ? [] : [read(each)]);
  switch (field) {
    case 'Image':
      return [process.executable];
    case 'CommandLine':
      return [commandLine(process)];
    case 'ParentImage':
      return of(ancestors[0], ({ executable }) => executable);
    case 'ParentCommandLine':
      return of(ancestors[0], commandLine);
    case 'User':
      return process.uid === undefined ? [] : [process.uid === 0 ? 'root' : String(process.uid)];
    case 'ProcessId':
      return [String(process.pid)];
    default:
      return [];
  }
}

/** Fields that no observation of this kind has, so that a rule on them is silent whatever happens. */
export const hasField = (kind: Observation['kind'], field: string): boolean =>
  kind === 'audit' || ['Image', 'CommandLine', 'ParentImage', 'ParentCommandLine', 'User', 'ProcessId'].includes(field);

/** Names that Sigma's rules use beside those of audit.k8s.io/v1. */
const AUDIT_NAMES: Readonly<Record<string, string>> = { apiGroup: 'objectRef.apiGroup', username: 'user.username' };

function auditField(event: AuditEvent, field: string): string[] {
  const path = (AUDIT_NAMES[field] ?? field).split('.');
  const found = path.reduce<unknown[]>(
    (values, key) => values.flatMap((value) => (Array.isArray(value) ? value.map((each) => memberOf(each, key)) : [memberOf(value, key)])),
    [event],
  );
  const texts = textsIn(found);
  // `hostPath` and `capabilities` stand somewhere in the body of the request.
  return texts.length > 0 || path.length > 1 ? texts : anywhere(event.requestObject, field);
}

const memberOf = (value: unknown, key: string): unknown => (isMap(value) && Object.hasOwn(value, key) ? value[key] : undefined);

const MOST_VALUES = 1000;

function anywhere(body: unknown, field: string): string[] {
  const found: unknown[] = [];
  const waiting = [body];
  for (let seen = 0; waiting.length > 0 && seen < MOST_VALUES; seen++) {
    const value = waiting.pop();
    if (isMap(value) && Object.hasOwn(value, field)) found.push(value[field]);
    if (typeof value === 'object' && value !== null) waiting.push(...Object.values(value));
  }
  return textsIn(found);
}

/** Scalars as texts; of a map or a list that it is there. */
const textsIn = (values: readonly unknown[]): string[] =>
  values
    .flatMap((value) => (Array.isArray(value) ? (value as unknown[]) : [value]))
    .filter((value) => value !== undefined && value !== null)
    .map((value) => (typeof value === 'object' ? JSON.stringify(value) : String(value)));
