// Types of inputs and variables, as expressions see them.
import { type Names, RUN_FACTS, typeOfTemplate } from './check-expression.ts';
import type { OutputType } from './definition.ts';
import { hasExpression, isOneExpression } from './template.ts';
import { isMap, type Mapping, mapAt } from './untyped.ts';

export const INPUT_TYPES: Readonly<Record<string, OutputType>> = {
  string: 'string',
  secret: 'string',
  enum: 'string',
  duration: 'string',
  integer: 'int',
  // 1.0 is an int when it is evaluated.
  number: 'dyn',
  boolean: 'bool',
};

export const inputTypes = (playbook: Mapping): Map<string, OutputType> =>
  new Map(
    Object.entries(mapAt(playbook, 'inputs')).map(([name, input]) => [
      name,
      (isMap(input) && typeof input.type === 'string' && INPUT_TYPES[input.type]) || 'dyn',
    ]),
  );

export const variableType = (text: unknown, names: Names): OutputType =>
  typeof text === 'string' && hasExpression(text) ? (typeOfTemplate(text, names) ?? (isOneExpression(text) ? 'dyn' : 'string')) : 'string';

export function variableTypes(playbook: Mapping, inputs: Map<string, OutputType>): Map<string, OutputType> {
  const above = new Map<string, OutputType>();
  for (const [name, text] of Object.entries(mapAt(playbook, 'variables')))
    above.set(name, variableType(text, { inputs, run: RUN_FACTS, variables: above }));
  return above;
}
