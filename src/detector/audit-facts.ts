// What a condition reads of an event of the API server's audit log: the same names for each event, present whether or not the event has them.
import type { AuditEvent } from '../ports/observations.ts';
import { LIST_FACTS } from './lists.ts';
import { type PodFacts, podsIn } from './pod-facts.ts';

/** What a request does, whatever the verb: server-side apply creates by `patch`, and a dry run that is allowed does nothing. */
type Action = 'create' | 'change' | 'delete' | 'read' | 'connect' | 'other';

/** Namespaces that belong to the cluster. */
const SYSTEM_NAMESPACES = new Set(['kube-system', 'kube-public', 'kube-node-lease']);
const GENERIC_CLIENT =
  /^(curl|wget|python-(requests|urllib|httpx)|python\/|go-http-client|httpie|libwww-perl|ruby|axios|node-fetch|node$|okhttp|java\/|postman|mozilla|powershell|nmap|$)/i;
/** The only value that the API server takes (kubernetes.io/docs/reference/using-api/api-concepts/#dry-run). */
const DRY_RUN = /[?&]dryRun=All(&|$)/;
const CONNECTING = new Set(['exec', 'attach', 'portforward', 'proxy']);

export function auditFacts(event: AuditEvent): Record<string, unknown> {
  const { verb, requestURI, user, impersonatedUser, userAgent = '', objectRef = {}, responseStatus, requestObject } = event;
  const who = impersonatedUser ?? user;
  const code = responseStatus?.code ?? 0;
  const account = /^system:serviceaccount:([^:]*):/.exec(who.username)?.[1];
  const { resource = '', subresource } = objectRef;
  let object: unknown;
  let pods: PodFacts[] | undefined;
  return {
    ...LIST_FACTS,
    verb,
    action: code < 300 && DRY_RUN.test(requestURI) ? 'other' : actionOf(verb, code, subresource),
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
    apiGroup: objectRef.apiGroup ?? '',
    objectNamespace: objectRef.namespace ?? '',
    name: objectRef.name ?? '',
    user: who.username,
    groups: who.groups ?? [],
    /** Of a service account outside the cluster's own namespaces. */
    serviceAccount: account !== undefined && !SYSTEM_NAMESPACES.has(account),
    /** A part of the cluster itself: the control plane, a node, an account of kube-system. */
    system: account === undefined ? isSystem(who.username) : SYSTEM_NAMESPACES.has(account),
    /** Namespace of the service account; empty for any other user. */
    home: account ?? '',
    /** The pod that the token was made for; empty where it was issued to nobody in particular, or the user is none of the cluster's. */
    fromPod: user.extra?.['authentication.kubernetes.io/pod-name']?.[0] ?? '',
    impersonated: impersonatedUser !== undefined,
    code: BigInt(code),
    userAgent,
    /** A program for requests of any kind, or one that calls itself kubectl without saying which version, as kubectl does. */
    genericClient: GENERIC_CLIENT.test(userAgent) || (userAgent.startsWith('kubectl') && !/^kubectl(\.exe)?\/v\d/.test(userAgent)),
    uri: requestURI,
    get object() {
      object ??= celValue(requestObject);
      return object;
    },
    get pods() {
      pods ??= podsIn(requestObject);
      return pods;
    },
  };
}

function actionOf(verb: string, code: number, subresource: string | undefined): Action {
  if (subresource !== undefined && CONNECTING.has(subresource)) return 'connect';
  switch (verb) {
    case 'create':
      return 'create';
    case 'update':
    case 'patch':
      return code === 201 ? 'create' : 'change';
    case 'delete':
    case 'deletecollection':
      return 'delete';
    case 'get':
    case 'list':
    case 'watch':
      return 'read';
    default:
      return 'other';
  }
}

/** `system:admin` and `system:masters` are people; the rest of `system:` is the cluster. */
const isSystem = (user: string): boolean => user.startsWith('system:') && user !== 'system:admin' && user !== 'system:anonymous';

/** A value of JSON as CEL takes it; what is no map gives an empty one, so that a condition can ask for its members. */
function celValue(value: unknown): unknown {
  const convert = (each: unknown, depth: number): unknown => {
    if (typeof each === 'number') return Number.isSafeInteger(each) ? BigInt(each) : each;
    if (typeof each !== 'object' || each === null || depth > 40) return each;
    if (Array.isArray(each)) return each.map((item) => convert(item, depth + 1));
    return Object.fromEntries(Object.entries(each).map(([key, item]) => [key, convert(item, depth + 1)]));
  };
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? convert(value, 0) : {};
}
