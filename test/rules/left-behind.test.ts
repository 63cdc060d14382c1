import { expect, test } from 'vitest';
import { leftBehind } from '../../src/rules/left-behind.ts';
import { playbookOf } from '../fakes/step-types.ts';
import { findingsOf } from './findings.ts';

const pod = `  - install:
      manifests:
        - apiVersion: v1
          kind: Pod
          metadata: {name: a}
          spec: {containers: [{name: a, image: a, volumeMounts: [{name: n, mountPath: /host}]}], volumes: [{name: n, hostPath: {path: /}}]}
`;
const step = (script: string) => `  - command: {pod: p, argv: [sh, -c, ${JSON.stringify(script)}]}\n`;
const find = (script: string, last = '') =>
  findingsOf(leftBehind, playbookOf(pod + step(script)) + (last === '' ? '' : `finally:\n${step(last)}`)).map((line) =>
    line.replace(/^[\d:]+ warning: /, ''),
  );

test.each([
  ['kubectl create clusterrolebinding a --clusterrole=view', 'changes the whole cluster, and no `kubectl delete` in `finally` removes it'],
  [
    'kubectl -n kube-system run a --image=b',
    'leaves something in the namespace `kube-system`, and no `kubectl delete` in `finally` removes it',
  ],
  [
    'kubectl apply --namespace=default -f x',
    'leaves something in the namespace `default`, and no `kubectl delete` in `finally` removes it',
  ],
  ['kubectl cordon node-1', 'changes the whole cluster, and no `kubectl uncordon` in `finally` removes it'],
  ['echo a > /host/tmp/a', 'writes `/host/tmp/a` to the node, and no `rm` in `finally` removes it'],
  ['chroot /host touch /tmp/a', 'writes `/tmp/a` to the node, and no `rm` in `finally` removes it'],
])('%s', (script, message) => expect(find(script)).toEqual([expect.stringContaining(message)]));

test.each([
  'kubectl create configmap a',
  'kubectl run a --image=b -n ${{ run.namespace }}',
  'kubectl create ns a --dry-run=server',
  'kubectl get clusterrolebindings; kubectl auth can-i --list',
  'echo a > /tmp/a; touch /var/a',
  'cat /host/etc/hostname > /dev/null',
  'echo "kubectl create ns a"',
])('%s leaves nothing', (script) => expect(find(script)).toEqual([]));

test('the counterpart in `finally`, or behind it in the same script, is enough', () => {
  expect(find('kubectl create ns a', 'kubectl delete ns a')).toEqual([]);
  expect(find('kubectl create ns a', 'kubectl get ns')).toHaveLength(1);
  expect(find('kubectl create ns a; kubectl delete ns a')).toEqual([]);
  expect(find('echo a > /host/tmp/a', 'rm -f /host/tmp/a')).toEqual([]);
  expect(find('rm /host/tmp/a; echo a > /host/tmp/a')).toHaveLength(1);
});
