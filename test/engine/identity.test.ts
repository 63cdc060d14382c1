import { expect, test } from 'vitest';
import { belongsTo, CREATION_ANNOTATION, namespaceObject, notOurs, runIdOf, runSelector } from '../../src/engine/identity.ts';

const ours = () => namespaceObject({ id: 'k3x9', playbook: 'web-shell' });

test('the namespace that a run makes is provably its own', () => {
  expect(notOurs(ours(), 'k3x9')).toBeUndefined();
  expect(runIdOf(ours().metadata.name ?? '')).toBe('k3x9');
  expect(runSelector('k3x9')).toBe('app.kubernetes.io/managed-by=kubesim,app.kubernetes.io/instance=k3x9');
});

test.for([
  ['another run', (it: ReturnType<typeof ours>) => it, 'abcd', /its name is not sim-abcd/],
  [
    'another name',
    (it: ReturnType<typeof ours>) => ({ ...it, metadata: { ...it.metadata, name: 'production' } }),
    'k3x9',
    /its name is not/,
  ],
  ['no labels', (it: ReturnType<typeof ours>) => ({ ...it, metadata: { ...it.metadata, labels: {} } }), 'k3x9', /its labels do not name/],
  [
    'labels alone, which anybody may set',
    (it: ReturnType<typeof ours>) => ({ ...it, metadata: { ...it.metadata, annotations: {} } }),
    'k3x9',
    new RegExp(`lacks the annotation ${CREATION_ANNOTATION}`),
  ],
] as const)('%s is not', ([, change, run, reason]) => {
  expect(notOurs(change(ours()), run)).toMatch(reason);
});

test.for(['production', 'sim-', 'sim-UPPER', 'sim-a/b', 'xsim-a'])('%s is no namespace of a run', (name) => {
  expect(runIdOf(name)).toBeUndefined();
});

test('an object belongs to the run that its labels name', () => {
  expect(belongsTo(ours(), 'k3x9')).toBe(true);
  expect(belongsTo(ours(), 'k3x')).toBe(false);
});
