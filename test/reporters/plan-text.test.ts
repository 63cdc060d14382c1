import { expect, test } from 'vitest';
import type { Plan } from '../../src/engine/plan.ts';
import type { Playbook } from '../../src/language/playbook.ts';
import { colours } from '../../src/reporters/format.ts';
import { planText } from '../../src/reporters/plan-text.ts';

const playbook = (risk: 'low' | 'high') => ({ metadata: { name: 'a', title: 'A playbook', risk } }) as Playbook;
const plan: Plan = { objects: [], images: [], steps: [], permissions: [], expectations: [], outside: [], targets: [] };
const textOf = (risk: 'low' | 'high', change: Partial<Plan>) =>
  planText(playbook(risk), { ...plan, ...change }, 'sim-k3x9', new Map(), colours(false));

test('a high risk is told, with each object outside of the namespace and whose pods are attacked', () => {
  const outside = [
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: { name: 'sim-k3x9-admin' } },
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'sim-k3x9-a\u001b[2J', namespace: 'kube-system' } },
  ];
  expect(textOf('high', { outside, targets: ['bank', 'shop'] }).split('\n')).toEqual([
    'A playbook risk: high',
    '  creates  Namespace sim-k3x9',
    '  outside  ClusterRoleBinding sim-k3x9-admin',
    '           Pod sim-k3x9-a\uFFFD[2J in kube-system',
    '  attacks  pods of bank that exist already',
    '           pods of shop that exist already',
    '',
  ]);
});

test('what keeps to its namespace has no such lines', () => {
  expect(textOf('low', {})).toBe('A playbook\n  creates  Namespace sim-k3x9\n');
});
