// Step types for tests of the language and the rules: each keyword that a step's schema may use, and nothing that runs.
import { durationSchema, parseDuration } from '../../src/language/duration.ts';
import { matcherSchema } from '../../src/language/matcher.ts';
import { isMap, listAt } from '../../src/language/untyped.ts';
import type { StepDefinition } from '../../src/steps/step.ts';

const podSchema = {
  description: 'Which pod.',
  anyOf: [
    { type: 'string', minLength: 1 },
    {
      type: 'object',
      required: ['selector'],
      additionalProperties: false,
      properties: { selector: { type: 'string' }, container: { type: 'string' } },
    },
  ],
} as const;

const install: StepDefinition = {
  type: 'install',
  summary: 'Creates objects.',
  defaultTimeout: 60_000,
  schema: {
    type: 'object',
    additionalProperties: false,
    oneOf: [{ required: ['chart'] }, { required: ['manifests'] }],
    properties: {
      chart: { type: 'string', 'x-expression': 'inputs', description: 'A folder.' },
      manifests: { type: 'array', minItems: 1, items: { type: ['object', 'string'] }, 'x-expression': 'inputs', description: 'Objects.' },
      values: { type: 'object', description: 'Values of the chart.' },
      replicas: { type: 'integer', minimum: 1, maximum: 5, description: 'How many.' },
    },
  },
  outputs: {},
  example: '',
  // A bare word is no path here, so that most tests need no files.
  references(body) {
    const isPath = (file: unknown): file is string => typeof file === 'string' && /^\.{1,2}\//.test(file);
    const { chart, manifests } = isMap(body) ? body : {};
    return [
      ...(isPath(chart) ? [{ path: ['chart'], file: chart, kind: 'chart' as const }] : []),
      ...listAt({ manifests }, 'manifests').flatMap((file, index) =>
        isPath(file) ? [{ path: ['manifests', index], file, kind: 'manifest' as const }] : [],
      ),
    ];
  },
  written: (body) =>
    listAt(body, 'manifests').flatMap((object, index) =>
      isMap(object) && typeof object.apiVersion === 'string' && typeof object.kind === 'string'
        ? [{ path: ['manifests', index], object }]
        : [],
    ),
  plan: () => 'create objects',
};

const command: StepDefinition = {
  type: 'command',
  summary: 'Runs a program in a pod.',
  defaultTimeout: 60_000,
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['pod', 'argv'],
    properties: {
      pod: podSchema,
      argv: { type: 'array', minItems: 1, items: { type: 'string' }, description: 'Program and arguments.' },
      words: { type: 'array', items: { type: ['string', 'number', 'boolean'] }, description: 'Texts, as they are written.' },
      method: { enum: ['GET', 'POST'], description: 'A choice.' },
      port: { type: 'integer', description: 'A number.' },
      verbose: { type: 'boolean', description: 'A switch.' },
      delay: { ...durationSchema, description: 'A duration.' },
      duration: { ...durationSchema, description: 'How long it takes at least.' },
      until: { type: 'string', 'x-expression': 'cel', description: 'A condition.' },
      expect: {
        type: 'object',
        additionalProperties: false,
        minProperties: 1,
        description: 'What proves the effect.',
        properties: { exitCode: { ...matcherSchema, description: 'Exit code.' }, stdout: { ...matcherSchema, description: 'Output.' } },
      },
    },
  },
  outputs: { stdout: { type: 'string', description: 'What it printed.' }, exitCode: { type: 'int', description: 'Its exit code.' } },
  example: '',
  commands: (body) => [{ path: ['argv'], argv: listAt(body, 'argv').map(String) }],
  plan: () => 'run a program',
};

const expectSomething: StepDefinition = {
  type: 'expect-something',
  summary: 'Expects an alert.',
  defaultTimeout: 60_000,
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['alert'],
    properties: {
      alert: { type: 'string', 'x-expression': 'inputs', description: 'Id in the catalogue.' },
      of: { description: 'The attack.', anyOf: [{ type: 'string' }, { type: 'array', minItems: 1, items: { type: 'string' } }] },
      within: { ...durationSchema, description: 'The window.' },
      where: { type: 'string', 'x-expression': 'cel', 'x-variables': ['alert'], description: 'A condition.' },
      required: { type: 'array', items: { type: 'integer' }, description: 'Executions with an alert, of how many.' },
    },
  },
  outputs: {},
  example: '',
  plan: () => 'expect an alert',
  expects(body) {
    const { alert, of, within, required } = body as { alert: string; of?: string | string[]; within?: string; required?: number[] };
    const [times = 1, executions = 1] = required ?? [];
    const window = within === undefined ? undefined : parseDuration(within);
    return {
      alert,
      ...(of === undefined ? {} : { of: [of].flat() }),
      ...(window === undefined ? {} : { within: window }),
      ...(required === undefined ? {} : { required: { times, of: executions } }),
    };
  },
};

export const stepTypes: readonly StepDefinition[] = [install, command, expectSomething];

/** A playbook around some steps (YAML of list items, indented by two), with whatever top-level text comes before them. */
export function playbookOf(steps: string, before = ''): string {
  return `apiVersion: kubesim/v1\nkind: Playbook\nmetadata: {name: sample, title: Sample, description: A sample}\n${before}steps:\n${steps}`;
}
