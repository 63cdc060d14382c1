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
      'x-example': '{selector: app=web}',
      'x-instead': {
        ...Object.fromEntries(
          ['labels', 'label', 'labelSelector', 'matchLabels', 'app'].map((word) => [
            word,
            'labels are one text in `selector`, e.g. `app=web`',
          ]),
        ),
        name: 'pods have other names in each run: find them by their labels, with `selector`',
        role: 'a role is written alone, e.g. `pod: victim`; labels are `selector`',
      },
      properties: {
        selector: { type: 'string', minLength: 1, description: "Labels in kubectl's syntax, e.g. `app=web`." },
        namespace: {
          type: 'string',
          minLength: 1,
          'x-expression': 'inputs',
          description: 'Namespace of the pod; absent: that of the run. Any other needs `sim run --allow-target`.',
        },
        container: { type: 'string', minLength: 1, description: "Container in the pod; absent: the pod's first." },
      },
    },
  ],
} as const satisfies JsonSchema;

export function podText(pod: PodSelector): string {
  if (typeof pod === 'string') return pod;
  return `the pod with ${pod.selector}${pod.namespace === undefined ? '' : ` in ${pod.namespace}`}`;
}

/** The namespace that the pod is looked for in, where the playbook names one; for `targets` of a step. */
export const podTargets = (pod: PodSelector | undefined): string[] =>
  typeof pod === 'object' && pod.namespace !== undefined ? [pod.namespace] : [];

/**
 * Finding a pod, and using its subresource. A WebSocket request is a GET, so servers ask for `get`; from Kubernetes 1.35 on they ask for
 * `create` as well (feature gate AuthorizePodWebsocketUpgradeCreatePermission).
 */
export function podPermissions(subresource?: 'exec' | 'portforward' | 'log', pod?: PodSelector): Permission[] {
  const verbs = { exec: ['create', 'get'], portforward: ['create', 'get'], log: ['get'] };
  const [namespace] = podTargets(pod);
  const where = typeof pod === 'string' ? { role: pod } : namespace === undefined ? {} : { namespace };
  return [
    { verb: 'list', group: '', resource: 'pods', ...where },
    ...(subresource === undefined
      ? []
      : verbs[subresource].map((verb) => ({ verb, group: '', resource: `pods/${subresource}`, ...where }))),
  ];
}
