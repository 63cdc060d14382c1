// The way from text to a playbook: read, validate, build; and the files that it uses with it. No IO, no exception.

import type { Used } from './check-use.ts';
import type { StepLanguage } from './definition.ts';
import type { Diagnostic, Span } from './diagnostic.ts';
import { parseDuration } from './duration.ts';
import { DEFAULT_RUN_TIMEOUT } from './envelope.ts';
import { type Located, readYaml } from './located.ts';
import type { Path, Playbook, Repeat, Retry, Step, StepList } from './playbook.ts';
import { folderOf, joinPath, type References, sourceOfFile } from './references.ts';
import type { Source } from './source.ts';
import { allSteps } from './step-tree.ts';
import { isMap, listAt } from './untyped.ts';
import { validate } from './validate.ts';

/** A file that uses a file that uses a file ...: so many at most. */
const DEEPEST_USE = 10;

interface Loaded {
  playbook?: Playbook;
  /** Of a file with errors: what is left of it without the steps that hold one. It cannot run, but each of its steps can be judged. */
  remainder?: Playbook;
  diagnostics: Diagnostic[];
}

/**
 * The playbook, or what is wrong with it: `playbook` is there exactly when no diagnostic is an error. Never throws, whatever the text.
 * `references` holds the files that it uses.
 */
export function load(source: Source, stepTypes: readonly StepLanguage[], references?: References): Loaded {
  return loadFile(source, { stepTypes, references, loaded: new Map(), chain: [baseName(source.name)] });
}

const read = new WeakMap<Source, ReturnType<typeof readYaml>>();

/** The source's YAML, read once however often it is asked for. */
export function readSource(source: Source): ReturnType<typeof readYaml> {
  const known = read.get(source) ?? readYaml(source.text);
  read.set(source, known);
  return known;
}

const baseName = (path: string): string => path.split(/[\\/]/).at(-1) ?? path;

interface Loading {
  stepTypes: readonly StepLanguage[];
  references: References | undefined;
  /** By the path from the first playbook's folder. */
  loaded: Map<string, Used>;
  /** The files that are being loaded, each used by the one before; paths as in `loaded`. */
  chain: readonly string[];
}

function loadFile(source: Source, loading: Loading): Loaded {
  const { located, diagnostics } = readSource(source);
  if (located === undefined) return { diagnostics };
  const folder = folderOf(loading.chain.at(-1) ?? '');
  const use = (path: string) => useFile(joinPath(folder, path), loading);
  const found = validate(located, { stepTypes: loading.stepTypes, use });
  const errors = found.filter(({ severity }) => severity === 'error').map(({ span }) => span);
  const sound = soundDocument(located, errors);
  if (sound === undefined) return { diagnostics: found };
  const playbook = build(source, folder, located, sound, { stepTypes: loading.stepTypes, use });
  return { [errors.length === 0 ? 'playbook' : 'remainder']: playbook, diagnostics: found };
}

function useFile(path: string, loading: Loading): Used {
  const { references, loaded, chain } = loading;
  const begin = chain.indexOf(path);
  if (begin !== -1) return { problem: `goes in a circle: ${[...chain.slice(begin), path].join(' -> ')}` };
  if (chain.length > DEEPEST_USE) return { problem: `is used by a file that is used by a file, ${DEEPEST_USE} deep` };
  const known = loaded.get(path);
  if (known !== undefined) return known;
  const used = readUsed(path, loading, references?.get(path));
  loaded.set(path, used);
  return used;
}

function readUsed(path: string, loading: Loading, referenced: ReturnType<References['get']>): Used {
  switch (referenced?.kind) {
    case undefined:
      return { problem: 'cannot be read from here' };
    case 'absent':
      return { problem: 'does not exist', hint: "paths start at this file's folder" };
    case 'outside':
      return { problem: 'stands outside the checkout, where nothing is read' };
    case 'folder':
      return { problem: 'is a folder', hint: 'name the file in it' };
    case 'file': {
      const { playbook, diagnostics } = loadUsed(sourceOfFile(path, referenced), loading);
      if (playbook !== undefined) return { definition: playbook };
      // A circle is told where it begins.
      const circle = diagnostics.find(({ message }) => message.includes(' goes in a circle: '));
      if (circle !== undefined) return { problem: circle.message.slice(circle.message.indexOf('goes in a circle')) };
      const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
      return {
        problem: `has ${errors === 1 ? 'an error' : `${errors} errors`} of its own`,
        hint: `see them with \`sim lint\` of that file`,
      };
    }
  }
}

/** Files that were used and use none themselves: those are the same for every playbook. */
const leaves = new WeakMap<Source, { stepTypes: readonly StepLanguage[]; loaded: Loaded }>();

function loadUsed(source: Source, loading: Loading): Loaded {
  const leaf = leaves.get(source);
  if (leaf?.stepTypes === loading.stepTypes) return leaf.loaded;
  const loaded = loadFile(source, { ...loading, chain: [...loading.chain, source.name] });
  if (loaded.playbook !== undefined && allSteps(loaded.playbook).every(({ uses }) => uses === undefined))
    leaves.set(source, { stepTypes: loading.stepTypes, loaded });
  return loaded;
}

/** What the envelope's schema lets through. */
interface Document {
  kind: StepList['kind'];
  metadata: StepList['metadata'];
  timeout?: string;
  inputs?: StepList['inputs'];
  variables?: StepList['variables'];
  steps: (DocumentStep | undefined)[];
  finally?: (DocumentStep | undefined)[];
  outputs?: StepList['outputs'];
}

interface DocumentStep {
  name?: string;
  id?: string;
  attack?: string[];
  when?: string;
  timeout?: string;
  retry?: { attempts: number; delay?: string; backoff?: number; until?: string };
  repeat?: { times: number; every?: string };
  continueOnError?: boolean;
  parallel?: DocumentStep[];
  uses?: string;
  with?: Record<string, unknown>;
  [type: string]: unknown;
}

/** What can be built: all of it where there are no errors, else the keys and the steps that hold none. */
function soundDocument({ value, spanOf }: Located, errors: readonly Span[]): Document | undefined {
  if (!isMap(value)) return undefined;
  if (errors.length === 0) return value as unknown as Document;
  const isSound = (path: Path) => {
    const { start, end } = spanOf(path);
    return !errors.some((error) => error.start < end && error.end > start);
  };
  const keys = Object.keys(value).filter((key) => key !== 'steps' && key !== 'finally' && isSound([key]));
  // A hole keeps the numbers of the steps after it.
  const stepsOf = (list: string) => listAt(value, list).map((step, index) => (isMap(step) && isSound([list, index]) ? step : undefined));
  return {
    kind: 'Playbook',
    metadata: { name: '', title: '', risk: 'low' },
    ...Object.fromEntries(keys.map((key) => [key, value[key]])),
    steps: stepsOf('steps') as Document['steps'],
    finally: stepsOf('finally') as Document['steps'],
  };
}

interface Building {
  stepTypes: readonly StepLanguage[];
  use(path: string): Used;
}

function build({ name: file, text }: Source, folder: string, located: Located, document: Document, building: Building): Playbook {
  const stepsOf = (list: 'steps' | 'finally'): Step[] =>
    (document[list] ?? []).flatMap((step, index) => (step === undefined ? [] : [buildStep(step, [list, index], building)]));
  return {
    kind: document.kind,
    file,
    folder,
    metadata: { ...document.metadata, risk: document.metadata.risk ?? 'low' },
    timeout: milliseconds(document.timeout) ?? DEFAULT_RUN_TIMEOUT,
    inputs: document.inputs ?? {},
    variables: document.variables ?? {},
    steps: stepsOf('steps'),
    finally: stepsOf('finally'),
    outputs: document.outputs ?? {},
    text,
    spanOf: located.spanOf,
    keySpanOf: located.keySpanOf,
    spanWithin: located.spanWithin,
  };
}

function buildStep(step: DocumentStep, path: Path, building: Building): Step {
  const type = building.stepTypes.find((each) => Object.hasOwn(step, each.type))?.type;
  const timeout = milliseconds(step.timeout);
  const used = step.uses === undefined ? undefined : building.use(step.uses);
  const definition = used !== undefined && 'definition' in used ? used.definition : undefined;
  const kind = type ?? (definition === undefined ? 'parallel' : 'uses');
  return {
    path,
    name: step.name ?? definition?.metadata.title ?? kind,
    ...(step.id === undefined ? {} : { id: step.id }),
    attack: step.attack ?? [],
    ...(step.when === undefined ? {} : { when: step.when }),
    ...(timeout === undefined ? {} : { timeout }),
    ...(step.retry === undefined ? {} : { retry: retryOf(step.retry) }),
    ...(step.repeat === undefined ? {} : { repeat: repeatOf(step.repeat) }),
    continueOnError: step.continueOnError ?? false,
    type: kind,
    body: type === undefined ? undefined : step[type],
    ...(step.parallel === undefined
      ? {}
      : { parallel: step.parallel.map((inside, index) => buildStep(inside, [...path, 'parallel', index], building)) }),
    ...(definition === undefined ? {} : { uses: { with: step.with ?? {}, definition } }),
  };
}

const milliseconds = (text: string | undefined): number | undefined => (text === undefined ? undefined : parseDuration(text));

const retryOf = ({ attempts, delay, backoff, until }: NonNullable<DocumentStep['retry']>): Retry => ({
  attempts,
  delay: milliseconds(delay) ?? 1000,
  backoff: backoff ?? 1,
  ...(until === undefined ? {} : { until }),
});

const repeatOf = ({ times, every }: NonNullable<DocumentStep['repeat']>): Repeat => ({ times, every: milliseconds(every) ?? 1000 });
