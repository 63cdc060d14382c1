// Falco's JSON, as it stands in logs, in http_output and in what Falcosidekick passes on (https://falco.org/docs/concepts/outputs/formatting/).
import { createHash } from 'node:crypto';
import {
  type AlertDraft,
  containerIdOf,
  countOf,
  entitiesOf,
  type Json,
  jsonOf,
  known,
  nameOf,
  severityOf,
  techniquesIn,
  textOf,
  textsOf,
  timeOf,
} from './fields.ts';

/** Falco's own words on what it did not see. */
const DROPS = /^Falco internal: .*drop/i;

/** The rule by which Falco says that it lost events. */
export const saysThatItLost = ({ name }: Pick<AlertDraft, 'name'>): boolean => DROPS.test(name);

const COMMAND_LINE = /^proc\.(cmdline|exeline|pcmdline|acmdline(\[\d+\])?)$/;

/** One alert; undefined for JSON that is none. */
export function falcoAlert(item: Json): AlertDraft | undefined {
  const name = nameOf(item.rule);
  if (name === undefined || (textOf(item.priority) ?? textOf(item.time)) === undefined) return undefined;
  const fields = jsonOf(item.output_fields);
  const field = (...names: string[]) => names.map((key) => textOf(fields[key])).find((value) => value !== undefined);
  const time = timeOf(item.time);
  const containerId = field('container.full_id', 'container.id');
  const image = field('container.image.repository');
  const tag = field('container.image.tag');
  return {
    id: textOf(item.uuid) ?? createHash('sha256').update(JSON.stringify(item)).digest('hex'),
    name,
    ...known({ severity: severityOf(item.priority) }),
    techniques: techniquesIn(...textsOf(item.tags)),
    times: known({ first: time, last: time, generated: time }),
    count: countOf(fields['evt.count']),
    entities: entitiesOf({
      cluster: field('k8s.cluster.name', 'cluster'),
      node: field('k8s.node.name', 'evt.hostname') ?? textOf(item.hostname),
      namespace: field('k8s.ns.name', 'ka.target.namespace'),
      pod: field('k8s.pod.name') ?? (field('ka.target.resource') === 'pods' ? field('ka.target.name') : undefined),
      container: field('container.name'),
      containerId: containerId === 'host' ? undefined : containerIdOf(containerId),
      image: image === undefined || tag === undefined ? image : `${image}:${tag}`,
      user: field('ka.user.name'),
      commandLines: Object.keys(fields)
        .filter((key) => COMMAND_LINE.test(key))
        .sort()
        .flatMap((key) => field(key) ?? []),
    }),
    raw: item,
  };
}
