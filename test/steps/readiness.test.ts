// Which status means ready, and which means never.
import { expect, test } from 'vitest';
import type { KubernetesObject } from '../../src/ports/cluster.ts';
import { problemOf, readinessOf } from '../../src/steps/readiness.ts';

const object = (kind: string, status: object, spec: object = {}, generation?: number): KubernetesObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'x', ...(generation === undefined ? {} : { generation }) },
  spec,
  status,
});
const isTrue = (type: string) => ({ conditions: [{ type, status: 'True' }] });
const waiting = (reason: string, message = 'm') => ({ containerStatuses: [{ name: 'c', state: { waiting: { reason, message } } }] });
const ended = (exitCode: number, reason?: string) => ({ containerStatuses: [{ name: 'c', state: { terminated: { exitCode, reason } } }] });

test.each([
  ['Pod', { phase: 'Running', ...isTrue('Ready') }, {}, undefined, true],
  ['Pod', { phase: 'Running' }, {}, undefined, false],
  ['Pod', { phase: 'Succeeded' }, { restartPolicy: 'Never' }, undefined, true],
  ['Deployment', { readyReplicas: 2, observedGeneration: 1 }, { replicas: 2 }, 1, true],
  ['Deployment', { readyReplicas: 1, observedGeneration: 1 }, { replicas: 2 }, 1, false],
  ['Deployment', { readyReplicas: 2 }, { replicas: 2 }, 1, false],
  ['Deployment', {}, { replicas: 0 }, undefined, true],
  ['StatefulSet', { readyReplicas: 1 }, {}, undefined, true],
  ['ReplicaSet', {}, {}, undefined, false],
  ['DaemonSet', { desiredNumberScheduled: 2, numberReady: 2, observedGeneration: 1 }, {}, 1, true],
  ['DaemonSet', { desiredNumberScheduled: 0, numberReady: 0 }, {}, 1, false],
  ['DaemonSet', {}, {}, undefined, false],
  ['Job', { ready: 1 }, {}, undefined, true],
  ['Job', { succeeded: 1, ready: 1 }, { parallelism: 2, completions: 5 }, undefined, true],
  ['Job', { active: 1 }, {}, undefined, false],
  ['Job', isTrue('Complete'), { completions: 3 }, undefined, true],
])('%s with %j of %j, generation %s: ready %s', (kind, status, spec, generation, isReady) => {
  expect(readinessOf(object(kind, status, spec, generation))?.isReady).toBe(isReady);
});

test('other kinds are ready once they exist', () => expect(readinessOf(object('ConfigMap', {}))).toBeUndefined());

test.each([
  [waiting('ErrImagePull'), {}, false, { reason: 'ErrImagePull', message: 'm' }],
  [waiting('InvalidImageName'), {}, true, { reason: 'InvalidImageName', message: 'm' }],
  [waiting('CreateContainerConfigError'), {}, false, { reason: 'CreateContainerConfigError', message: 'm' }],
  [waiting('CrashLoopBackOff'), {}, false, { reason: 'CrashLoopBackOff', message: 'm' }],
  [waiting('CrashLoopBackOff'), {}, true, undefined],
  [waiting('ContainerCreating'), {}, false, undefined],
  [{ initContainerStatuses: waiting('ImagePullBackOff').containerStatuses }, {}, false, { reason: 'ImagePullBackOff', message: 'm' }],
  [ended(1, 'OOMKilled'), { restartPolicy: 'Never' }, false, { reason: 'OOMKilled', message: 'container c ended with exit code 1' }],
  [ended(1), { restartPolicy: 'Never' }, true, undefined],
  [ended(0), { restartPolicy: 'Never' }, false, undefined],
  [ended(1), {}, false, undefined],
  [{ phase: 'Failed', reason: 'Evicted', message: 'no disk' }, {}, false, { reason: 'Evicted', message: 'no disk' }],
  [{ phase: 'Failed' }, {}, true, undefined],
])('a pod with %j of %j, retried: %s', (status, spec, retried, problem) => {
  expect(problemOf(object('Pod', status, spec), { retried })).toEqual(problem);
});
