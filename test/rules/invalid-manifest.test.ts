import { expect, test } from 'vitest';
import type { Referenced } from '../../src/language/references.ts';
import { invalidManifest } from '../../src/rules/invalid-manifest.ts';
import { playbookOf } from '../fakes/step-types.ts';
import { findingsOf } from './findings.ts';

const find = (manifest: string, found?: Referenced) =>
  findingsOf(invalidManifest, playbookOf(`  - install: {manifests: [${manifest}]}\n`), {
    references: new Map(found === undefined ? [] : [['a.yaml', found]]),
  }).map((line) => line.replace('5:27: error: ', ''));
const inFile = (text: string) => find('./a.yaml', { kind: 'file', text });

test.each([
  ['kind: [', 'in `./a.yaml`, the YAML cannot be read: '],
  ['', 'in `./a.yaml`, there is no object'],
  ['- 1', 'in `./a.yaml`, a document is no map'],
  ['replicas: 3', 'in `./a.yaml`, a document is no Kubernetes object: it has no `apiVersion` and no `kind`'],
  ['apiVersion: v1\nkind: 3', 'in `./a.yaml`, a document is no Kubernetes object: it has no `kind`'],
  ['apiVersion: v1\nkind: Pod', 'in `./a.yaml`, a Pod has no `metadata.name`'],
  ['apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: Pod}]', 'in `./a.yaml`, a Pod has no `metadata.name`'],
])('a file with %j', (text, message) => expect(inFile(text)).toEqual([expect.stringContaining(message)]));

test('every document of a file is looked at, and a good one is silent', () => {
  const good = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n';
  expect(inFile(`${good}---\n${good}`)).toEqual([]);
  expect(inFile(`${good}---\na: 1\n---\n${good}---\n- 1\n`)).toHaveLength(2);
});

test('a path with nothing, or a folder, behind it', () => {
  expect(find('./a.yaml', { kind: 'absent' })).toEqual(['there is no manifest at `./a.yaml`']);
  expect(find('./a.yaml', { kind: 'folder', names: [] })).toEqual(['`./a.yaml` is a folder']);
  expect(find('./a.yaml')).toEqual([]);
});

test.each([
  ['{apiVersion: v1, kind: Pod, metadata: {name: My_Pod}}', 'the Pod has the name `My_Pod`'],
  ['{apiVersion: v1, kind: Pod, metadata: {name: -a}}', 'the Pod has the name `-a`'],
  ['{apiVersion: v1, kind: Pod, metadata: {name: 12}}', 'the name of a Pod is no text: put `12` in quotes'],
  ['{apiVersion: v1, kind: Pod, metadata: {generateName: a-}}', 'a Pod has no `metadata.name`: `generateName` is not enough'],
  [
    '{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: a.b}}',
    'a CustomResourceDefinition would change',
  ],
])('%s', (object, message) => expect(find(object)).toEqual([expect.stringContaining(message)]));

test.each([
  '{apiVersion: v1, kind: Pod, metadata: {name: a.b-1}}',
  '{apiVersion: v1, kind: Pod, metadata: {name: "a${{ 1 }}"}}',
  '{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: "system:A"}}',
])('%s is fine', (object) => expect(find(object)).toEqual([]));
