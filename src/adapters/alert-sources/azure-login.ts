// Logging in to Azure: tokens of Entra ID for one host, renewed before they end.
import { readFile } from 'node:fs/promises';
import type { TokenCredential } from '@azure/identity';
import type { JsonSchema } from '../../language/definition.ts';
import { Failure } from '../../ports/failure.ts';
import { answerFailure, type Login } from './http-client.ts';
import { secretSetting, type TlsSettings, tlsSetting, urlProblems, urlSetting } from './settings.ts';
import type { SecretReference, SettingProblem, SourceWorld } from './source-type.ts';

export interface AzureSettings {
  tenantId?: string;
  clientId?: string;
  clientSecret?: SecretReference;
  authority?: string;
  endpoint?: string;
  tls?: TlsSettings;
}

const AUTHORITY = 'https://login.microsoftonline.com';
/** Before a token ends, where Entra ID does not say when to renew it. */
const EARLY = 5 * 60_000;

const guid = (description: string) =>
  ({
    type: 'string',
    pattern: '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$',
    'x-says': 'must be a GUID',
    description,
  }) as const;

export const azureSettings = (endpoint: string): Readonly<Record<string, JsonSchema>> => ({
  tenantId: guid('Tenant of Entra ID; needed with `clientSecret`.'),
  clientId: guid('Application, or managed identity, to log in as.'),
  clientSecret: secretSetting(
    "Secret of the application. Without it the usual ways are tried: the environment's variables, workload identity, managed identity, the Azure CLI.",
  ),
  authority: { ...urlSetting('Where tokens are fetched, for other clouds.'), default: AUTHORITY },
  endpoint: { ...urlSetting('Address of the API, for other clouds.'), default: endpoint },
  tls: tlsSetting,
});

export const guidSetting = guid;

export const azureProblems = (settings: AzureSettings): SettingProblem[] => {
  const { clientSecret, tenantId, clientId, authority, endpoint } = settings;
  return [
    ...(clientSecret !== undefined && (tenantId === undefined || clientId === undefined)
      ? [{ path: ['clientSecret'], message: '`clientSecret` needs `tenantId` and `clientId` beside it' }]
      : []),
    ...(authority === undefined ? [] : urlProblems(authority, ['authority'])),
    ...(endpoint === undefined ? [] : urlProblems(endpoint, ['endpoint'])),
  ];
};

/** A bearer token for a scope such as "https://management.azure.com/.default". Throws Failure unauthorized where none can be had. */
export function azureLogin(settings: AzureSettings, scope: string, world: Pick<SourceWorld, 'clock' | 'secret'>): Login {
  let credential: Promise<TokenCredential> | undefined;
  let token: { text: string; renewAt: number } | undefined;
  return {
    async headers(signal) {
      if (token === undefined || world.clock.now() >= token.renewAt) {
        credential ??= credentialFor(settings, world);
        const got = await fetchToken(await credential, scope, signal, world);
        token = { text: got.token, renewAt: got.refreshAfterTimestamp ?? got.expiresOnTimestamp - EARLY };
      }
      return { Authorization: `Bearer ${token.text}` };
    },
    forget() {
      // The credential has a cache of its own.
      [credential, token] = [undefined, undefined];
      return true;
    },
  };
}

async function credentialFor(settings: AzureSettings, world: Pick<SourceWorld, 'secret'>): Promise<TokenCredential> {
  const { ClientSecretCredential, DefaultAzureCredential } = await import('@azure/identity');
  const { tenantId, clientId, clientSecret, authority, tls } = settings;
  const options = {
    ...(authority === undefined ? {} : { authorityHost: authority, disableInstanceDiscovery: true }),
    ...(tls?.ca === undefined ? {} : { tlsOptions: { ca: await readFile(tls.ca, 'utf8') } }),
    retryOptions: { maxRetries: 0 },
  };
  if (clientSecret !== undefined)
    return new ClientSecretCredential(tenantId ?? '', clientId ?? '', await world.secret(clientSecret), options);
  return new DefaultAzureCredential({
    ...options,
    ...(tenantId === undefined ? {} : { tenantId }),
    ...(clientId === undefined ? {} : { managedIdentityClientId: clientId, workloadIdentityClientId: clientId }),
  });
}

async function fetchToken(credential: TokenCredential, scope: string, signal: AbortSignal, { clock }: Pick<SourceWorld, 'clock'>) {
  try {
    const token = await credential.getToken(scope, { abortSignal: signal });
    if (token === null) throw new Failure('unauthorized', 'Entra ID gave no token');
    return token;
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw loginFailure(error, clock.now());
  }
}

/** Only the first line: what follows in these messages are ids and times. */
function loginFailure(error: unknown, now: number): Failure {
  if (error instanceof Failure) return error;
  const { message = '', statusCode, code } = error as { message?: string; statusCode?: number; code?: string };
  const said = message.split(/\r?\n/, 1)[0]?.slice(0, 300) ?? '';
  if (statusCode === 429 || (statusCode !== undefined && statusCode >= 500))
    return answerFailure('log in to Azure', 'Entra ID', { status: statusCode, headers: {}, text: said }, now);
  if (/ECONN|ETIMEDOUT|EAI_AGAIN|network_error|REQUEST_SEND_ERROR/.test(`${code} ${message}`))
    return new Failure('unreachable', `log in to Azure: ${said}`, { cause: error });
  return new Failure('unauthorized', `log in to Azure: ${said}`, {
    hint: 'az login, or name tenantId, clientId and clientSecret in the configuration',
    cause: error,
  });
}
