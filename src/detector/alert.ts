// A finding as an alert in the shape of all products.
import type { AlertEntities, NormalisedAlert } from '../ports/alerts.ts';
import type { Observation, ObservedProcess } from '../ports/observations.ts';
import { techniquesOf } from './detection.ts';
import type { Finding } from './detector.ts';

/** The key of the reference detector in the alerts/ catalogue. */
const PRODUCT = 'sensor';

/** `source`: the name of the alert source; `seen`: when its deciding observation was read, by our clock, milliseconds. */
export function alertOf(finding: Finding, { source, seen }: { source: string; seen: number }): NormalisedAlert {
  const { detection, observations, time } = finding;
  const { id, title, level, name, alert } = detection;
  const last = observations.at(-1) as Observation;
  const [first = last] = observations;
  const started = first.kind === 'audit' ? undefined : first.process.startedAt;
  return {
    source,
    product: PRODUCT,
    id: `${name}-${identityOf(last)}`,
    name: title,
    type: id,
    severity: level,
    techniques: techniquesOf(detection),
    times: { first: first.time, last: time, ...(started === undefined ? {} : { started }), generated: time, seen },
    count: observations.length,
    entities: entitiesOf(observations),
    raw: { rule: { id, name, title, level, alert }, observations },
  };
}

/** What tells the deciding observation from all others: the same one gives the same alert, however often it is read. */
const identityOf = (observation: Observation): string =>
  observation.kind === 'audit'
    ? `${observation.event.auditID}-${observation.event.stage}`
    : `${observation.where.containerId.slice(0, 12)}-${observation.process.pid}-${observation.time}`;

/** What the finding is about; command lines as they were given, of the deciding process and its ancestors, then of the others. */
export function entitiesOf(observations: readonly Observation[]): AlertEntities {
  const last = observations.at(-1);
  if (last === undefined) return { commandLines: [] };
  if (last.kind === 'audit') {
    const { user, impersonatedUser, objectRef = {} } = last.event;
    const { resource, namespace, name } = objectRef;
    return {
      node: last.node,
      ...(namespace === undefined ? {} : { namespace }),
      ...(resource === 'pods' && name !== undefined ? { pod: name } : {}),
      user: (impersonatedUser ?? user).username,
      commandLines: [],
    };
  }
  const { node, namespace, pod, container, containerId } = last.where;
  return { node, namespace, pod, container, containerId, commandLines: commandLinesOf(observations) };
}

/** Of a burst the first few tell enough. */
const MOST_COMMAND_LINES = 20;

function commandLinesOf(observations: readonly Observation[]): string[] {
  const lines = [...observations]
    .reverse()
    .flatMap((each) => (each.kind === 'audit' ? [] : [each.process, ...each.ancestors].map(commandLine)));
  return [...new Set(lines)].slice(0, MOST_COMMAND_LINES);
}

export const commandLine = ({ arguments: argv, executable }: ObservedProcess): string => (argv.length === 0 ? executable : argv.join(' '));
