// The operator's configuration: --config, SIM_CONFIG, else the user's own folder. A checkout has no say in it.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { sourceTypes } from '../adapters/alert-sources/index.ts';
import type { CommonSettings, SourceType } from '../adapters/alert-sources/source-type.ts';
import { readOperatorFile } from '../adapters/operator-file.ts';
import { ExpressionError, parseCel } from '../language/cel.ts';
import type { Diagnostic } from '../language/diagnostic.ts';
import { type Located, readYaml } from '../language/located.ts';
import type { Path } from '../language/playbook.ts';
import { checkSchema, type SchemaProblem } from '../language/schema-check.ts';
import { locate } from '../language/source.ts';
import { lintText } from '../reporters/lint/text.ts';
import { frameSchema, inlineSecrets, sourceSchema } from './configuration-schema.ts';
import { decoded, LARGEST_FILE } from './read-source.ts';
import { UsageError } from './usage-error.ts';

export interface ConfiguredSource {
  type: SourceType;
  /** Passed by the schema of its type: `type.create` takes them. */
  settings: CommonSettings;
}

export interface Configuration {
  /** Where it stands; absent where there is none. */
  file?: string;
  alertSources: ConfiguredSource[];
}

/** The file that would be read. */
export function configurationFile(pinned: string | undefined, env: Readonly<Record<string, string | undefined>>): string {
  return pinned ?? (env.SIM_CONFIG || join(env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config'), 'kubesim', 'config.yaml'));
}

/**
 * Reads the configuration. One that is not there is empty, but for one that was named. Throws UsageError with the findings where it says
 * something wrong, Failure configuration where it is not the operator's alone to write.
 */
export async function readConfiguration(
  pinned: string | undefined,
  { env, colour }: { env: Readonly<Record<string, string | undefined>>; colour: boolean },
  types: readonly SourceType[] = sourceTypes,
): Promise<Configuration> {
  const file = configurationFile(pinned, env);
  const bytes = await readOperatorFile(file, LARGEST_FILE);
  if (bytes === undefined) {
    if (pinned === undefined && !env.SIM_CONFIG) return { alertSources: [] };
    throw new UsageError(`there is no configuration ${file}`, { hint: pinned === undefined ? 'SIM_CONFIG names it' : '--config names it' });
  }
  const { source, problem } = decoded(file, bytes);
  const { alertSources, diagnostics, secrets } =
    problem === undefined ? parseConfiguration(source.text, types) : { alertSources: [], diagnostics: [problem], secrets: [] };
  if (diagnostics.length === 0) return { file, alertSources };
  // What should not stand in a file should not stand in the log of a CI job either.
  const shown = secrets.reduce((text, { start, end }) => text.slice(0, start) + '*'.repeat(end - start) + text.slice(end), source.text);
  const findings = lintText({ findings: locate({ ...source, text: shown }, diagnostics), colour });
  throw new UsageError(`the configuration ${file} is not valid`, { findings });
}

/** The text as sources, or what is wrong with it; `secrets`: where some stand that should not. */
export function parseConfiguration(
  text: string,
  types: readonly SourceType[],
): { alertSources: ConfiguredSource[]; diagnostics: Diagnostic[]; secrets: Diagnostic['span'][] } {
  const { located, diagnostics } = readYaml(text);
  if (located === undefined) return { alertSources: [], diagnostics, secrets: [] };
  const frame = checkSchema(frameSchema(types), located.value, { name: 'the configuration', expressions: false });
  const found = frame.problems.map((problem) => diagnosticOf(problem, located));
  const { alertSources = [] } = (located.value ?? {}) as { alertSources?: unknown };
  const entries = (Array.isArray(alertSources) ? alertSources : []) as CommonSettings[];
  const secrets: Diagnostic['span'][] = [];
  const sources = entries.flatMap((settings, index): ConfiguredSource[] => {
    const type = types.find(({ type }) => type === (settings as { type?: unknown } | null)?.type);
    if (type === undefined) return [];
    const base = ['alertSources', index];
    const schema = sourceSchema(type);
    const inline = inlineSecrets(schema, settings);
    secrets.push(...inline.map((path) => located.spanOf([...base, ...path])));
    const { problems, places } = checkSchema(schema, settings, { name: `the source \`${type.type}\``, expressions: false });
    const own = problems
      .filter(({ path }) => !inline.some((secret) => secret.every((part, at) => part === path[at])))
      .map((problem) => diagnosticOf({ ...problem, path: [...base, ...problem.path] }, located));
    found.push(...own, ...inline.map((path) => inlineSecret([...base, ...path], located)));
    if (own.length + inline.length > 0) return [];
    found.push(...places.flatMap(({ path }) => celProblem([...base, ...path], located)));
    for (const { path, message, hint } of type.problems?.(settings) ?? [])
      found.push(diagnosticOf({ rule: 'wrong-value', path: [...base, ...path], key: false, message, ...(hint ? { hint } : {}) }, located));
    return [{ type, settings }];
  });
  for (const [index, { name }] of entries.entries())
    if (typeof name === 'string' && entries.findIndex((each) => each?.name === name) < index)
      found.push({
        rule: 'duplicate-id',
        severity: 'error',
        message: `another source is called \`${name}\``,
        span: located.spanOf(['alertSources', index, 'name']),
      });
  return { alertSources: sources, diagnostics: unique(found), secrets };
}

function diagnosticOf({ rule, path, key, message, hint }: SchemaProblem, located: Located): Diagnostic {
  const span = key ? located.keySpanOf(path) : located.spanOf(path);
  return { rule, severity: 'error', message, span, ...(hint === undefined ? {} : { hint }) };
}

function inlineSecret(path: Path, located: Located): Diagnostic {
  const key = String(path.at(-1));
  return {
    rule: 'plain-secret',
    severity: 'error',
    message: `\`${key}\` is a secret, and a configuration holds none`,
    hint: `write \`${key}: {fromEnv: NAME}\` or \`${key}: {fromFile: PATH}\`, and replace a secret that stood in a file`,
    span: located.keySpanOf(path),
  };
}

function celProblem(path: Path, located: Located): Diagnostic[] {
  const expression = path.reduce<unknown>((value, part) => (value as Record<string | number, unknown>)[part], located.value);
  try {
    parseCel(String(expression));
    return [];
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    const { message, start, end, hint } = error;
    const span = located.spanWithin(path, start, end);
    return [{ rule: 'invalid-expression', severity: 'error', message, span, ...(hint === undefined ? {} : { hint }) }];
  }
}

/** The frame and the type may find the same. */
const unique = (found: readonly Diagnostic[]): Diagnostic[] => [
  ...new Map(found.map((each) => [`${each.span.start} ${each.rule} ${each.message}`, each])).values(),
];
