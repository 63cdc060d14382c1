// The events of a rule's own tests as observations: what a test does not say is what is usual.
import type { AuditEvent, Observation, ObservedContainer, ObservedProcess } from '../ports/observations.ts';
import type { Detection, DetectionTest, Kind, TestEvent } from './detection.ts';
import { createDetector } from './detector.ts';

/** When the first event of a test happens: any time will do. */
const START = Date.UTC(2026, 0, 1);

export const kindOfEvent = (event: TestEvent | Record<string, unknown>): Kind | undefined =>
  event.verb !== undefined
    ? 'audit'
    : event.path !== undefined
      ? 'file'
      : event.address !== undefined
        ? 'connection'
        : event.argv !== undefined
          ? 'process'
          : undefined;

/** Whether each test of the rule comes out as it should: a sentence for each that does not. */
export function failedTests(detection: Detection): string[] {
  const { detects, ignores } = detection.tests;
  const fails = ({ name, events }: DetectionTest, wanted: boolean): string[] => {
    const detector = createDetector([detection]);
    const found = observationsOf(events).flatMap((observation) => detector.observe(observation));
    const broken = [...detector.failures().values()];
    if (broken.length > 0) return [`${name}: ${broken[0]}`];
    if (found.length > 0 === wanted) return [];
    return [`${name}: ${wanted ? 'nothing was found' : 'something was found'}`];
  };
  return [...detects.flatMap((test) => fails(test, true)), ...ignores.flatMap((test) => fails(test, false))];
}

/** The events in their order. */
export function observationsOf(events: readonly TestEvent[]): Observation[] {
  let time = START;
  return events.map((event, index) => {
    time = event.at === undefined ? time + 100 : START + event.at * 1000;
    return event.verb === undefined
      ? inContainer(event, index, time)
      : { kind: 'audit', time, node: 'node', event: auditEvent(event, event.verb, index, time) };
  });
}

function inContainer(event: TestEvent, index: number, time: number): Observation {
  const { argv = ['true'], executable, pid = 1000 + index, uid = 0, age = 0, ancestors = [] } = event;
  const pod = event.pod ?? 'web';
  const where: ObservedContainer = {
    node: 'node',
    namespace: 'shop',
    pod,
    podUid: `uid-of-${pod}`,
    container: 'main',
    containerId: `id-of-${pod}`,
  };
  const process: ObservedProcess = { pid, executable: executable ?? fileOf(argv), arguments: argv, uid, startedAt: time - age * 1000 };
  const base = {
    time,
    where,
    process,
    ancestors: ancestors.map((each, depth) => ({
      pid: (depth === 0 ? event.ppid : undefined) ?? 100 - depth,
      executable: fileOf(each),
      arguments: each,
      uid,
      startedAt: time - 1000 * (depth + 1),
    })),
  };
  switch (kindOfEvent(event)) {
    case 'file':
      return { kind: 'file', path: event.path ?? '', access: event.access ?? 'read', ...base };
    case 'connection':
      return { kind: 'connection', address: event.address ?? '', port: event.port ?? 443, protocol: event.protocol ?? 'tcp', ...base };
    default:
      return { kind: 'process', drift: event.drift ?? false, ...base };
  }
}

/** `php-fpm: pool www` is what a server calls itself; its file is /usr/bin/php-fpm. */
const fileOf = ([first = '']: readonly string[]): string =>
  first.startsWith('/')
    ? first
    : `/usr/bin/${first
        .replace(/:? .*$/, '')
        .replace(/^-/, '')
        .split('/')
        .at(-1)}`;

function auditEvent(event: TestEvent, verb: string, index: number, time: number): AuditEvent {
  const {
    resource = '',
    apiGroup,
    namespace,
    name,
    user = 'alice',
    groups = ['system:authenticated'],
    impersonates,
    fromPod,
    userAgent,
    uri,
    object,
  } = event;
  const [kind = '', subresource] = resource.split('/');
  const at = new Date(time).toISOString();
  const place = [
    namespace === undefined ? '' : `/namespaces/${namespace}`,
    `/${kind}`,
    name === undefined ? '' : `/${name}`,
    subresource === undefined ? '' : `/${subresource}`,
  ].join('');
  return {
    auditID: `event-${index}`,
    stage: 'ResponseComplete',
    verb,
    requestURI: uri ?? `${apiGroup ? `/apis/${apiGroup}/v1` : '/api/v1'}${place}`,
    user: { username: user, groups, ...(fromPod === undefined ? {} : { extra: { 'authentication.kubernetes.io/pod-name': [fromPod] } }) },
    ...(impersonates === undefined ? {} : { impersonatedUser: { username: impersonates } }),
    ...(userAgent === undefined ? {} : { userAgent }),
    objectRef: {
      resource: kind,
      ...(subresource === undefined ? {} : { subresource }),
      ...(apiGroup ? { apiGroup } : {}),
      ...(namespace === undefined ? {} : { namespace }),
      ...(name === undefined ? {} : { name }),
    },
    responseStatus: { code: event.code ?? (verb === 'create' ? 201 : 200) },
    ...(object === undefined ? {} : { requestObject: object }),
    requestReceivedTimestamp: at,
    stageTimestamp: at,
  };
}
