// The step `target`: gives pods that exist already the names by which later steps attack them. It creates nothing and changes nothing.
import { exampleOf } from './example.ts';
import { defineStep, type Permission, type PodRole, type StepContext } from './step.ts';

interface Body {
  namespace: string;
  roles: Record<string, { selector: string; container?: string }>;
}

const text = { type: 'string', minLength: 1 } as const;

export const target = defineStep<Body>({
  type: 'target',
  summary: 'Names pods that exist already, so that later steps attack them; it needs `sim run --allow-target NAMESPACE`.',
  defaultTimeout: 30_000,
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['namespace', 'roles'],
    properties: {
      namespace: { ...text, 'x-expression': 'inputs', description: 'Namespace of the pods.' },
      roles: {
        type: 'object',
        minProperties: 1,
        propertyNames: {
          type: 'string',
          pattern: '^[a-zA-Z][a-zA-Z0-9-]*$',
          'x-says': 'must begin with a letter and hold only letters, digits and `-`',
        },
        description: 'Names by which later steps reach the pods.',
        additionalProperties: {
          type: 'object',
          additionalProperties: false,
          required: ['selector'],
          properties: {
            selector: { ...text, 'x-expression': 'inputs', description: "Labels in kubectl's syntax, e.g. `app=shop,tier!=cache`." },
            container: { ...text, description: "Container in the pod; absent: the pod's first." },
          },
        },
      },
    },
  },
  outputs: { pods: { type: 'map', description: 'The pod of each role: `pods.<role>.name`, `pods.<role>.ip` and `pods.<role>.node`.' } },
  example: exampleOf(
    'target',
    'Attack a pod that exists already',
    `
- name: Take the shop's web server for a victim
  id: shop
  target:
    namespace: shop
    roles: {web: {selector: app=shop}}
- name: Search it for credentials of Git
  attack: [T1552.001]
  exec: {pod: web, command: [find, /home, -name, .git-credentials], expect: {exitCode: 0}}
- expect-alert: {alert: sensitive-files-access}
`,
  ),
  plan: ({ namespace, roles }) =>
    `use pods of ${namespace} that exist already: ${Object.entries(roles)
      .map(([role, { selector }]) => `${role} (${selector})`)
      .join(', ')}`,
  targets: ({ namespace }) => [namespace],
  roles: ({ namespace, roles }) => Object.fromEntries(Object.keys(roles).map((role) => [role, namespace])),
  permissions: ({ namespace }): Permission[] => ['list', 'get'].map((verb) => ({ verb, group: '', resource: 'pods', namespace })),
  async run({ namespace, roles }, context) {
    context.declareRoles(Object.fromEntries(Object.entries(roles).map(([role, pod]) => [role, { ...pod, namespace } satisfies PodRole])));
    const pods: Record<string, object> = {};
    for (const role of Object.keys(roles)) pods[role] = await detailsOf(role, context);
    return { outputs: { pods } };
  },
});

/** Throws Failure not-found where no pod of the role is ready. */
async function detailsOf(role: string, { cluster, pod, signal }: StepContext): Promise<{ name: string; ip: string; node: string }> {
  const { namespace, name } = await pod(role);
  const found = await cluster.get({ apiVersion: 'v1', kind: 'Pod', namespace, name }, signal);
  const { podIP = '' } = (found?.status ?? {}) as { podIP?: string };
  const { nodeName = '' } = (found?.spec ?? {}) as { nodeName?: string };
  return { name, ip: podIP, node: nodeName };
}
