// Who we are to the API server: request options with certificates or a token, fetched again when they run out.
import { X509Certificate } from 'node:crypto';
import type { RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import { Failure } from '../../ports/failure.ts';
import { credentialFailure, type Login } from './errors.ts';

/** A login program may ask a cloud, and waits for nobody: its standard input stays empty. */
const LOGIN_LIMIT = 60_000;

export interface Credentials {
  /** TLS options and headers for one request. Throws Failure configuration / unauthorized where the login program is missing or fails. */
  options(signal: AbortSignal): Promise<RequestOptions>;
  /** Drops what was fetched, so that the next request logs in anew. False where that cannot help: fixed credentials. */
  forget(): boolean;
  /** For the message of a 401. */
  describe(options: RequestOptions): Login;
}

/** Credentials of the current context of a checked kubeconfig (kubeconfig.ts). */
export function contextCredentials(chosen: KubeConfig): Credentials {
  const context = chosen.getCurrentContext();
  const user = chosen.getCurrentUser();
  const proxied = chosen.getCurrentCluster()?.proxyUrl !== undefined;
  let config = chosen;
  let pending: Promise<RequestOptions> | undefined;

  const logIn = async (): Promise<RequestOptions> => {
    const options: RequestOptions = {};
    try {
      await config.applyToHTTPSOptions(options);
    } catch (error) {
      throw credentialFailure(context, user?.exec ?? undefined, error);
    }
    // The library's own agent opens a connection per request; it is only needed where it goes through a proxy.
    if (!proxied) delete options.agent;
    return options;
  };

  return {
    async options(signal) {
      // One login at a time, whatever asks at once: each would start the login program.
      pending ??= logIn().finally(() => {
        pending = undefined;
      });
      const limit = AbortSignal.timeout(LOGIN_LIMIT);
      return await before(pending, AbortSignal.any([signal, limit]), () => {
        if (signal.aborted) return signal.reason;
        return new Failure('timeout', `context "${context}" did not log in within ${LOGIN_LIMIT / 1000} s`, {
          hint: 'Does its login program wait for input? Log in by hand first.',
        });
      });
    },
    forget() {
      if (!user?.exec && !user?.authProvider) return false;
      const fresh = new KubeConfig();
      const { clusters, users, contexts, currentContext } = config;
      fresh.loadFromOptions({ clusters, users, contexts, currentContext });
      config = fresh;
      return true;
    },
    describe: (options) => ({ context, ...expiry(options) }),
  };
}

/** Settles as `work` does, or rejects with `reason()` once the signal aborts. */
function before<T>(work: Promise<T>, signal: AbortSignal, reason: () => unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(reason());
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

function expiry({ cert, headers }: RequestOptions): Pick<Login, 'expired'> {
  const token = /^Bearer (.+)$/.exec(String((headers as Record<string, unknown> | undefined)?.Authorization ?? ''))?.[1];
  const ends: { what: string; at: number | undefined }[] = [
    { what: 'token', at: token === undefined ? undefined : tokenEnd(token) },
    { what: 'client certificate', at: certificateEnd(cert) },
  ];
  const expired = ends.find(({ at }) => at !== undefined && at < Date.now());
  return expired?.at === undefined ? {} : { expired: { what: expired.what, at: expired.at } };
}

function tokenEnd(token: string): number | undefined {
  try {
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { exp?: unknown };
    return typeof claims.exp === 'number' ? claims.exp * 1000 : undefined;
  } catch {
    return undefined; // An opaque token says nothing about its end.
  }
}

function certificateEnd(certificate: RequestOptions['cert']): number | undefined {
  if (typeof certificate !== 'string' && !Buffer.isBuffer(certificate)) return undefined;
  try {
    return Date.parse(new X509Certificate(certificate).validTo);
  } catch {
    return undefined;
  }
}
