// The formats of playbooks' schemas, beside those of JSON Schema.
import { parseDuration } from './duration.ts';
import { patternProblem } from './regex.ts';
import { hasExpression } from './template.ts';

export const formats: Readonly<Record<string, (text: string) => boolean>> = {
  'kubesim-duration': (text) => parseDuration(text) !== undefined,
  // An expression is no pattern yet; where none may stand, that is what is told. To load the engine for it would be most of a start.
  'kubesim-regex': (text) => hasExpression(text) || patternProblem(text) === undefined,
};
