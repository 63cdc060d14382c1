// Findings of the language itself and of reading a file: what makes a playbook unable to run. They are errors, whatever anybody configures.
import type { RuleInfo } from '../language/rule-info.ts';

const rule = (id: string, summary: string, why: string): RuleInfo => ({ id, severity: 'error', summary, why });

export const languageRules: readonly RuleInfo[] = [
  rule('yaml-syntax', 'A playbook is one document of YAML 1.2.', 'Nothing else can be said of a file before it can be read.'),
  rule(
    'yaml-alias',
    'An alias names an anchor that stands above it.',
    'Put a value that begins with `*` or `&` in quotes where it is meant as text.',
  ),
  rule('merge-key', 'Merge keys (`<<`) are not part of YAML 1.2.', 'Write the keys out, or use `variables`.'),
  rule('duplicate-key', 'A key stands only once in a map.', 'Of two values the first would be lost without a word.'),
  rule(
    'unknown-key',
    'Every key has a meaning at its place.',
    'A misspelt key would be ignored, and the playbook would do something else.',
  ),
  rule('missing-key', 'A required key is there.', 'Without it nobody knows what to do.'),
  rule(
    'wrong-type',
    'A value is of the type that its key needs.',
    'Text that looks like a number is still text; a single value is no list.',
  ),
  rule('wrong-value', 'A value is one of those that its key allows.', 'The message says which are.'),
  rule('step-type', 'A step does exactly one thing: one key names its type.', 'Make two steps of one that does two things.'),
  rule('invalid-expression', 'An expression is valid CEL, and stands where it is evaluated.', 'It would fail in the middle of a run.'),
  rule('undefined-reference', 'An expression names only what exists at its place.', 'It would fail in the middle of a run.'),
];
