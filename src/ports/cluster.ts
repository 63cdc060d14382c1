// A Kubernetes cluster, as far as this tool uses one. Every method throws Failure (failure.ts) and honours its signal.

export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name?: string;
    namespace?: string;
    uid?: string;
    resourceVersion?: string;
    creationTimestamp?: string;
    deletionTimestamp?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    finalizers?: string[];
    [key: string]: unknown;
  };
  [key: string]: unknown;
}

/** Which object. `namespace` absent: cluster-scoped. `uid`, where given, must match for a delete to happen. */
export interface ObjectReference {
  apiVersion: string;
  kind: string;
  name: string;
  namespace?: string;
  uid?: string;
}

/** Which objects. `namespace` absent: all namespaces. Selectors in kubectl's syntax. */
export interface ObjectQuery {
  apiVersion: string;
  kind: string;
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
}

export interface WatchEvent {
  /** SYNCED marks the end of the first list: what was there has been told as ADDED. */
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'SYNCED';
  object?: KubernetesObject;
}

export interface PodReference {
  namespace: string;
  name: string;
  container?: string;
}

export interface ExecOptions {
  stdin?: string;
  /** Bytes kept of each stream; the rest is counted and dropped. Default 1 MiB. */
  limit?: number;
  signal: AbortSignal;
  onOutput?: (stream: 'stdout' | 'stderr', text: string) => void;
}

export interface ExecResult {
  stdout: string;
  stderr: string;
  exitCode: number;
  /** True where output beyond the limit was dropped. */
  truncated: boolean;
}

/** Which lines of a container's log; absent: all there are. */
export interface LogOptions {
  follow?: boolean;
  /** Lines of the last seconds, by the node's clock: a whole number from 1 on. */
  sinceSeconds?: number;
  /** Lines from this time on, by the node's clock: RFC 3339. Not together with sinceSeconds. */
  sinceTime?: string;
  /** So many lines from the end, before `follow` goes on. */
  tailLines?: number;
  /** The log of the container's last run before this one. Failure not-found where there was none. */
  previous?: boolean;
  signal: AbortSignal;
}

/** One HTTP request to a pod. */
export interface PodRequest {
  method: string;
  /** Path and query; begins with a slash. */
  path: string;
  headers?: Record<string, string>;
  body?: string;
  /** Bytes kept of the answer's body. Default 1 MiB. */
  limit?: number;
  signal: AbortSignal;
}

export interface PodAnswer {
  /** 0 where no whole answer came; `problem` then says why. */
  status: number;
  /** By name in small letters; repeated ones are joined with a comma. */
  headers: Record<string, string>;
  body: string;
  /** True where the body was longer than the limit. */
  truncated: boolean;
  problem?: string;
}

/** One request to the API server itself. */
export interface ApiCall {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Without the query; begins with a slash. */
  path: string;
  query?: Record<string, string>;
  userAgent: string;
  /** Media type of the answer; absent: JSON. */
  accept?: string;
  /** Sent as JSON, under the name of `contentType` (absent: application/json). */
  body?: unknown;
  contentType?: string;
  /** Bytes kept of the answer's body. Default 1 MiB. */
  limit?: number;
  signal: AbortSignal;
}

export interface ApiAnswer {
  status: number;
  /** By name in small letters; repeated ones are joined with a comma. */
  headers: Record<string, string>;
  body: string;
  /** True where the body was longer than the limit. */
  truncated: boolean;
  /** The admission control that refused, where one did. */
  policy?: string;
}

/** One question to SelfSubjectAccessReview. */
export interface AccessQuestion {
  verb: string;
  /** API group, "" for the core group. */
  group: string;
  /** Plural resource, with subresource after a slash: "pods/exec". */
  resource: string;
  namespace?: string;
}

/** One kind of object that the API serves. */
export interface ApiResource {
  apiVersion: string;
  kind: string;
  resource: string;
  namespaced: boolean;
  verbs: string[];
}

export interface ApplyOptions {
  /** The server checks it all and stores nothing. */
  dryRun?: boolean;
  /** Fields that others have set are taken over. */
  force?: boolean;
  /** An object that is not there is created by a request to create it: applying is a patch, and detectors look for creations. */
  creating?: boolean;
}

export interface Cluster {
  /** Name of the kubeconfig context, and the API server's address. */
  readonly context: string;
  readonly server: string;
  version(signal: AbortSignal): Promise<{ gitVersion: string; platform: string }>;
  /** Undefined where it does not exist. */
  get(reference: ObjectReference, signal: AbortSignal): Promise<KubernetesObject | undefined>;
  list(query: ObjectQuery, signal: AbortSignal): Promise<KubernetesObject[]>;
  /** Server-side apply with field manager "kubesim". */
  apply(object: KubernetesObject, options: ApplyOptions, signal: AbortSignal): Promise<KubernetesObject>;
  /** False where there was nothing to delete (or another UID). Does not wait for the end. */
  delete(reference: ObjectReference, options: { gracePeriodSeconds?: number }, signal: AbortSignal): Promise<boolean>;
  /** Lists, then follows; reconnects by itself (dropped connection, expired resourceVersion) and never polls. Ends with the signal (no throw). */
  watch(query: ObjectQuery, signal: AbortSignal): AsyncIterable<WatchEvent>;
  /** Runs a program in a container. A program that does not exist: Failure command-not-found. */
  exec(pod: PodReference, command: string[], options: ExecOptions): Promise<ExecResult>;
  /** Lines of a container's log; follows until the signal aborts or the container ends. */
  logs(pod: PodReference, options: LogOptions): AsyncIterable<string>;
  /**
   * Makes an HTTP request to a port of a pod, through the API server's port-forward. Opens no other address, whatever the answer says.
   * A request that HTTP does not allow: Failure invalid.
   */
  request(pod: PodReference, port: number, request: PodRequest): Promise<PodAnswer>;
  /**
   * Makes a request as a service account, by a token that is asked for it and lasts ten minutes: nothing of our own login goes along. Any status
   * is an answer. An account that does not exist: Failure not-found.
   */
  requestAs(account: { namespace: string; name: string }, call: ApiCall): Promise<ApiAnswer>;
  canI(question: AccessQuestion, signal: AbortSignal): Promise<{ allowed: boolean; reason: string }>;
  /** Every listable kind the API serves (preferred versions, no subresources). */
  resources(signal: AbortSignal): Promise<ApiResource[]>;
  /** One kind, also one that cannot be listed; undefined where the API does not serve it. */
  resource(kind: { apiVersion: string; kind: string }, signal: AbortSignal): Promise<ApiResource | undefined>;
}
