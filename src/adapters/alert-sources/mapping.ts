// From JSON of any shape to alerts: by names that sim knows, by CEL that the operator wrote, or as a product of its own writes it.
import { createHash } from 'node:crypto';
import type { JsonSchema } from '../../language/definition.ts';
import { Failure } from '../../ports/failure.ts';
import { alertmanagerAlert } from './alertmanager.ts';
import { falcoAlert } from './falco-alert.ts';
import {
  type AlertDraft,
  containerIdOf,
  countOf,
  entitiesOf,
  isJson,
  type Json,
  known,
  listOf,
  nameOf,
  severityOf,
  techniquesIn,
  textOf,
  textsOf,
  timeOf,
} from './fields.ts';
import type { SettingProblem, SourceWorld } from './source-type.ts';

const FIELDS = {
  id: 'Key of the alert; the same for all that is told of it later.',
  name: 'Display name, or that of the rule.',
  type: "The product's own type id.",
  severity: 'How grave it is, in a usual word.',
  techniques: 'Ids of ATT&CK techniques: a list, or a text that holds them.',
  first: 'When the activity began: RFC 3339, or a number since 1970.',
  last: 'When it was last seen.',
  generated: 'When it was detected.',
  updated: 'When the alert last changed.',
  count: 'How many occurrences it stands for.',
  cluster: 'Cluster.',
  node: 'Node.',
  namespace: 'Namespace.',
  pod: 'Pod.',
  container: 'Container.',
  containerId: 'Id of the container.',
  image: 'Image.',
  user: 'User or service account.',
  commandLines: 'Command lines of the process and its ancestors: a list, or one text.',
} as const;

type FieldName = keyof typeof FIELDS;

export interface MappingSettings {
  format?: 'sim' | 'falco' | 'alertmanager';
  items?: string;
  fields?: Partial<Record<FieldName, string>>;
}

const cel = (description: string, ...variables: string[]): JsonSchema => ({
  type: 'string',
  minLength: 1,
  'x-expression': 'cel',
  'x-variables': variables,
  description,
});

export const fieldsSetting: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['name'],
  properties: Object.fromEntries(Object.entries(FIELDS).map(([name, description]) => [name, cel(description, 'item')])),
  description:
    'What each part of an alert is, in CEL over `item`. What a field yields nothing for, or fails at, is not known of that alert.',
};

export const mappingSettings: Readonly<Record<string, JsonSchema>> = {
  format: {
    enum: ['sim', 'falco', 'alertmanager'],
    default: 'sim',
    description: '`sim`: objects with the names of `fields`; else what that product writes.',
  },
  items: cel('The alerts in what comes, as a list, in CEL over `body`. Default: the list, or the one object, that comes.', 'body'),
  fields: fieldsSetting,
};

export const mappingProblems = ({ format, fields }: MappingSettings): SettingProblem[] =>
  format !== undefined && fields !== undefined
    ? [{ path: ['fields'], message: '`format` says already what each field is', hint: 'leave one of the two out' }]
    : [];

/** The alerts of a body; what is none is left out. Throws Failure server-error where `items` gives no list. */
export function alertsOf(body: unknown, settings: MappingSettings, world: Pick<SourceWorld, 'cel'>): AlertDraft[] {
  return itemsOf(body, settings, world).flatMap((item) => (isJson(item) ? (alertOf(item, settings, world) ?? []) : []));
}

function itemsOf(body: unknown, { items, format }: MappingSettings, world: Pick<SourceWorld, 'cel'>): unknown[] {
  if (items === undefined) {
    const inner = format === 'alertmanager' && isJson(body) && Array.isArray(body.alerts) ? body.alerts : body;
    return Array.isArray(inner) ? listOf(inner) : [inner];
  }
  const found = evaluated(items, { body }, world);
  if (!Array.isArray(found)) throw new Failure('server-error', '`items` gives no list of what has come');
  return found;
}

function alertOf(item: Json, { format, fields }: MappingSettings, world: Pick<SourceWorld, 'cel'>): AlertDraft | undefined {
  if (format === 'falco') return falcoAlert(item);
  if (format === 'alertmanager') return alertmanagerAlert(item);
  if (fields === undefined) return draftOf(item, item);
  const values = Object.entries(fields).map(([name, expression]) => [name, evaluated(expression, { item }, world)]);
  return draftOf(Object.fromEntries(values), item);
}

/** What CEL gives; undefined where this alert lacks something that it reads. */
function evaluated(expression: string, variables: Json, { cel }: Pick<SourceWorld, 'cel'>): unknown {
  try {
    return cel(expression, variables);
  } catch (error) {
    if (error instanceof Error && error.name === 'ExpressionError') return undefined;
    throw error;
  }
}

function draftOf(values: Json, raw: Json): AlertDraft | undefined {
  const name = nameOf(values.name);
  if (name === undefined) return undefined;
  const text = (field: FieldName) => textOf(values[field]);
  const lines = values.commandLines ?? values.commandLine;
  return {
    id: text('id') ?? createHash('sha256').update(JSON.stringify(raw)).digest('hex'),
    name,
    ...known({ type: text('type'), severity: severityOf(values.severity) }),
    techniques: techniquesIn(text('techniques'), ...textsOf(values.techniques)),
    times: known({
      first: instantOf(values.first ?? values.time),
      last: instantOf(values.last ?? values.time),
      generated: instantOf(values.generated ?? values.time),
      updated: instantOf(values.updated),
    }),
    count: countOf(values.count),
    entities: entitiesOf({
      cluster: text('cluster'),
      node: text('node'),
      namespace: text('namespace'),
      pod: text('pod'),
      container: text('container'),
      containerId: containerIdOf(values.containerId),
      image: text('image'),
      user: text('user'),
      commandLines: typeof lines === 'string' ? [lines] : textsOf(lines),
    }),
    raw,
  };
}

/** A time as text, or as a number since 1970: its size tells seconds, milliseconds, microseconds and nanoseconds apart. */
function instantOf(value: unknown): number | undefined {
  const time = timeOf(value);
  if (time !== undefined) return time;
  const number = Number(textOf(value) ?? Number.NaN);
  if (!Number.isFinite(number) || number <= 0) return undefined;
  const unit = [1e17, 1e14, 1e11].findIndex((from) => number >= from);
  const milliseconds = number * ([1e-6, 1e-3, 1][unit] ?? 1000);
  return milliseconds < 8.64e15 ? milliseconds : undefined;
}
