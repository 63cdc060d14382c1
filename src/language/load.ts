// The way from text to a playbook: read, validate, build. No IO, no exception.
import type { StepLanguage } from './definition.ts';
import type { Diagnostic } from './diagnostic.ts';
import { parseDuration } from './duration.ts';
import { type Located, readYaml } from './located.ts';
import type { Path, Playbook, Step } from './playbook.ts';
import type { Source } from './source.ts';
import { validate } from './validate.ts';

/** The playbook, or what is wrong with it: `playbook` is there exactly when no diagnostic is an error. Never throws, whatever the text. */
export function load(source: Source, stepTypes: readonly StepLanguage[]): { playbook?: Playbook; diagnostics: Diagnostic[] } {
  const { located, diagnostics } = readYaml(source.text);
  if (located === undefined) return { diagnostics };
  const found = validate(located, stepTypes);
  if (found.some(({ severity }) => severity === 'error')) return { diagnostics: found };
  return { playbook: build(source.name, located, stepTypes), diagnostics: found };
}

/** What the envelope's schema lets through. */
interface Document {
  metadata: Playbook['metadata'];
  inputs?: Playbook['inputs'];
  variables?: Playbook['variables'];
  steps: DocumentStep[];
  finally?: DocumentStep[];
}

interface DocumentStep {
  name?: string;
  id?: string;
  attack?: string[];
  when?: string;
  timeout?: string;
  continueOnError?: boolean;
  [type: string]: unknown;
}

function build(file: string, located: Located, stepTypes: readonly StepLanguage[]): Playbook {
  const document = located.value as Document;
  const stepsOf = (list: 'steps' | 'finally'): Step[] =>
    (document[list] ?? []).map((step, index) => buildStep(step, [list, index], stepTypes));
  return {
    file,
    metadata: { ...document.metadata, risk: document.metadata.risk ?? 'low' },
    inputs: document.inputs ?? {},
    variables: document.variables ?? {},
    steps: stepsOf('steps'),
    finally: stepsOf('finally'),
    spanOf: located.spanOf,
    keySpanOf: located.keySpanOf,
  };
}

function buildStep(step: DocumentStep, path: Path, stepTypes: readonly StepLanguage[]): Step {
  const type = stepTypes.find((each) => Object.hasOwn(step, each.type))?.type ?? '';
  const timeout = step.timeout === undefined ? undefined : parseDuration(step.timeout);
  return {
    path,
    name: step.name ?? type,
    ...(step.id === undefined ? {} : { id: step.id }),
    attack: step.attack ?? [],
    ...(step.when === undefined ? {} : { when: step.when }),
    ...(timeout === undefined ? {} : { timeout }),
    continueOnError: step.continueOnError ?? false,
    type,
    body: step[type],
  };
}
