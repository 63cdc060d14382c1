// The one error class that adapters throw and everyone may read: what went wrong in the world, as a code.

/** What kind of thing went wrong; commands turn it into an exit code, the engine into an outcome. */
export type FailureCode =
  | 'configuration' // no kubeconfig, unknown context, exec plugin missing, helm missing: nothing was touched
  | 'unreachable' // no answer from the API server
  | 'unauthorized' // 401: no, wrong or expired credentials
  | 'forbidden' // 403 by authorisation (RBAC)
  | 'admission-denied' // an admission control refused the object; details.policy names it
  | 'not-found'
  | 'conflict'
  | 'invalid' // 400, 422, a broken chart: the request itself is wrong
  | 'throttled' // 429
  | 'server-error' // 5xx
  | 'command-not-found' // the pod has no such program
  | 'pod-failed' // image cannot be pulled, unschedulable, crash loop
  | 'timeout'
  | 'interrupted'
  | 'storage' // the state folder cannot be written
  | 'internal';

export interface FailureDetails {
  /** What the user can do about it, in one sentence. */
  hint?: string;
  /** The control that refused (admission policy, webhook, Pod Security level). */
  policy?: string;
  /** HTTP status of the API server's answer. */
  status?: number;
  /** Seconds to wait before the next try, from Retry-After. */
  retryAfter?: number;
  cause?: unknown;
}

/** A failure of the world outside. `message` says what failed and on what; `details.hint` says what to do. */
export class Failure extends Error {
  readonly code: FailureCode;
  readonly details: FailureDetails;
  constructor(code: FailureCode, message: string, details: FailureDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'Failure';
    this.code = code;
    this.details = details;
  }
}
