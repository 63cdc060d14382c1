// A manifest that is missing, cannot be read, or holds what cannot be created.

import { allSteps } from '../language/step-tree.ts';
import { hasExpression } from '../language/template.ts';
import { isMap, type Mapping, mapAt, textOf } from '../language/untyped.ts';
import { objectsOf } from './body.ts';
import { documentsOf, filesIn } from './files.ts';
import type { Rule, RuleFinding } from './rule.ts';

export const invalidManifest: Rule = {
  id: 'invalid-manifest',
  severity: 'error',
  eachStep: true,
  summary: 'A manifest is there, and each of its documents is a Kubernetes object that a run can create and take away again.',
  why: `The run would end when it reaches the step, or the API server would refuse the object. A manifest holds YAML documents with \`apiVersion\`, \`kind\` and \`metadata.name\` (not \`generateName\`: what has no known name cannot be removed); its path starts at the playbook's folder.

Names are what Kubernetes takes: small letters, digits, \`-\` and \`.\`. CustomResourceDefinitions change the whole cluster, and are installed before a run.`,
  check(playbook, context) {
    const inFiles = filesIn(playbook, context).flatMap(({ path, file, kind, found }): RuleFinding[] => {
      if (kind !== 'manifest' || found.kind === 'outside') return [];
      if (found.kind === 'absent')
        return [{ path, message: `there is no manifest at \`${file}\``, hint: "the path starts at the playbook's folder" }];
      if (found.kind === 'folder') return [{ path, message: `\`${file}\` is a folder`, hint: 'name each of its files' }];
      return problemsOf(found.text).map((problem) => ({ path, message: `in \`${file}\`, ${problem}` }));
    });
    // Only what a type takes as manifests is created as it stands.
    const taking = context.steps.filter(({ references }) => references !== undefined).map(({ type }) => type);
    const written = allSteps(playbook)
      .filter(({ type }) => taking.includes(type))
      .flatMap(objectsOf)
      .flatMap(({ path, value }) => objectProblems(value).map((message) => ({ path, message })));
    return [...inFiles, ...written];
  },
};

const MOST = 20;

function problemsOf(text: string): string[] {
  const { documents, problem } = documentsOf(text);
  if (problem !== undefined) return [`the YAML cannot be read: ${problem}`];
  if (documents.length === 0) return ['there is no object'];
  return documents.flatMap((document) => (isMap(document) ? documentProblems(document) : ['a document is no map'])).slice(0, MOST);
}

function documentProblems(document: Mapping): string[] {
  const missing = ['apiVersion', 'kind'].filter((key) => typeof document[key] !== 'string');
  if (missing.length > 0) return [`a document is no Kubernetes object: it has no ${missing.map((key) => `\`${key}\``).join(' and no ')}`];
  return objectProblems(document);
}

/** Names of RBAC objects may hold nearly anything: `system:node`. */
const FREE_NAMES = /^rbac\.authorization\.k8s\.io\//;
const NAME = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;

function objectProblems(object: Mapping): string[] {
  const { name, generateName } = mapAt(object, 'metadata');
  const kind = textOf(object.kind);
  if (kind === 'CustomResourceDefinition') return [`a ${kind} would change the whole cluster`];
  if (kind === 'List') return [];
  if (name === undefined || name === '')
    return [
      `a ${kind} has no \`metadata.name\`${generateName === undefined ? '' : ': `generateName` is not enough, as what is created must be found again'}`,
    ];
  if (typeof name !== 'string') return [`the name of a ${kind} is no text: put \`${textOf(name).slice(0, 60)}\` in quotes`];
  if (hasExpression(name) || NAME.test(name) || FREE_NAMES.test(textOf(object.apiVersion))) return [];
  return [`the ${kind} has the name \`${name.slice(0, 80)}\`, which Kubernetes does not take: small letters, digits, \`-\` and \`.\``];
}
