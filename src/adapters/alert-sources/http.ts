// Any JSON API that lists alerts: asked again and again, its fields mapped by CEL.
import { Failure } from '../../ports/failure.ts';
import { known } from './fields.ts';
import { boundHttp, settingsLogin } from './http-client.ts';
import { datadog, elastic } from './http-recipes.ts';
import { alertsOf, fieldsSetting, type MappingSettings, mappingSettings } from './mapping.ts';
import { type PageRequest, pollSource } from './poll.ts';
import { type HttpSettings, httpSettings, intervalSetting, productSetting, urlProblems, urlSetting } from './settings.ts';
import { type CommonSettings, defineSource, identityOf, millisecondsOf, type SettingProblem, type SourceWorld } from './source-type.ts';

interface Settings extends CommonSettings, HttpSettings, Required<Pick<MappingSettings, 'items' | 'fields'>> {
  product?: string;
  method?: 'GET' | 'POST';
  path: string;
  query?: Record<string, unknown>;
  headers?: Record<string, string>;
  body?: unknown;
  next?: string;
  lookback?: string;
  interval?: string;
  resolve?: { method?: 'POST' | 'PATCH'; path: string; body?: unknown };
}

const INTERVAL = 15_000;
const LOOKBACK = 60 * 60_000;
const MOST_PAGES = 100;
/** Headers that hold a credential, by their names. */
const CREDENTIAL = /authorization|cookie|token|secret|passw|api-?key|application-?key|^x-auth/i;

const path = (description: string) => ({
  type: 'string' as const,
  pattern: '^/',
  'x-says': 'must begin with a slash: it follows the address in `url`',
  description,
});
const cel = (description: string, variables: string[]) => ({
  type: 'string' as const,
  minLength: 1,
  'x-expression': 'cel',
  'x-variables': variables,
  description,
});
const scalar = { type: ['string', 'integer', 'number', 'boolean'] } as const;

export const http = defineSource<Settings>({
  type: 'http',
  summary: 'Any API that lists alerts as JSON, with its fields mapped by CEL.',
  schema: {
    required: ['url', 'path', 'items', 'fields'],
    properties: {
      url: urlSetting('Address of the API. What logs in is sent there and nowhere else.'),
      path: path(
        'Path of the list. `${{ run.since }}`, `run.page`, `run.cursor` and `run.namespace` may stand in it, in `query` and in `body`.',
      ),
      method: { enum: ['GET', 'POST'], default: 'GET', description: 'How the list is asked for.' },
      query: { type: 'object', additionalProperties: scalar, description: 'Parameters of the query; those that are empty are left out.' },
      headers: {
        type: 'object',
        additionalProperties: { type: 'string' },
        description: 'Headers that are no secret; secret ones stand in `auth`.',
      },
      body: { description: 'Body of the request, sent as JSON. Keys whose value is nothing are left out.' },
      ...httpSettings,
      product: productSetting,
      items: mappingSettings.items ?? {},
      fields: fieldsSetting,
      next: cel(
        'What `run.cursor` is for the next page, or an address of the same host; nothing or an empty text where this was the last.',
        ['body', 'page'],
      ),
      lookback: {
        type: 'string',
        format: 'kubesim-duration',
        default: '1h',
        description: '`run.since` is so long before the run: an alert that is older may change in it.',
      },
      interval: intervalSetting('15s'),
      resolve: {
        type: 'object',
        additionalProperties: false,
        required: ['path'],
        properties: {
          method: { enum: ['POST', 'PATCH'], default: 'POST', description: 'How it is asked for.' },
          path: path('Path. `${{ run.id }}`, or `run.ids` where it takes all at once, and `run.comment` may stand in it and in `body`.'),
          body: { description: 'Body of the request, sent as JSON.' },
        },
        description: 'How alerts are resolved. Where `run.id` is used, there is one request for each alert.',
      },
    },
  },
  proof: 'published API description',
  proved: 'The tests have a local server answer as the published descriptions of Elastic Security and Datadog say.',
  capabilities: ['process', 'file', 'network', 'audit'],
  window: 15 * 60_000,
  about: `The list is read to its last page, then again after \`interval\`. What is asked for should reach back to \`run.since\`, so that alerts from before the attack are known as such.

Numbers beyond 2^53 come as text. A time may be RFC 3339, or a number since 1970 in seconds, milliseconds, microseconds or nanoseconds.`,
  example: `name: siem
type: http
url: https://siem.example.com
path: /api/alerts
query: {since: "\${{ run.since }}", cursor: "\${{ run.cursor }}"}
auth:
  bearerToken: {fromEnv: SIEM_TOKEN}
items: body.alerts
next: body.nextCursor
fields:
  id: item.id
  name: item.rule.name
  severity: item.severity
  generated: item.createdAt
  namespace: item.kubernetes.namespace
  pod: item.kubernetes.pod
`,
  recipes: [elastic, datadog],
  problems: (settings) => [...urlProblems(settings.url, ['url']), ...headerProblems(settings)],
  create(settings, world) {
    const identity = identityOf(http, settings, world, 'http');
    const client = boundHttp(settings, settingsLogin(settings.auth, world), world);
    const lookback = millisecondsOf(settings.lookback, LOOKBACK, world);
    const { resolve } = settings;
    const source = {
      ...identity,
      ...pollSource({
        ...identity,
        clock: world.clock,
        interval: millisecondsOf(settings.interval, INTERVAL, world),
        mostPages: MOST_PAGES,
        async page(request, signal) {
          const { body, clock } = await client.json({ action: 'list alerts', signal, ...requestOf(request, settings, lookback, world) });
          const alerts = alertsOf(body, settings, world);
          return { alerts, ...known({ clock, next: nextOf(body, request.number, settings, world) }) };
        },
      }),
    };
    if (resolve === undefined) return source;
    return {
      ...source,
      async resolve(alerts, comment, signal) {
        const ids = alerts.map(({ id }) => id);
        const each = /\brun\.id\b/.test(JSON.stringify(resolve));
        for (const id of each ? ids : ids.slice(0, 1)) {
          const facts = { id, ids, comment };
          await client.json({
            action: `resolve ${each ? 'an alert' : `${ids.length} alerts`}`,
            method: resolve.method ?? 'POST',
            path: filledPath(resolve.path, facts, world),
            headers: settings.headers ?? {},
            body: filledIn(resolve.body, facts, world),
            signal,
          });
        }
      },
    };
  },
});

function headerProblems({ headers = {} }: Settings): SettingProblem[] {
  return Object.keys(headers)
    .filter((name) => CREDENTIAL.test(name))
    .map((name) => ({
      path: ['headers', name],
      message: `\`${name}\` holds a secret, by its name`,
      hint: `put it under \`auth.headers\` as \`${name}: {fromEnv: NAME}\``,
    }));
}

/** An address in `run.cursor` is the next page itself. */
function requestOf({ run, number, cursor }: PageRequest, settings: Settings, lookback: number, world: SourceWorld) {
  const { method = 'GET', headers = {} } = settings;
  if (typeof cursor === 'string' && /^https?:\/\//i.test(cursor)) return { method, headers, path: cursor };
  const facts = {
    since: new Date(run.since - lookback).toISOString(),
    sinceMilliseconds: run.since - lookback,
    page: number,
    cursor: cursor ?? null,
    id: run.id,
    namespace: run.namespace,
  };
  const asked = filledPath(settings.path, facts, world);
  const query = filledIn(settings.query ?? {}, facts, world) as Record<string, unknown>;
  const body = filledIn(settings.body, facts, world);
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== null && value !== undefined && value !== '') parameters.append(name, String(value));
  const path = parameters.size === 0 ? asked : `${asked}${asked.includes('?') ? '&' : '?'}${parameters}`;
  return { method, headers, path, ...(body === undefined ? {} : { body: withoutNothing(body) }) };
}

/** What is filled in is text of the product: it must not become another path. */
function filledPath(path: string, facts: Readonly<Record<string, unknown>>, world: SourceWorld): string {
  const encoded = Object.entries(facts).map(([name, value]) => [name, typeof value === 'string' ? encodeURIComponent(value) : value]);
  return String(filledIn(path, Object.fromEntries(encoded), world));
}

function filledIn(value: unknown, facts: Readonly<Record<string, unknown>>, { fill }: SourceWorld): unknown {
  try {
    return fill(value, facts);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ExpressionError') throw error;
    throw new Failure('configuration', `an expression in the settings cannot be evaluated: ${error.message}`, { cause: error });
  }
}

function nextOf(body: unknown, page: number, { next }: Settings, { cel: evaluate }: SourceWorld): unknown {
  if (next === undefined) return undefined;
  try {
    const found = evaluate(next, { body, page });
    return found === null || found === '' || found === false ? undefined : found;
  } catch (error) {
    // The last page has no such field.
    if (error instanceof Error && error.name === 'ExpressionError') return undefined;
    throw error;
  }
}

function withoutNothing(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNothing);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([key, inner]) => (inner === null ? [] : [[key, withoutNothing(inner)]])));
}
