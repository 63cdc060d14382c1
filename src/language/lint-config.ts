// `.sim-lint.yaml`: how grave rules count, which files are left out, and where to look. Checked like a playbook, with places.
import type { JsonSchema } from './definition.ts';
import type { Diagnostic, Severity } from './diagnostic.ts';
import { invalidConfiguration } from './file-rules.ts';
import { globProblem } from './glob.ts';
import { readYaml } from './located.ts';
import type { KnownRules } from './policy.ts';
import { checkSchema } from './schema-check.ts';

export interface LintConfig {
  severities: ReadonlyMap<string, Severity | 'off'>;
  /** Globs of files that are not linted unless they are named. */
  ignore: readonly string[];
  /** What is linted where the command names nothing; empty: not said. */
  paths: readonly string[];
  /** Whether comments may switch off security rules. */
  inlineSecurity: boolean;
}

export const emptyConfig: LintConfig = { severities: new Map(), ignore: [], paths: [], inlineSecurity: false };

const RANK: Readonly<Record<Severity | 'off', number>> = { off: 0, info: 1, warning: 2, error: 3 };

/**
 * Reads a configuration. What is wrong with it comes back as diagnostics, and what may not be said in it is left out. Only a `pinned` one, which
 * the operator chose and no pull request can change, may lower security rules.
 */
export function readLintConfig(text: string, known: KnownRules, pinned: boolean): { config: LintConfig; diagnostics: Diagnostic[] } {
  const { located, diagnostics } = readYaml(text);
  if (located === undefined) return { config: emptyConfig, diagnostics };
  const { problems } = checkSchema(configSchema(known), located.value, { name: 'the configuration', expressions: false });
  if (problems.length > 0) {
    const found = problems.map(({ rule, path, key, message, hint }): Diagnostic => {
      const span = key ? located.keySpanOf(path) : located.spanOf(path);
      return { rule, severity: 'error', message, span, ...(hint === undefined ? {} : { hint }) };
    });
    return { config: emptyConfig, diagnostics: found };
  }
  const { rules = {}, ignore = [], paths = [], inlineSecurity = false } = located.value as Document;
  const refuse = (path: (string | number)[], message: string, hint?: string) =>
    void diagnostics.push({
      rule: invalidConfiguration.id,
      severity: invalidConfiguration.severity,
      message,
      span: located.keySpanOf(path),
      ...(hint === undefined ? {} : { hint }),
    });
  const severities = Object.entries(rules).filter(([id, severity]) => {
    const rule = known.rules.get(id);
    if (rule === undefined) refuse(['rules', id], `\`${id}\` makes a playbook unable to run: it is always an error`);
    else if (!rule.security || pinned || RANK[severity] >= RANK[rule.severity]) return true;
    else refuse(['rules', id], `\`${id}\` protects who runs the playbook and cannot be lowered here`, PIN);
    return false;
  });
  if (inlineSecurity && !pinned) refuse(['inlineSecurity'], 'comments cannot be allowed here to switch off security rules', PIN);
  const globs = ignore.filter((glob, index) => {
    const problem = globProblem(glob);
    if (problem !== undefined) refuse(['ignore', index], `\`${glob.slice(0, 60)}\` ${problem}`);
    return problem === undefined;
  });
  return { config: { severities: new Map(severities), ignore: globs, paths, inlineSecurity: inlineSecurity && pinned }, diagnostics };
}

const PIN = 'only a configuration that is pinned with --config may do that';

interface Document {
  rules?: Record<string, Severity | 'off'>;
  ignore?: string[];
  paths?: string[];
  inlineSecurity?: boolean;
}

const schemas = new WeakMap<KnownRules, JsonSchema>();

function configSchema(known: KnownRules): JsonSchema {
  const made = schemas.get(known);
  if (made !== undefined) return made;
  const texts = { type: 'array', minItems: 1, items: { type: 'string', minLength: 1 } } as const;
  const ids = [...known.rules.keys(), ...known.locked];
  const schema: JsonSchema = {
    type: 'object',
    additionalProperties: false,
    properties: {
      rules: {
        type: 'object',
        additionalProperties: false,
        properties: Object.fromEntries(ids.map((id) => [id, { enum: ['error', 'warning', 'info', 'off'] }])),
        description: 'How grave the findings of a rule count; `off`: they are not told.',
      },
      ignore: { ...texts, description: "Globs of files that are left out, from this file's folder." },
      paths: { ...texts, description: "What `sim lint` checks where it is given no path, from this file's folder." },
      inlineSecurity: { type: 'boolean', description: 'Whether comments may switch off security rules.' },
    },
  };
  schemas.set(known, schema);
  return schema;
}
