// What a sensor saw on a node or in the control plane: the facts that detection rules judge. Times in milliseconds since the Unix epoch, with fractions.

/** The container in which something happened. */
export interface ObservedContainer {
  node: string;
  namespace: string;
  pod: string;
  podUid: string;
  /** Name of the container in the pod. */
  container: string;
  /** Without the runtime's prefix. */
  containerId: string;
}

export interface ObservedProcess {
  pid: number;
  /** Path of the executed file as the container sees it. */
  executable: string;
  arguments: string[];
  /** Whether `arguments` was cut because it was too long. */
  truncated?: true;
  /** User id in the container's host. */
  uid?: number;
  startedAt?: number;
}

interface InContainer {
  time: number;
  where: ObservedContainer;
  process: ObservedProcess;
  /** Parent first; none outside the container. */
  ancestors: ObservedProcess[];
}

export type Observation =
  /** A program was started and did start. drift: its file is not of the image but was written in the container. */
  | ({ kind: 'process'; drift: boolean } & InContainer)
  /** A file of the sensor's watch list was opened. */
  | ({ kind: 'file'; path: string; access: 'read' | 'write' } & InContainer)
  | ({ kind: 'connection'; address: string; port: number; protocol: 'tcp' | 'udp' } & InContainer)
  /** An event of the API server's audit log, stage ResponseComplete or ResponseStarted (audit.k8s.io/v1). */
  | { kind: 'audit'; time: number; node: string; event: AuditEvent };

/** The fields of audit.k8s.io/v1 Event that rules read; others may be there. https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/ */
export interface AuditEvent {
  auditID: string;
  stage: string;
  verb: string;
  requestURI: string;
  user: { username: string; groups?: string[]; extra?: Record<string, string[]> };
  impersonatedUser?: { username: string; groups?: string[] };
  sourceIPs?: string[];
  userAgent?: string;
  objectRef?: { resource?: string; subresource?: string; namespace?: string; name?: string; apiGroup?: string; apiVersion?: string };
  responseStatus?: { code?: number; reason?: string };
  requestObject?: unknown;
  responseObject?: unknown;
  requestReceivedTimestamp: string;
  stageTimestamp: string;
  annotations?: Record<string, string>;
}
