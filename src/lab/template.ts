// Configuration files of lab/, with `{{name}}` where this machine's values go.
import { Failure } from '../ports/failure.ts';

/** The text with every `{{name}}` replaced. Throws Failure internal for a name that has no value. */
export function fillTemplate(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) throw new Failure('internal', `a template of the lab names {{${name}}}, which has no value`);
    return value;
  });
}
