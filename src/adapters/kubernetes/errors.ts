// What an answer, a broken connection or a refused login of the API server means, as a Failure.
import type { FailureCode, FailureDetails } from '../../ports/failure.ts';
import { Failure } from '../../ports/failure.ts';

/** The parts of a metav1.Status that are read here. */
export interface Status {
  status?: string;
  message?: string;
  reason?: string;
  code?: number;
  details?: { causes?: { reason?: string; message?: string }[]; retryAfterSeconds?: number };
}

/** What the credentials say about themselves: shown where the server answers 401. */
export interface Login {
  /** "client certificate" or "token", and when it ended (milliseconds since the epoch). */
  expired?: { what: string; at: number };
  context: string;
}

const CONTROLS: [RegExp, (found: string) => string][] = [
  [/ValidatingAdmissionPolicy '([^']+)'[\s\S]*? denied request/, (name) => name],
  [/violates PodSecurity "([^"]+)"/, (level) => `PodSecurity ${level}`],
  [/exceeded quota: ([^\s,]+)/, (name) => `ResourceQuota ${name}`],
  [/failed quota: ([^\s:,]+)/, (name) => `ResourceQuota ${name}`],
  [
    /\b(?:minimum|maximum) (?:cpu|memory|[\w./-]+) (?:usage|limit to request ratio|request) per (Container|Pod|PersistentVolumeClaim)/,
    (of) => `LimitRange per ${of}`,
  ],
  [/unable to validate against any (security context constraint)/, () => 'SecurityContextConstraints'],
  [/image policy webhook backend (denied)/, () => 'ImagePolicyWebhook'],
];

/**
 * Names the control that refused an object, from the server's message; undefined where none did.
 * Known: ValidatingAdmissionPolicy, webhooks (with Gatekeeper's constraint and Kyverno's policy), PodSecurity, quota,
 * LimitRange, SecurityContextConstraints, ImagePolicyWebhook. Forms as their sources print them.
 */
export function admissionControl(message: string): string | undefined {
  const webhook = /admission webhook "([^"]+)" denied the request(?: without explanation)?:?\s*([\s\S]*)/.exec(message);
  if (webhook) {
    const [, name = '', text = ''] = webhook;
    const gatekeeper = /^\[([^\]\s]+)\]/.exec(text);
    const kyverno = /(?:following policies|for resource violations?:?)\s*\n+\s*([^\s:]+):/.exec(text);
    return gatekeeper?.[1] ?? kyverno?.[1] ?? name;
  }
  for (const [form, policy] of CONTROLS) {
    const found = form.exec(message);
    if (found) return policy(found[1] ?? '');
  }
  return undefined;
}

const CODES: Record<number, FailureCode> = {
  400: 'invalid',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not-found',
  405: 'invalid',
  406: 'invalid',
  409: 'conflict',
  410: 'conflict',
  413: 'invalid',
  415: 'invalid',
  422: 'invalid',
  429: 'throttled',
};

/**
 * The Failure that an unsuccessful answer means. `action` says what was asked, e.g. "apply ConfigMap sim-1/a".
 * A 403 counts as admission-denied only where the message names a control: a namespace that is being deleted or a
 * missing service account also answer 403, and must not look like a prevented attack.
 */
export function answerFailure(
  action: string,
  answer: { status: number; body: Status | undefined; text?: string; retryAfter?: number | undefined },
  login: Login,
): Failure {
  const { status, body } = answer;
  const said = body?.message?.trim() || answer.text?.trim().slice(0, 500) || `HTTP ${status}`;
  const retryAfter = answer.retryAfter ?? body?.details?.retryAfterSeconds;
  const details: FailureDetails = { status, ...(retryAfter === undefined ? {} : { retryAfter }) };
  if (status === 401) return unauthorized(action, details, login);
  const policy = status >= 400 && status < 500 ? admissionControl(said) : undefined;
  if (policy !== undefined) return new Failure('admission-denied', `${action}: ${said}`, { ...details, policy });
  if (status === 403) return refused(action, said, body, details);
  if (status === 429) return new Failure('throttled', `${action}: the API server asks to slow down: ${said}`, details);
  // Server-side apply answers 500 to an object that does not fit its schema.
  if (said.includes('failed to create typed patch object')) return new Failure('invalid', `${action}: ${said}`, details);
  const webhook = /failed calling webhook "([^"]+)"/.exec(said);
  if (webhook) {
    const hint = `The admission webhook ${webhook[1]} does not answer; ask whoever runs it, or take it out of the cluster.`;
    return new Failure('server-error', `${action}: ${said}`, { ...details, hint });
  }
  return new Failure(CODES[status] ?? (status >= 500 ? 'server-error' : 'invalid'), `${action}: ${said}`, details);
}

function unauthorized(action: string, details: FailureDetails, login: Login): Failure {
  if (login.expired) {
    const { what, at } = login.expired;
    return new Failure('unauthorized', `${action}: the ${what} of context "${login.context}" expired at ${new Date(at).toISOString()}`, {
      ...details,
      hint: 'Log in to the cluster again, or fetch its kubeconfig anew.',
    });
  }
  return new Failure('unauthorized', `${action}: the API server does not accept the credentials of context "${login.context}"`, {
    ...details,
    hint: `Log in again, and check with: kubectl --context ${quoted(login.context)} auth whoami`,
  });
}

/** A word for a shell, in quotes where it needs them. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function refused(action: string, said: string, body: Status | undefined, details: FailureDetails): Failure {
  const terminating = body?.details?.causes?.some((cause) => cause.reason === 'NamespaceTerminating') || said.includes('being terminated');
  if (terminating) return new Failure('conflict', `${action}: ${said}`, details);
  if (/error looking up service account/.test(said)) return new Failure('not-found', `${action}: ${said}`, details);
  return new Failure('forbidden', `${action}: ${said}`, {
    ...details,
    hint: 'Ask for this permission; `sim doctor` shows each that is missing.',
  });
}

const CERTIFICATE = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
]);

const REASONS: Record<string, [text: string, hint: string]> = {
  ECONNREFUSED: ['nothing listens there', 'Is the cluster running, and is the address in the kubeconfig current?'],
  ECONNRESET: ['the connection was cut', 'Is a proxy or a tunnel in between?'],
  EPIPE: ['the connection was cut', 'Is a proxy or a tunnel in between?'],
  ENOTFOUND: ['its name is not known to DNS', 'Is a VPN needed, or was the cluster deleted?'],
  EAI_AGAIN: ['DNS did not answer', 'Is the network up?'],
  ETIMEDOUT: ['it did not answer in time', 'Is a VPN needed, or an address range to be allowed?'],
  EHOSTUNREACH: ['there is no route to it', 'Is a VPN needed?'],
  ENETUNREACH: ['there is no route to it', 'Is the network up?'],
  CERT_HAS_EXPIRED: ["the server's certificate has expired", 'Renew it on the cluster.'],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    "the server's certificate is for another name",
    'Use the address that the certificate names, or set tls-server-name in the kubeconfig.',
  ],
};

/** The Failure that a connection without an answer means; names the server. `error` is Node's, from TCP, TLS, HTTP or WebSocket. */
export function connectionFailure(action: string, server: string, error: unknown): Failure {
  const codes = errorCodes(error);
  const known = codes.find((code) => code in REASONS);
  const [text, hint] = known
    ? (REASONS[known] as [string, string])
    : codes.some((code) => CERTIFICATE.has(code))
      ? [
          'its certificate is not signed by the authority in the kubeconfig',
          'Fetch the kubeconfig anew: the cluster may have been built again.',
        ]
      : codes.some((code) => code === 'EPROTO' || code.startsWith('ERR_SSL'))
        ? [`TLS failed (${messageOf(error)})`, 'Does the address lead to an API server, and is it https?']
        : [messageOf(error), 'Check the address in the kubeconfig.'];
  return new Failure('unreachable', `${action}: no answer from ${server}: ${text}`, { hint, cause: error });
}

/**
 * The Failure of an answer that no API server gives: a redirect, a web page (a login, or a gateway that knows no such path). Undefined for
 * others: 401, 403 and 5xx keep their meaning, whoever words them.
 */
export function foreignAnswer(
  action: string,
  server: string,
  answer: { status: number; type: string | undefined; location: string | undefined },
): Failure | undefined {
  const { status, type, location } = answer;
  if (status >= 300 && status < 400)
    return noApiServer(action, server, `HTTP ${status}${location === undefined ? '' : ` to ${placeOf(location)}`}`);
  const isPage = (status < 300 || status === 404) && type?.includes('text/html');
  return isPage ? noApiServer(action, server, `HTTP ${status} with a web page`) : undefined;
}

/** The Failure of an address behind which something else answers. */
export function noApiServer(action: string, server: string, answered: string): Failure {
  return new Failure('configuration', `${action}: ${server} is no Kubernetes API server: it answered ${answered}`, {
    hint: 'Check the address in the kubeconfig; does a gateway or a proxy in front of it want a login?',
  });
}

/** Without its query, which may hold the state of a login. */
function placeOf(location: string): string {
  return location.replace(/[?#].*$/s, '');
}

/** The Failure of a request whose time is up (not `timeout`: that is a step's own); the server is named because it is the one that did not answer. */
export function timeLimitFailure(action: string, server: string, milliseconds: number): Failure {
  return new Failure('unreachable', `${action}: ${server} did not answer within ${milliseconds / 1000} s`, {
    hint: 'The API server may be overloaded or unreachable.',
  });
}

/** The Failure that getting the credentials means: the kubeconfig's exec plugin is missing, failed, or another login broke. */
export function credentialFailure(context: string, exec: { command?: string; installHint?: string } | undefined, error: unknown): Failure {
  const command = exec?.command;
  if (command === undefined) {
    return new Failure('configuration', `the credentials of context "${context}" cannot be used: ${messageOf(error)}`, { cause: error });
  }
  if (errorCodes(error).some((code) => code === 'ENOENT' || code === 'EACCES')) {
    return new Failure('configuration', `context "${context}" logs in with the program "${command}", which cannot be started`, {
      hint: exec?.installHint?.trim() || `Install ${command}, or put it on PATH.`,
      cause: error,
    });
  }
  const said = messageOf(error).trim().split('\n').slice(-5).join('\n') || 'it said nothing';
  return new Failure('unauthorized', `context "${context}" logs in with the program "${command}", which failed: ${said}`, {
    hint: `Run the login that ${command} belongs to, then try again.`,
    cause: error,
  });
}

function errorCodes(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const code = (error as NodeJS.ErrnoException).code;
  // "localhost" is two addresses: Node then throws one AggregateError of both refusals.
  const inner = error instanceof AggregateError ? error.errors : [error.cause];
  return [...(typeof code === 'string' ? [code] : []), ...inner.flatMap(errorCodes)];
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
