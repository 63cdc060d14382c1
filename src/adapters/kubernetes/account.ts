// Requests as a service account: with a token of its own, and nothing of the operator's login.
import { KubeConfig } from '@kubernetes/client-node';
import type { ApiAnswer, ApiCall, Cluster } from '../../ports/cluster.ts';
import { Failure } from '../../ports/failure.ts';
import { BODY_LIMIT } from './answer.ts';
import { contextCredentials } from './credentials.ts';
import { admissionControl, type Status } from './errors.ts';
import { connectTransport, type Transport } from './transport.ts';

type Account = Parameters<Cluster['requestAs']>[0];

interface Login {
  transport: Transport;
  /** When to ask for another token, milliseconds since the Unix epoch. */
  until: number;
}

/** The shortest time that an API server grants (kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1). */
const LIFETIME = 600;
/** A token is not used in its last seconds: the server's clock may be ahead. */
const RESERVE = 60;

/** `operator` asks for the tokens; `config` says where the cluster is, and its users are left alone. */
export function accountRequests(config: KubeConfig, operator: Transport): Cluster['requestAs'] {
  const logins = new Map<string, Login>();

  const logIn = async ({ namespace, name }: Account, signal: AbortSignal): Promise<Login> => {
    const asked = Date.now();
    const { spec, status } = (await operator.json({
      action: `get a token of ServiceAccount ${namespace}/${name}`,
      method: 'POST',
      path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/serviceaccounts/${encodeURIComponent(name)}/token`,
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: LIFETIME } },
      signal,
    })) as { spec: { expirationSeconds: number }; status: { token: string } };
    const transport = connectTransport(operator.server, contextCredentials(onlyWith(config, status.token)));
    return { transport, until: asked + (spec.expirationSeconds - RESERVE) * 1000 };
  };

  return async (account, call) => {
    if (!operator.server.startsWith('https:')) {
      throw new Failure(
        'configuration',
        `${operator.server} may be a proxy that logs in by itself: no request can be made as a service account`,
        {
          hint: "Choose a context with the API server's own address.",
        },
      );
    }
    const key = `${account.namespace}/${account.name}`;
    const askAnew = async () => {
      const login = await logIn(account, call.signal);
      logins.set(key, login);
      return await ask(login.transport, key, call);
    };
    const known = logins.get(key);
    if (known === undefined || known.until <= Date.now()) return await askAnew();
    const answer = await ask(known.transport, key, call);
    // An account that was made anew knows no token of the one before it.
    return answer.status === 401 ? await askAnew() : answer;
  };
}

async function ask(transport: Transport, account: string, call: ApiCall): Promise<ApiAnswer> {
  const { method, path, query, userAgent, accept, body, contentType, limit = BODY_LIMIT, signal } = call;
  const request = {
    action: `${method} ${path} as ServiceAccount ${account}`,
    method,
    path,
    headers: { 'User-Agent': userAgent, ...(accept === undefined ? {} : { Accept: accept }) },
    ...(query === undefined ? {} : { query }),
    ...(body === undefined ? {} : { body }),
    ...(contentType === undefined ? {} : { contentType }),
    signal,
  };
  const answer = await transport.exchange(request, limit);
  const policy = answer.status >= 400 && answer.status < 500 ? admissionControl(messageOf(answer.body)) : undefined;
  return { ...answer, ...(policy === undefined ? {} : { policy }) };
}

/** The same cluster, with its authority and proxy, and a token for its only user: a client certificate would speak for somebody else. */
function onlyWith(config: KubeConfig, token: string): KubeConfig {
  const cluster = config.getCurrentCluster();
  const only = new KubeConfig();
  only.loadFromOptions({
    clusters: cluster === null ? [] : [cluster],
    users: [{ name: 'account', token }],
    contexts: [{ name: 'account', cluster: cluster?.name ?? '', user: 'account' }],
    currentContext: 'account',
  });
  return only;
}

function messageOf(body: string): string {
  try {
    return (JSON.parse(body) as Status | null)?.message ?? '';
  } catch {
    return '';
  }
}
