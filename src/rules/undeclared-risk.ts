// An object that reaches beyond its run, in a playbook that promises not to.

import { allSteps } from '../language/step-tree.ts';
import { type Mapping, mapAt, textOf } from '../language/untyped.ts';
import { objectsOf } from './body.ts';
import { filesIn, objectsInText } from './files.ts';
import { reachOf } from './reach.ts';
import type { Rule, RuleFinding } from './rule.ts';

export const undeclaredRisk: Rule = {
  id: 'undeclared-risk',
  severity: 'error',
  security: true,
  summary: 'A playbook whose objects reach into a node, another namespace or the whole cluster declares `risk: high`.',
  why: `Who runs a playbook of low risk relies on it that nothing outside of the run's own namespace is touched; the run refuses such an object before it creates the first one.

Declare \`risk: high\` in \`metadata\`, so that a run asks for \`--allow-risk high\`, or do without: no privileged container, no \`hostPath\`, \`hostNetwork\`, \`hostPID\`, \`hostIPC\`, no added capability, no namespace of others, no kind that has no namespace. Charts are judged when they are rendered: \`sim plan\` and \`sim run\` do that.`,
  check(playbook, context) {
    if (playbook.metadata.risk === 'high') return [];
    const written = allSteps(playbook)
      .flatMap(objectsOf)
      .flatMap(({ path, value }) => findingsOf(value).map(({ path: inside, ...rest }) => ({ path: [...path, ...inside], ...rest })));
    const inFiles = filesIn(playbook, context).flatMap(({ path, kind, found }) =>
      kind === 'manifest' && found.kind === 'file'
        ? objectsInText(found.text)
            .flatMap(findingsOf)
            .map((each) => ({ ...each, path }))
        : [],
    );
    return [...written, ...inFiles];
  },
};

const findingsOf = (object: Mapping): RuleFinding[] =>
  reachOf(object).map(({ path, value }) => ({
    path,
    message: `${object.kind} ${nameOf(object)} ${value}, but the playbook's risk is low`,
    hint: 'declare `risk: high` in `metadata`, or do without it',
  }));

const nameOf = (object: Mapping): string => `\`${textOf(mapAt(object, 'metadata').name) || '(without a name)'}\``;
