// Microsoft Sentinel and Log Analytics: the table SecurityAlert of a workspace, by the query API.

import { Failure } from '../../ports/failure.ts';
import { azureEntities } from './azure-entities.ts';
import { type AzureSettings, azureLogin, azureProblems, azureSettings, guidSetting } from './azure-login.ts';
import { type AlertDraft, at, jsonOf, known, listOf, nameOf, severityOf, techniquesIn, textOf, timeOf } from './fields.ts';
import { boundHttp } from './http-client.ts';
import { pollSource } from './poll.ts';
import { readJson } from './read-json.ts';
import { intervalSetting, productSetting } from './settings.ts';
import { type CommonSettings, defineSource, identityOf, millisecondsOf } from './source-type.ts';

interface Settings extends CommonSettings, AzureSettings {
  workspaceId: string;
  product?: string;
  lookback?: string;
  interval?: string;
}

const ENDPOINT = 'https://api.loganalytics.azure.com';
const SCOPE = 'https://api.loganalytics.io/.default';
const INTERVAL = 60_000;
const LOOKBACK = 60 * 60_000;
const PAGE = 500;
const MOST_PAGES = 40;

export const sentinel = defineSource<Settings>({
  type: 'sentinel',
  summary: 'Microsoft Sentinel, or any Log Analytics workspace that has the table SecurityAlert.',
  schema: {
    required: ['workspaceId'],
    properties: {
      workspaceId: guidSetting('Id of the workspace.'),
      product: { ...productSetting, default: 'defender-for-cloud' },
      lookback: {
        type: 'string',
        format: 'kubesim-duration',
        default: '1h',
        description: 'Rows are asked for from so long before the run: what was there then is no news.',
      },
      ...azureSettings(ENDPOINT),
      interval: intervalSetting('1m'),
    },
  },
  proof: 'published API description',
  proved: 'The tests have a local server answer as the published descriptions of the query API and of the table say.',
  capabilities: ['process', 'file', 'network', 'audit'],
  window: 75 * 60_000,
  about: `Whoever logs in needs to read the workspace (Log Analytics Reader, or Microsoft Sentinel Reader). A row is written anew when its alert changes; only the newest of each alert counts. Rows come into the table some minutes after the alert itself.

The table has alerts of every product that is connected, incidents of Defender XDR left out; \`product\` says by whose names in the catalogue they are compared.`,
  example: `name: sentinel
type: sentinel
workspaceId: 00000000-0000-0000-0000-000000000000
tenantId: 00000000-0000-0000-0000-000000000000
clientId: 00000000-0000-0000-0000-000000000000
clientSecret: {fromEnv: AZURE_CLIENT_SECRET}
`,
  problems: azureProblems,
  create(settings, world) {
    const { workspaceId, endpoint = ENDPOINT, tls } = settings;
    const identity = identityOf(sentinel, settings, world, 'defender-for-cloud');
    // In other clouds the scope is the endpoint's own.
    const scope = endpoint === ENDPOINT ? SCOPE : `${endpoint}/.default`;
    const http = boundHttp({ url: endpoint, ...(tls === undefined ? {} : { tls }) }, azureLogin(settings, scope, world), world);
    const lookback = millisecondsOf(settings.lookback, LOOKBACK, world);
    return {
      ...identity,
      ...pollSource({
        ...identity,
        clock: world.clock,
        interval: millisecondsOf(settings.interval, INTERVAL, world),
        mostPages: MOST_PAGES,
        async page({ run, cursor }, signal) {
          const query = queryOf(new Date(run.since - lookback).toISOString(), cursor);
          const path = `/v1/workspaces/${workspaceId}/query`;
          const { body, clock } = await http.json({ action: 'query SecurityAlert', method: 'POST', path, body: { query }, signal });
          const problem = textOf(at(body, 'error', 'message'));
          if (problem !== undefined)
            throw new Failure('server-error', `query SecurityAlert: only a part was answered: ${problem.slice(0, 300)}`);
          const rows = rowsOf(body);
          return {
            alerts: rows.flatMap((row) => sentinelAlert(row) ?? []),
            ...known({ clock, next: rows.length < PAGE ? undefined : after(rows) }),
          };
        },
      }),
    };
  },
});

/** Rows in the order of their ids, which no update changes: so none is passed over between two pages. */
function queryOf(since: string, cursor: unknown): string {
  return [
    'SecurityAlert',
    `| where TimeGenerated >= datetime(${since})`,
    '| summarize arg_max(TimeGenerated, *) by SystemAlertId',
    ...(cursor === undefined ? [] : [`| where strcmp(SystemAlertId, ${JSON.stringify(String(cursor))}) > 0`]),
    '| sort by SystemAlertId asc',
    `| take ${PAGE}`,
  ].join('\n');
}

const after = (rows: readonly Readonly<Record<string, unknown>>[]): string | undefined => textOf(rows.at(-1)?.SystemAlertId);

function rowsOf(body: unknown): Readonly<Record<string, unknown>>[] {
  const table = jsonOf(listOf(at(body, 'tables'))[0]);
  const columns = listOf(table.columns).map((column) => textOf(at(column, 'name')) ?? '');
  return listOf(table.rows).map((row) => Object.fromEntries(listOf(row).map((value, index) => [columns[index] ?? '', value])));
}

function sentinelAlert(row: Readonly<Record<string, unknown>>): AlertDraft | undefined {
  const id = textOf(row.SystemAlertId);
  const name = nameOf(row.DisplayName) ?? nameOf(row.AlertName);
  if (id === undefined || name === undefined || row.IsIncident === true) return undefined;
  return {
    id,
    name,
    ...known({ type: textOf(row.AlertType), severity: severityOf(row.AlertSeverity) }),
    techniques: techniquesIn(textOf(row.Techniques), textOf(row.SubTechniques)),
    times: known({
      first: timeOf(row.StartTime),
      last: timeOf(row.EndTime),
      generated: timeOf(row.ProcessingEndTime),
      updated: timeOf(row.TimeGenerated),
    }),
    count: 1,
    entities: azureEntities({
      entities: inner(row.Entities),
      properties: inner(row.ExtendedProperties),
      resources: [row.ResourceId, row.CompromisedEntity],
    }),
    raw: row,
  };
}

/** JSON that stands as text in a column. */
function inner(value: unknown): unknown {
  if (typeof value !== 'string' || value === '') return value;
  try {
    return readJson(value, 'a column');
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}
