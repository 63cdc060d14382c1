// What a step expects of its effect: each matcher with its place, and the type of what it judges.
import type { OutputType } from '../language/definition.ts';
import { matcherSchema } from '../language/matcher.ts';
import type { Path, Step } from '../language/playbook.ts';
import { entriesOf, type Mapping, mapAt } from '../language/untyped.ts';
import type { RuleContext } from './rule.ts';

/** One matcher of an effect check. */
export interface Expected {
  path: Path;
  name: string;
  matcher: unknown;
  /** Type of what is judged, where it is known. */
  type?: OutputType | undefined;
}

const isMatcher = (schema: Mapping): boolean => schema.anyOf === matcherSchema.anyOf;

/** The matchers in the `expect` of a step's body; one that has the name of an output judges that output. */
export function matchersOf({ path, type, body }: Step, { steps }: RuleContext): Expected[] {
  const definition = steps.find((each) => each.type === type);
  const schemas = mapAt(mapAt(mapAt(definition?.schema, 'properties'), 'expect'), 'properties');
  return entriesOf(mapAt(body, 'expect')).flatMap(([key, matcher]): Expected[] => {
    const name = String(key);
    const at = [...path, type, 'expect', name];
    if (isMatcher(mapAt(schemas, name))) return [{ path: at, name, matcher, type: definition?.outputs[name]?.type }];
    if (!isMatcher(mapAt(mapAt(schemas, name), 'additionalProperties'))) return [];
    return entriesOf(matcher).map(([inside, each]) => ({ path: [...at, inside], name: String(inside), matcher: each }));
  });
}
