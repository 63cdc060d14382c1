// Reads the lines that the sensor writes (sensor/README.md). They come from pods, so nothing in them is taken on trust.
import type { Capability } from '../../ports/alerts.ts';
import type { AuditEvent, Observation, ObservedContainer, ObservedProcess } from '../../ports/observations.ts';

interface Head {
  /** From 1, without a gap, for each start of a sensor. */
  seq: number;
  /** Of one start of one sensor. */
  instance: string;
  /** By the node's clock, milliseconds since the Unix epoch. */
  time: number;
}

export type SensorRecord = Head &
  (
    | { type: 'start'; node: string; version: string; capabilities: Capability[]; missing: { capability: string; reason: string }[] }
    /** complete: until when everything is told, by the node's clock. seen and lost: since the start. */
    | { type: 'heartbeat'; complete: number; seen: number; lost: number; capabilities: Capability[] }
    | { type: 'observation'; observation: Observation }
  );

/** A line that is no record, and why. */
export interface NoRecord {
  type: 'unreadable';
  reason: string;
}

type Json = Record<string, unknown>;

/** Never throws. */
export function readSensorRecord(line: string): SensorRecord | NoRecord {
  try {
    return read(JSON.parse(line));
  } catch (error) {
    // What a library says may quote the line.
    return { type: 'unreadable', reason: error instanceof Unreadable ? error.message : 'it is no JSON' };
  }
}

class Unreadable extends Error {}

function read(value: unknown): SensorRecord | NoRecord {
  const record = map(value, 'the record');
  const head: Head = {
    seq: whole(record.seq, 'seq'),
    instance: text(record.instance, 'instance'),
    time: time(record.time, 'time'),
  };
  switch (record.type) {
    case 'start':
      return {
        ...head,
        type: 'start',
        node: text(record.node, 'node'),
        version: text(record.version, 'version'),
        capabilities: capabilities(record.capabilities),
        missing: list(record.missing, 'missing', (each, at) => {
          const { capability, reason } = map(each, at);
          return { capability: text(capability, `${at}.capability`), reason: text(reason, `${at}.reason`) };
        }),
      };
    case 'heartbeat':
      return {
        ...head,
        type: 'heartbeat',
        complete: record.complete === undefined ? head.time : time(record.complete, 'complete'),
        seen: whole(record.seen, 'seen'),
        lost: whole(record.lost, 'lost'),
        capabilities: capabilities(record.capabilities),
      };
    default:
      return { ...head, type: 'observation', observation: observation(record, head.time) };
  }
}

function observation(record: Json, at: number): Observation {
  switch (record.type) {
    case 'process':
      return { kind: 'process', ...inContainer(record, at), drift: flag(record.drift, 'drift') };
    case 'file':
      return {
        kind: 'file',
        ...inContainer(record, at),
        path: text(record.path, 'path'),
        access: oneOf(record.access, ['read', 'write'], 'access'),
      };
    case 'connection':
      return {
        kind: 'connection',
        ...inContainer(record, at),
        address: text(record.address, 'address'),
        port: whole(record.port, 'port'),
        protocol: oneOf(record.protocol, ['tcp', 'udp'], 'protocol'),
      };
    case 'audit':
      return { kind: 'audit', time: at, node: text(record.node, 'node'), event: auditEvent(map(record.event, 'event')) };
    default:
      throw new Unreadable('its type is none that is known');
  }
}

function inContainer(record: Json, at: number) {
  const where = map(record.where, 'where');
  const part = (name: keyof ObservedContainer) => text(where[name], `where.${name}`);
  return {
    time: at,
    where: {
      node: part('node'),
      namespace: part('namespace'),
      pod: part('pod'),
      podUid: part('podUid'),
      container: part('container'),
      containerId: part('containerId'),
    },
    process: process(record.process, 'process'),
    ancestors: list(record.ancestors, 'ancestors', process),
  };
}

function process(value: unknown, at: string): ObservedProcess {
  const given = map(value, at);
  return {
    pid: whole(given.pid, `${at}.pid`),
    executable: text(given.executable, `${at}.executable`),
    arguments: list(given.arguments, `${at}.arguments`, text),
    ...(given.truncated === true ? { truncated: true } : {}),
    ...(given.uid === undefined ? {} : { uid: whole(given.uid, `${at}.uid`) }),
    ...(given.startedAt === undefined ? {} : { startedAt: time(given.startedAt, `${at}.startedAt`) }),
  };
}

/** What rules rely on must be there; the rest is as the API server wrote it. */
function auditEvent(event: Json): AuditEvent {
  for (const name of ['auditID', 'stage', 'verb', 'requestURI', 'requestReceivedTimestamp', 'stageTimestamp'])
    text(event[name], `event.${name}`);
  for (const name of ['user', 'impersonatedUser']) {
    if (name === 'user' || event[name] !== undefined) text(map(event[name], `event.${name}`).username, `event.${name}.username`);
  }
  if (event.objectRef !== undefined) map(event.objectRef, 'event.objectRef');
  if (event.responseStatus !== undefined) map(event.responseStatus, 'event.responseStatus');
  return event as unknown as AuditEvent;
}

function map(value: unknown, at: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Unreadable(`${at} is no object`);
  return value as Json;
}

function text(value: unknown, at: string): string {
  if (typeof value !== 'string') throw new Unreadable(`${at} is no text`);
  return value;
}

function whole(value: unknown, at: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw new Unreadable(`${at} is no whole number`);
  return value as number;
}

function flag(value: unknown, at: string): boolean {
  if (typeof value !== 'boolean') throw new Unreadable(`${at} is neither true nor false`);
  return value;
}

function oneOf<T extends string>(value: unknown, allowed: readonly T[], at: string): T {
  const found = allowed.find((each) => each === value);
  if (found === undefined) throw new Unreadable(`${at} is none of ${allowed.join(', ')}`);
  return found;
}

function list<T>(value: unknown, at: string, item: (value: unknown, at: string) => T): T[] {
  if (!Array.isArray(value)) throw new Unreadable(`${at} is no list`);
  return value.map((each, index) => item(each, `${at}.${index}`));
}

/** Those of a later version are left out. */
const capabilities = (value: unknown): Capability[] =>
  list(value, 'capabilities', text).filter((each): each is Capability => ['process', 'file', 'network', 'audit'].includes(each));

const RFC_3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?Z$/;

/** With the fractions of milliseconds, which Date drops. */
function time(value: unknown, at: string): number {
  const [, seconds, fraction = '.0'] = RFC_3339.exec(text(value, at)) ?? [];
  const milliseconds = Date.parse(`${seconds}Z`) + Number(`0${fraction}`) * 1000;
  if (!Number.isFinite(milliseconds)) throw new Unreadable(`${at} is no time as RFC 3339 in UTC`);
  return milliseconds;
}
