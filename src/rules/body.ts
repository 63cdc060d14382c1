// What the bodies of steps hold, whatever their type: texts, Kubernetes objects, images, and programs that run in pods.
import { parseCel, type Reference } from '../language/cel.ts';
import type { Path, Playbook, Step, StepList } from '../language/playbook.ts';
import { allSteps } from '../language/step-tree.ts';
import { parseTemplate } from '../language/template.ts';
import { entriesOf, isMap, listAt, type Mapping, mapAt, textOf } from '../language/untyped.ts';
import type { RuleContext } from './rule.ts';
import { commandOf, commandsIn, isShell, readsInput, type SimpleCommand, scriptOfShell } from './shell-words.ts';

/** A value with its place in the playbook. */
export interface Placed<T> {
  path: Path;
  value: T;
}

/** A script that runs in a pod. `step` is absent for a variable, which several steps may use. */
export interface Script extends Placed<string> {
  step?: Step;
  /** Words before the shell, e.g. ["timeout", "5"]. */
  before: readonly string[];
  /** The program that reads it, where it is no shell. */
  interpreter?: string;
}

/** A program that runs in a pod; `within` is its place in the text at `path`, absent where it is given as a list of words. */
export interface Program {
  path: Path;
  within?: { start: number; end: number };
  step?: Step;
  command: SimpleCommand;
  /** The programs of the same script, in their order, and its own place among them. */
  all: readonly SimpleCommand[];
  at: number;
}

/** Every value inside a value, itself included, outermost first. `skip` are keys that are not entered. */
export function valuesIn(value: unknown, path: Path, skip: readonly string[] = []): Placed<unknown>[] {
  const found: Placed<unknown>[] = [];
  const visit = (each: unknown, place: Path) => {
    found.push({ path: place, value: each });
    for (const [key, item] of entriesOf(each)) if (!skip.includes(String(key))) visit(item, [...place, key]);
  };
  visit(value, path);
  return found;
}

/** Many rules ask the same of a step. */
function remembered<Found extends object>(find: (step: Step) => Found): (step: Step) => Found {
  const known = new WeakMap<Step, Found>();
  return (step) => {
    const found = known.get(step) ?? find(step);
    known.set(step, found);
    return found;
  };
}

const bodyPath = (step: Step): Path => [...step.path, step.type];

/** Every value of a step's body, or of what it hands to the file that it uses. */
export const valuesOf = ({ path, type, body, uses }: Step, skip: readonly string[] = []): Placed<unknown>[] =>
  uses === undefined ? valuesIn(body, [...path, type], skip) : valuesIn(uses.with, [...path, 'with'], skip);

/** Every text among them but those of `expect`, which only say what is looked for. */
export const textsOf = remembered((step): Placed<string>[] =>
  valuesOf(step, ['expect']).filter((each): each is Placed<string> => typeof each.value === 'string'),
);

/** Every Kubernetes object that a step's body writes out; what has no metadata only names one. */
export const objectsOf = remembered((step): Placed<Mapping>[] =>
  valuesOf(step).flatMap(({ value, path }): Placed<Mapping>[] => {
    if (!isMap(value) || typeof value.apiVersion !== 'string' || typeof value.kind !== 'string') return [];
    if (isMap(value.metadata)) return [{ value, path }];
    // A request that says beside the object of which kind it is, and where it goes; one that is only tried creates nothing.
    const { apiVersion, kind, namespace, object, dryRun } = value;
    if (!isMap(object) || dryRun === true) return [];
    const metadata = { ...(namespace === undefined ? {} : { namespace }), ...mapAt(object, 'metadata') };
    return [{ value: { apiVersion, kind, ...object, metadata }, path: [...path, 'object'] }];
  }),
);

/** The specification of the pod of an object, or of the pods that it makes, by its path in the object; undefined where it has none. */
export function podSpecOf({ kind, spec }: Mapping): { spec: Mapping; path: Path } | undefined {
  if (!isMap(spec)) return undefined;
  if (kind === 'Pod') return { spec, path: ['spec'] };
  const job = mapAt(mapAt(spec, 'jobTemplate'), 'spec');
  const isCron = Object.keys(job).length > 0;
  const found = mapAt(isCron ? job : spec, 'template').spec;
  return isMap(found) ? { spec: found, path: ['spec', ...(isCron ? ['jobTemplate', 'spec'] : []), 'template', 'spec'] } : undefined;
}

/** The containers of an object that makes pods. */
export function containersOf({ value, path }: Placed<Mapping>): Placed<Mapping>[] {
  const pod = podSpecOf(value);
  if (pod === undefined) return [];
  return ['initContainers', 'containers', 'ephemeralContainers'].flatMap((list) =>
    listAt(pod.spec, list).flatMap((container, index) =>
      isMap(container) ? [{ value: container, path: [...path, ...pod.path, list, index] }] : [],
    ),
  );
}

/** Scripts for a shell: in the bodies, in containers that they write out, and in variables that are run as one. */
export function scriptsIn(list: StepList, context: RuleContext): Script[] {
  const direct = allSteps(list).flatMap((step): Script[] => {
    const base = bodyPath(step);
    const given = commandLinesOf(step, context).flatMap((each): Script[] => {
      const path = [...base, ...each.path];
      if (!('argv' in each)) return [wholeScript(each, path, step)];
      const { words, before } = commandOf(each.argv);
      const { stdin } = each;
      const piped = stdin !== undefined && readsInput(words) ? [{ path: [...base, ...stdin.path], value: stdin.text, step, before }] : [];
      return [...scriptIn(each.argv, path, step), ...piped];
    });
    const contained = objectsOf(step)
      .flatMap(containersOf)
      .flatMap(({ value, path }) => [
        ...['command', 'args'].flatMap((key) => {
          const words = listAt(value, key).map(textOf);
          const shell = listAt(value, 'command').map(textOf);
          // `command: [sh, -c]` with the script in `args`.
          const isSplit = key === 'args' && scriptOfShell([...shell, '']) === shell.length;
          return isSplit && words[0] !== undefined
            ? [{ path: [...path, key, 0], value: words[0], step, before: [] }]
            : scriptIn(words, [...path, key], step);
        }),
        ...HOOKS.flatMap((keys) => {
          const words = listAt(keys.reduce(mapAt, value), 'command').map(textOf);
          return scriptIn(words, [...path, ...keys, 'command'], step);
        }),
      ]);
    return [...given, ...contained, ...handedScripts(step, context)];
  });
  return [...direct, ...variableScripts(list, direct)];
}

/** What a container runs besides its program. */
const HOOKS = [
  ...['lifecycle.postStart.exec', 'lifecycle.preStop.exec'],
  ...['startupProbe.exec', 'readinessProbe.exec', 'livenessProbe.exec'],
].map((keys) => keys.split('.'));

const wholeScript = ({ script, interpreter = 'sh' }: { script: string; interpreter?: string }, path: Path, step: Step): Script => ({
  path,
  value: script,
  step,
  before: [],
  ...(isShell(interpreter) ? {} : { interpreter }),
});

/** Values that the file which a step uses runs as a script. */
function handedScripts({ path, uses }: Step, context: RuleContext): Script[] {
  if (uses === undefined) return [];
  return scriptInputsOf(uses.definition, context).flatMap((name) => {
    const value = Object.hasOwn(uses.with, name) ? uses.with[name] : undefined;
    // How long it may run is known there.
    return typeof value === 'string' ? [{ path: [...path, 'with', name], value, before: [] }] : [];
  });
}

/** A file may be used by many, and they by many: each is read once. */
const scriptInputs = new WeakMap<StepList, string[]>();

/** Inputs of a file whose text becomes a part of a script there. */
function scriptInputsOf(definition: StepList, context: RuleContext): string[] {
  const known = scriptInputs.get(definition);
  if (known !== undefined) return known;
  const texts = [...decodedTexts(definition), ...scriptsIn(definition, context).map(({ value }) => value)];
  const names = referencesIn(texts).flatMap(({ root, path: [name = ''] }) => (root === 'inputs' ? [name] : []));
  const found = [...new Set(names)].filter((name) => Object.hasOwn(definition.inputs, name) && definition.inputs[name]?.type === 'string');
  scriptInputs.set(definition, found);
  return found;
}

function scriptIn(argv: readonly string[], path: Path, step: Step): Script[] {
  const { words, before } = commandOf(argv);
  const index = scriptOfShell(words);
  if (index === undefined) return [];
  const place = argv.length - words.length + index;
  return [{ path: [...path, place], value: argv[place] ?? '', step, before }];
}

/** Programs and scripts that a step's body runs in a pod, with their places in the body. */
export const commandLinesOf = (step: Step, { steps }: RuleContext) =>
  (isMap(step.body) ? steps.find(({ type }) => type === step.type)?.commands?.(step.body) : undefined) ?? [];

const DECODED = /\bbase64 +(?:-d|-D|--decode)\b[^|\n]{0,100}\|\s*(?:[\w./-]{0,40}\/)?(?:ba|da|a|z|k)?sh\b/;

/** Texts that decode something and pipe it to a shell. */
const decodedTexts = (list: StepList): string[] =>
  allSteps(list)
    .flatMap(textsOf)
    .flatMap(({ value }) => (DECODED.test(value) ? [value] : []));

/** What scripts read that becomes a part of them: encoded and not decoded for a shell, it is data. */
const referencesIn = (scripts: readonly string[]): Reference[] =>
  scripts.flatMap((text) =>
    expressionsIn(text)
      .filter(({ expression }) => !/^\s*base64\(/.test(expression) || DECODED.test(text))
      .flatMap(({ expression }) => parseCel(expression).references),
  );

/** Variables that become a script: spliced into one, or decoded and piped to a shell as `base64(variables.x)`. */
function variableScripts(list: StepList, direct: readonly Script[]): Script[] {
  const found = new Map<string, Script>();
  const queue = [...direct.map(({ value }) => value), ...decodedTexts(list)];
  for (let text = queue.pop(); text !== undefined; text = queue.pop()) {
    for (const { root, path } of referencesIn([text])) {
      const [name = ''] = path;
      const value = root === 'variables' && !found.has(name) ? list.variables[name] : undefined;
      if (typeof value !== 'string') continue;
      found.set(name, { path: ['variables', name], value, before: [] });
      queue.push(value);
    }
  }
  return [...found.values()];
}

/** The expressions of a text, with their place in it. */
export function expressionsIn(text: string): { expression: string; start: number; end: number }[] {
  const pieces = parseTemplate(text);
  if (!Array.isArray(pieces)) return [];
  return pieces.flatMap((piece) => ('expression' in piece ? [{ expression: piece.expression, ...piece.outer }] : []));
}

/** Several rules ask for them, and reading scripts is what takes time. */
const read = new WeakMap<Playbook, Program[]>();

/** Every program that a playbook runs in pods, as far as it is written out. */
export function programsIn(playbook: Playbook, context: RuleContext): Program[] {
  const known = read.get(playbook);
  if (known !== undefined) return known;
  const found = [
    ...scriptsIn(playbook, context).flatMap(programsOf),
    ...allSteps(playbook).flatMap((step) => programsAsWords(step, context)),
  ];
  read.set(playbook, found);
  return found;
}

function programsOf({ path, value, step, before, interpreter }: Script): Program[] {
  if (interpreter !== undefined) return [];
  const all = commandsIn(value).map((command) => ({ ...command, before: [...before, ...command.before] }));
  return all.map((command, at): Program => {
    const { start, end } = command;
    return { path, within: { start, end }, command, all, at, ...(step === undefined ? {} : { step }) };
  });
}

/** What `sh -c` is given is among the scripts. */
const programsAsWords = (step: Step, context: RuleContext): Program[] =>
  commandLinesOf(step, context).flatMap((each) => {
    if (!('argv' in each)) return [];
    const command = commandOf(each.argv);
    return [{ path: [...bodyPath(step), ...each.path], step, command, all: [command], at: 0 }];
  });
