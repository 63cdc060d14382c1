// What people are told of the findings that the language itself makes, before any rule is applied: a page for each id.
import type { RuleInfo } from '../language/rule-info.ts';

/** The ids that stand in diagnostics of src/language/; a test holds that none is missing. */
export const languageRules: readonly RuleInfo[] = [
  {
    id: 'yaml-syntax',
    severity: 'error',
    summary: 'A playbook is one document of YAML 1.2, indented with spaces, at most 1 MiB in size.',
    why: `What is not YAML cannot be read at all, so that nothing else is checked until it is mended. The usual causes: a tab in the indentation, a value that begins with \`*\`, \`&\`, \`@\`, \`%\` or a backtick and is not in quotes, a \`: \` inside a text, a list item that is indented less than the one above.

Tags (\`!!binary\`), a second document and \`%YAML 1.1\` are refused as well: each would mean something else to the next reader.`,
  },
  {
    id: 'yaml-alias',
    severity: 'error',
    summary: 'An alias `*name` has its anchor `&name` above it, and does not contain itself.',
    why: `An alias repeats the value that its anchor marks. Mostly none is meant: an unquoted \`*.yaml\` or \`*\` is an alias to YAML.

Put the value in quotes where the asterisk is text.`,
  },
  {
    id: 'merge-key',
    severity: 'error',
    summary: 'The merge key `<<` does not exist in YAML 1.2.',
    why: `YAML 1.2 has no merge keys; some readers still obey them, others take \`<<\` for a key like any other, and the same file means two things.

Write the keys out, or put what is repeated into \`variables\`.`,
  },
  {
    id: 'duplicate-key',
    severity: 'error',
    summary: 'A key stands once in its map.',
    why: `Of two values under one key only one counts, and readers differ in which: the step that you see may not be the one that runs.

Keep one of them; two steps of a list each need a \`-\` of their own.`,
  },
  {
    id: 'unknown-key',
    severity: 'error',
    summary: 'Every key is one that the language, or the type of the step, knows.',
    why: `A key that nobody reads has no effect: a misspelt \`timeuot\` or \`exepct\` would leave the step without a limit, or without proof of its effect, and nobody would notice.

The finding lists what is allowed at the place.`,
  },
  {
    id: 'missing-key',
    severity: 'error',
    summary: 'Every key that must be there is there.',
    why: `Without it the step cannot be carried out. The finding names the map and the key; some keys are only needed beside another one, and of some exactly one must be chosen.`,
  },
  {
    id: 'wrong-type',
    severity: 'error',
    summary: 'A value is of the type that its key takes: text, a number, `true` or `false`, a list, a map.',
    why: `YAML decides the type by how a value is written: \`"443"\` is text and \`443\` a number, \`yes\` is text, \`1.10\` is the number 1.1. A duration is text with a unit: \`90s\`, not \`90\`.

A value that is one expression (\`\${{ inputs.port }}\`) keeps the type that the expression gives, and is checked again when the step runs.`,
  },
  {
    id: 'wrong-value',
    severity: 'error',
    summary: 'A value is one of those that its key takes.',
    why: `The run would refuse it, or the cluster would. The finding says what was allowed: the words to choose from, the form, the smallest and the largest value. Regular expressions are those of RE2, which has no backreferences and no lookaround.`,
  },
  {
    id: 'step-type',
    severity: 'error',
    summary: 'A step has exactly one key that names its type.',
    why: `A step does one thing. With none of the types' keys it would do nothing; with two the order would be anybody's guess.

Make two steps of it, each with a \`-\` of its own.`,
  },
  {
    id: 'invalid-expression',
    severity: 'error',
    summary: 'An expression is CEL that can be read, its types fit, and it stands where expressions are evaluated.',
    why: `The run would stop at it. In texts an expression stands in \`\${{ }}\`; \`when\`, \`until\`, \`where\` and \`cel\` are expressions already and take none. \`metadata\`, \`inputs\`, ids and names are known before anything is evaluated, and take none either.

CEL does not convert by itself: \`string(8080)\`, \`int("8080")\`. A text in CEL needs its own quotes, other ones than those of YAML around it.`,
  },
  {
    id: 'undefined-reference',
    severity: 'error',
    summary: 'Expressions read only what exists at that place: inputs, variables, facts of the run, and outputs of steps before.',
    why: `The run would stop there, or a condition would silently be false. A step's outputs exist after it has run; variables are known before the first step, and may read those above them; what is created or contacted may read inputs alone, so that \`sim plan\` is exact.

The finding lists the names that there are, and the one that was probably meant.`,
  },
  {
    id: 'used-file',
    severity: 'error',
    summary: 'A file that a step uses is there, can be read, has no error of its own, and is not used by itself in a circle.',
    why: `The steps of that file are steps of this run: where they cannot be had, nothing can be run. The path starts at the folder of the file that names it, and stays in the checkout; \`sim lint\` of the other file shows what is wrong in it.

A file that declares \`risk: high\` is only used by a playbook that does so, too.`,
  },
];
