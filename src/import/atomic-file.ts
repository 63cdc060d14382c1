// A file of atomic-red-team: its format, and what is wrong with one. The format is that of the repository's atomic_red_team/models.py.
import { locateProblem } from '../language/check-places.ts';
import type { JsonSchema } from '../language/definition.ts';
import type { Diagnostic } from '../language/diagnostic.ts';
import { type Located, readYaml } from '../language/located.ts';
import type { Path } from '../language/playbook.ts';
import { checkSchema } from '../language/schema-check.ts';
import { isMap, listAt } from '../language/untyped.ts';

export interface AtomicArgument {
  description?: string | null;
  type?: string | null;
  default?: string | number | boolean | null;
}

export interface AtomicDependency {
  description?: string;
  prereq_command: string;
  get_prereq_command?: string | null;
}

export interface AtomicTest {
  name: string;
  auto_generated_guid?: string;
  description?: string;
  supported_platforms: string[];
  input_arguments?: Record<string, AtomicArgument> | null;
  dependency_executor_name?: string | null;
  dependencies?: AtomicDependency[] | null;
  executor: { name: string; command?: string | null; cleanup_command?: string | null; elevation_required?: boolean | null };
}

/** A test with its technique and its number in the file, from 1. */
export interface NumberedTest {
  technique: string;
  number: number;
  test: AtomicTest;
}

export interface AtomicFile {
  /** The tests that are as the format asks. */
  tests: NumberedTest[];
  /** The others, with what is wrong; `name` as far as there is one. */
  invalid: { number: number; name: string; guid?: string; diagnostics: Diagnostic[] }[];
}

const text = { type: 'string', minLength: 1 } as const;
const optional = { type: ['string', 'null'] } as const;

const testSchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'supported_platforms', 'executor'],
  properties: {
    name: { ...text, maxLength: 500 },
    auto_generated_guid: text,
    test_number: optional,
    description: optional,
    supported_platforms: { type: 'array', minItems: 1, maxItems: 50, items: text },
    input_arguments: {
      type: ['object', 'null'],
      maxProperties: 100,
      propertyNames: { type: 'string', pattern: '^[\\w-]{1,100}$', 'x-says': 'must hold only letters, digits, `_` and `-`' },
      additionalProperties: {
        type: 'object',
        additionalProperties: false,
        properties: { description: optional, type: optional, default: { type: ['string', 'number', 'boolean', 'null'] } },
      },
    },
    dependency_executor_name: optional,
    dependencies: {
      type: ['array', 'null'],
      maxItems: 100,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['prereq_command'],
        properties: { description: optional, prereq_command: text, get_prereq_command: optional },
      },
    },
    executor: {
      type: 'object',
      additionalProperties: false,
      required: ['name'],
      properties: {
        name: text,
        command: optional,
        cleanup_command: optional,
        elevation_required: { type: ['boolean', 'null'] },
        steps: optional,
      },
    },
  },
};

const fileSchema: JsonSchema = {
  type: 'object',
  required: ['attack_technique', 'atomic_tests'],
  properties: {
    attack_technique: { type: 'string', pattern: '^T\\d{4}(\\.\\d{3})?$', 'x-says': 'must be an ATT&CK technique such as `T1087.001`' },
    display_name: { type: 'string' },
    atomic_tests: { type: 'array', minItems: 1, maxItems: 500 },
  },
};

/** Reads a file of atomic tests. `file` is absent where the file as a whole is none; diagnostics then say why. Never throws. */
export function readAtomicFile(content: string): { file?: AtomicFile; diagnostics: Diagnostic[] } {
  const { located, diagnostics } = readYaml(content);
  if (located === undefined) return { diagnostics };
  const found = problemsAt(located, [], fileSchema, 'the file');
  if (found.length > 0) return { diagnostics: found };
  const technique = (located.value as { attack_technique: string }).attack_technique;
  const file: AtomicFile = { tests: [], invalid: [] };
  for (const [index, test] of listAt(located.value, 'atomic_tests').entries()) {
    const number = index + 1;
    const problems = problemsAt(located, ['atomic_tests', index], testSchema, 'the test', test);
    if (problems.length === 0) file.tests.push({ technique, number, test: test as AtomicTest });
    else file.invalid.push({ number, ...namesOf(test), diagnostics: problems });
  }
  return { file, diagnostics: [] };
}

function namesOf(test: unknown): { name: string; guid?: string } {
  const { name, auto_generated_guid: guid } = isMap(test) ? test : {};
  return { name: typeof name === 'string' ? name : '(without a name)', ...(typeof guid === 'string' ? { guid } : {}) };
}

const problemsAt = (located: Located, base: Path, schema: JsonSchema, name: string, value: unknown = located.value): Diagnostic[] =>
  checkSchema(schema, value, { name, expressions: false }).problems.map((problem) => locateProblem(located, problem, base));
