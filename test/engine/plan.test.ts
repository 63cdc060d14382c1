import { expect, test } from 'vitest';
import { permissionsOf, planPlaybook, planRefusals } from '../../src/engine/plan.ts';
import { load } from '../../src/language/load.ts';
import { Failure } from '../../src/ports/failure.ts';
import type { PlanContext, StepDefinition } from '../../src/steps/step.ts';

const languages = { summary: 'x', outputs: { text: { type: 'string', description: 'x' } }, example: '', defaultTimeout: 1000 } as const;
const steps: StepDefinition[] = [
  {
    ...languages,
    type: 'make',
    schema: { type: 'object' },
    plan: (body) => `create ${(body as { name: string }).name}`,
    async objects(body) {
      const { name, image, namespace } = body as { name: string; image: string; namespace?: string };
      if (name === 'broken') throw new Failure('invalid', 'chart broken');
      return [
        {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
          spec: { containers: [{ name: 'a', image }] },
        },
        {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          metadata: { name },
          spec: { template: { spec: { containers: [{ name: 'a', image: 'b:1' }] } } },
        },
        ...(name === 'wide' ? [{ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'sim-k3x9-a' } }] : []),
      ];
    },
    run: async () => ({}),
  },
  {
    ...languages,
    type: 'act',
    schema: { type: 'string' },
    plan: (body) => `say ${body}`,
    permissions: (body) => [
      { verb: 'create', group: '', resource: 'pods/exec', ...(/^with /.test(body as string) ? { role: (body as string).slice(5) } : {}) },
    ],
    roles: (body): Record<string, string> => (/^as /.test(body as string) ? { web: (body as string).slice(3) } : {}),
    targets: (body) => (/^in /.test(body as string) ? [(body as string).slice(3)] : []),
    run: async () => ({}),
  },
  { ...languages, type: 'hope', schema: { type: 'string' }, plan: () => '', expects: (body) => ({ alert: body as string }) },
];
const context: PlanContext = {
  run: { id: 'k3x9', namespace: 'sim-k3x9', marker: 'sim-k3x9', token: 'f'.repeat(32), playbook: 'x' },
  folder: '/p',
  charts: { render: async () => [], version: async () => ({ path: '', version: '' }) },
  files: {} as PlanContext['files'],
  signal: new AbortController().signal,
};
const resources = [
  { apiVersion: 'v1', kind: 'Pod', resource: 'pods', namespaced: true, verbs: [] },
  { apiVersion: 'apps/v1', kind: 'Deployment', resource: 'deployments', namespaced: true, verbs: [] },
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', resource: 'clusterroles', namespaced: false, verbs: [] },
];

function playbookOf(text: string) {
  const source = `apiVersion: kubesim/v1\nkind: Playbook\nmetadata: {name: sample, title: Sample}\ninputs: {image: {type: string, default: "a:1"}, loud: {type: boolean, default: false}}\n${text}`;
  const { playbook, diagnostics } = load({ name: 'sample.yaml', text: source }, steps);
  if (playbook === undefined) throw new Error(JSON.stringify(diagnostics));
  return playbook;
}
const planOf = (text: string) => planPlaybook(playbookOf(text), { image: 'a:1', loud: false }, context, steps);

test('the plan shows objects, images, steps and alerts; what only the run can know stays as it is written', async () => {
  const plan = await planOf(
    'steps:\n  - {name: Make it, make: {name: p, image: "${{ inputs.image }}"}}\n  - {id: one, act: "${{ run.marker }}", attack: [T1046]}\n  - {act: "${{ steps.one.text }}"}\n  - {act: no, when: inputs.loud}\n  - {act: "no, whatever comes", when: inputs.loud && has(steps.one)}\n  - {act: perhaps, when: "!inputs.loud && has(steps.one)"}\n  - hope: scan\n',
  );
  expect(plan.objects.map(({ kind }) => kind)).toEqual(['Pod', 'Deployment']);
  expect(plan.images).toEqual(['a:1', 'b:1']);
  expect(plan.steps.map(({ name, text }) => `${name}: ${text}`)).toEqual([
    'Make it: create p',
    'act: say sim-k3x9',
    'act: say ${{ steps.one.text }}',
    'act: say perhaps',
  ]);
  expect(plan.expectations).toEqual([{ alert: 'scan' }]);
});

test('permissions are those of the tool, of the objects and of the steps, each once', async () => {
  const permissions = permissionsOf(await planOf('steps:\n  - make: {name: p, image: a}\n  - act: x\n  - act: y\n'), resources);
  const texts = permissions.map(({ verb, group, resource, cluster }) => [verb, group, resource, cluster === true].join(' '));
  expect(new Set(texts).size).toBe(texts.length);
  expect(texts).toEqual(
    expect.arrayContaining(['create  namespaces true', 'patch apps deployments false', 'create  pods/exec false', 'watch  pods false']),
  );
});

test('what stands outside of the namespace, and whose pods are attacked, is told apart; so are the permissions for it', async () => {
  const plan = await planOf(
    'steps:\n  - make: {name: wide, image: a, namespace: kube-system}\n  - act: in shop\n  - act: in bank\n  - act: in shop\n  - act: in sim-k3x9\n',
  );
  expect(plan.outside.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? '-'}`)).toEqual(['Pod kube-system', 'ClusterRole -']);
  expect(plan.targets).toEqual(['bank', 'shop']);
  const permissions = permissionsOf(plan, resources);
  expect(permissions).toContainEqual({ verb: 'create', group: 'rbac.authorization.k8s.io', resource: 'clusterroles', cluster: true });
  expect(permissions).toContainEqual({ verb: 'watch', group: '', resource: 'pods', namespace: 'kube-system' });
  expect(permissions).toContainEqual({ verb: 'create', group: 'apps', resource: 'deployments' });
});

test('a permission for a role is one for the namespace of its pods', async () => {
  const inside = (await planOf('steps:\n  - act: with web\n')).permissions;
  expect(inside).toEqual([{ verb: 'create', group: '', resource: 'pods/exec' }]);
  const { permissions } = await planOf('steps:\n  - act: as shop\n  - act: with web\n  - act: with victim\n');
  expect(permissions).toEqual([
    { verb: 'create', group: '', resource: 'pods/exec' },
    { verb: 'create', group: '', resource: 'pods/exec', namespace: 'shop' },
    { verb: 'create', group: '', resource: 'pods/exec' },
  ]);
});

test('a chart that cannot be rendered fails the plan; an object that may not be created is told', async () => {
  await expect(planOf('steps:\n  - make: {name: broken}\n')).rejects.toMatchObject({ code: 'invalid' });
  const text = 'steps:\n  - make: {name: p, image: a, namespace: kube-system}\n';
  expect(planRefusals(await planOf(text), playbookOf(text), 'sim-k3x9', resources)).toContainEqual(
    expect.stringContaining('its namespace is kube-system, which needs `risk: high`'),
  );
});

test.for([
  ['an expression that fails', 'steps:\n  - {name: Divide, act: "${{ string(1 / 0) }}"}\n', /step "Divide": .*(zero|division)/],
  ['a body that does not fit when it is known', 'steps:\n  - {name: Type, act: "${{ 1 }}"}\n', /step "Type": act: .*must be text/],
] as const)('%s is told as a mistake of the playbook', async ([, text, words]) => {
  await expect(planOf(text)).rejects.toMatchObject({ code: 'invalid', message: expect.stringMatching(words) });
});
