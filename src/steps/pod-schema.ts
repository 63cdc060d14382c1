// How every step names a pod: its schema, its words, and the permissions that finding and using one takes.
import type { JsonSchema } from '../language/definition.ts';
import type { Permission, PodSelector } from './step.ts';

/** The schema of a PodSelector, for step schemas: `{ ...podSchema, description: '...' }`. */
export const podSchema = {
  description: 'Which pod: the name of a role, or a selector.',
  anyOf: [
    { type: 'string', minLength: 1, description: 'A role that an earlier step declared.' },
    {
      type: 'object',
      required: ['selector'],
      additionalProperties: false,
      properties: {
        selector: { type: 'string', minLength: 1, description: "Labels in kubectl's syntax, e.g. `app=web`." },
        namespace: { type: 'string', 'x-expression': 'inputs', description: 'Namespace of the pod; absent: that of the run.' },
        container: { type: 'string', minLength: 1, description: "Container in the pod; absent: the pod's first." },
      },
    },
  ],
} as const satisfies JsonSchema;

export const podText = (pod: PodSelector): string => (typeof pod === 'string' ? pod : `the pod with ${pod.selector}`);

/**
 * Finding a pod, and using its subresource. A WebSocket request is a GET, so servers ask for `get`; from Kubernetes 1.35 on they ask for
 * `create` as well (feature gate AuthorizePodWebsocketUpgradeCreatePermission).
 */
export function podPermissions(subresource?: 'exec' | 'portforward' | 'log'): Permission[] {
  const verbs = { exec: ['create', 'get'], portforward: ['create', 'get'], log: ['get'] };
  return [
    { verb: 'list', group: '', resource: 'pods' },
    ...(subresource === undefined ? [] : verbs[subresource].map((verb) => ({ verb, group: '', resource: `pods/${subresource}` }))),
  ];
}
