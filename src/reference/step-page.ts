// The page of a step type: its keys, what it yields, what it may have to be allowed, and its example.
import { load } from '../language/load.ts';
import type { Permission, StepDefinition } from '../steps/step.ts';
import { code, fields, list, type Page, section, table } from './page.ts';
import { demandsOf, fieldsOf } from './schema-words.ts';

/** `steps`: all step types, for the example may use others. */
export function stepPage(definition: StepDefinition, steps: readonly StepDefinition[]): Page {
  const { type, summary, schema, outputs, example, defaultTimeout } = definition;
  return {
    kind: 'step',
    name: type,
    summary,
    sections: [
      ...section('Keys', list(demandsOf(schema)), fields(fieldsOf(schema))),
      ...section(
        'Outputs',
        table(
          ['expression', 'type', 'what it is'],
          Object.entries(outputs).map(([name, output]) => [`\`steps.<id>.${name}\``, output.type, output.description]),
        ),
      ),
      ...section(
        'Time',
        list(definition.run === undefined ? [] : [`Stopped after ${seconds(defaultTimeout)} where no \`timeout\` is given.`]),
      ),
      ...section('Permissions', list(permissionsOf(definition, steps).map(permissionText))),
      ...section('Example', code(example)),
    ],
  };
}

const seconds = (milliseconds: number): string => `\`${milliseconds / 1000}s\``;

/** What the step asks for in its example; others of its kind may ask for more. */
function permissionsOf(definition: StepDefinition, steps: readonly StepDefinition[]): Permission[] {
  const { playbook } = load({ name: definition.type, text: definition.example }, steps);
  const own = [...(playbook?.steps ?? []), ...(playbook?.finally ?? [])].filter(({ type }) => type === definition.type);
  const all = own.flatMap(({ body }) => definition.permissions?.(body) ?? []);
  return [...new Map(all.map((each) => [permissionText(each), each])).values()];
}

/** As `kubectl auth can-i` writes it: "create pods/exec". */
function permissionText({ verb, group, resource, cluster, namespace }: Permission): string {
  const [plural = '', ...subresource] = resource.split('/');
  const name = [group === '' ? plural : `${plural}.${group}`, ...subresource].join('/');
  return `${verb} ${name}${cluster ? ' (in the whole cluster)' : namespace === undefined ? '' : ` (in ${namespace})`}`;
}
