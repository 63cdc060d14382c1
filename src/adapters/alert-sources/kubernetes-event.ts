// Events and audit events of Kubernetes as alerts.
import type { Severity } from '../../ports/alerts.ts';
import {
  type AlertDraft,
  at,
  countOf,
  entitiesOf,
  type Json,
  jsonOf,
  known,
  nameOf,
  severityOf,
  techniquesIn,
  textOf,
  timeOf,
} from './fields.ts';
import type { SourceWorld } from './source-type.ts';

/** An Event, core/v1 (https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/); undefined without a reason. */
export function eventAlert(event: Json): AlertDraft | undefined {
  const name = nameOf(event.reason);
  const id = textOf(at(event, 'metadata', 'uid'));
  if (name === undefined || id === undefined) return undefined;
  const about = jsonOf(event.involvedObject);
  const first = timeOf(event.firstTimestamp) ?? timeOf(event.eventTime) ?? timeOf(at(event, 'metadata', 'creationTimestamp'));
  const last = timeOf(at(event, 'series', 'lastObservedTime')) ?? timeOf(event.lastTimestamp) ?? first;
  const isPod = about.kind === 'Pod';
  return {
    id,
    name,
    ...known({
      type: textOf(event.reportingComponent) ?? textOf(at(event, 'source', 'component')),
      severity: severityOf(event.type),
    }),
    techniques: [],
    times: known({ first, last, generated: first }),
    count: countOf(at(event, 'series', 'count') ?? event.count),
    entities: entitiesOf({
      node: about.kind === 'Node' ? textOf(about.name) : textOf(at(event, 'source', 'host')),
      namespace: textOf(about.namespace),
      pod: isPod ? textOf(about.name) : undefined,
      container: /\{([^}]+)\}$/.exec(textOf(about.fieldPath) ?? '')?.[1],
    }),
    raw: event,
  };
}

/** What of the audit log is an alert. */
export interface AuditRule {
  name: string;
  when: string;
  type?: string;
  severity?: Severity;
  techniques?: string[];
}

/** Stages at which the answer is known; the others tell of the same request earlier. */
const ANSWERED = ['ResponseComplete', 'ResponseStarted', 'Panic'];

/** One alert for each rule that an audit event (audit.k8s.io/v1) fits; a rule that reads what the event lacks does not fit it. */
export function auditAlerts(event: Json, rules: readonly AuditRule[], { cel }: Pick<SourceWorld, 'cel'>): AlertDraft[] {
  const id = textOf(event.auditID);
  if (id === undefined || !ANSWERED.includes(textOf(event.stage) ?? '')) return [];
  const object = jsonOf(event.objectRef);
  return rules
    .filter(({ when }) => fits(when, event, cel))
    .map(({ name, type, severity, techniques = [] }) => ({
      id: `${id}/${name}`,
      name,
      ...known({ type, severity }),
      techniques: techniquesIn(...techniques),
      times: known({
        first: timeOf(event.requestReceivedTimestamp),
        last: timeOf(event.stageTimestamp),
        generated: timeOf(event.stageTimestamp),
      }),
      count: 1,
      entities: entitiesOf({
        namespace: textOf(object.namespace),
        pod: object.resource === 'pods' ? textOf(object.name) : undefined,
        user: textOf(at(event, 'impersonatedUser', 'username')) ?? textOf(at(event, 'user', 'username')),
      }),
      raw: event,
    }));
}

function fits(when: string, event: Json, cel: SourceWorld['cel']): boolean {
  try {
    return cel(when, { event }) === true;
  } catch (error) {
    if (error instanceof Error && error.name === 'ExpressionError') return false;
    throw error;
  }
}
