// Playbooks to make bad input of: ours, the step types' examples, and lint's fixtures, each with what its steps and references are.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { localCheckout } from '../../src/adapters/checkout.ts';
import { referencesOf } from '../../src/commands/references.ts';
import { locate } from '../../src/language/source.ts';
import { lint } from '../../src/rules/lint.ts';
import type { RuleContext } from '../../src/rules/rule.ts';
import { stepTypes } from '../../src/steps/index.ts';
import { stepTypes as fakeStepTypes } from '../fakes/step-types.ts';

export interface Seed {
  name: string;
  text: string;
  context: RuleContext;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const checkout = localCheckout(root);
const catalogue = readdirSync(join(root, 'alerts')).map((name) => name.replace('.yaml', ''));
const inFolder = (folder: string) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => ({ name: join(root, folder, name), text: readFileSync(join(root, folder, name), 'utf8') }));

const real = [
  ...['playbooks', 'playbooks/steps'].flatMap(inFolder),
  ...stepTypes.map(({ type, example }) => ({ name: join(root, 'playbooks', `${type}.yaml`), text: example })),
];
const fixtures = ['test/lint/ok', 'test/lint/err'].flatMap(inFolder);

const fakeContext: RuleContext = { steps: fakeStepTypes, catalogue: ['network-scanning-tool', 'web-shell-activity'] };

export const seeds: readonly Seed[] = [
  ...(await Promise.all(
    real.map(async (source) => ({
      ...source,
      context: { steps: stepTypes, catalogue, references: await referencesOf(source, stepTypes, checkout) },
    })),
  )),
  ...fixtures.map((source) => ({ ...source, context: fakeContext })),
];

/** What no message may hold: values of JavaScript, and traces of a fault. */
const FAULTS = /(?<![\w-])undefined(?![\w-])|\[object |\bNaN\b|Infinity|^\s*$|\bTypeError\b|\bRangeError\b|\n\s+at |\.ts:\d/;

/**
 * Lints bad input, and holds what must be true of every result: nothing is thrown, a playbook is there exactly when nothing is an error, and each
 * finding stands inside the text and can be printed. Returns the findings.
 */
export function lintBadInput(text: string, { name, context }: Pick<Seed, 'name' | 'context'>) {
  const source = { name, text };
  const { playbook, diagnostics } = lint(source, context);
  const isRefused = diagnostics.some(({ severity }) => severity === 'error');
  if ((playbook === undefined) !== isRefused) expect.fail(`${isRefused ? 'a playbook beside errors' : 'neither a playbook nor an error'}`);
  const lines = text.split('\n');
  const findings = locate(source, diagnostics);
  for (const { span } of diagnostics)
    if (!(0 <= span.start && span.start <= span.end && span.end <= text.length))
      expect.fail(`outside of the text: ${JSON.stringify(span)}`);
  for (const finding of findings) {
    const { rule, message, hint = 'none', line, column, endLine, endColumn, excerpt } = finding;
    const inText = line >= 1 && line <= endLine && endLine <= lines.length && column >= 1 && column <= (lines[line - 1] ?? '').length + 1;
    const inExcerpt = excerpt.start >= 0 && excerpt.length >= 1 && excerpt.start <= excerpt.text.length && !excerpt.text.includes('\n');
    const says = /^[a-z]+(-[a-z]+)*$/.test(rule) && !FAULTS.test(message) && !FAULTS.test(hint) && !/\.$/.test(message);
    if (!(inText && inExcerpt && says && endColumn >= 1)) expect.fail(`not to be printed: ${JSON.stringify(finding)}`);
  }
  return findings;
}
