// The rules of the house as functions: a graph in, every breach out as one line. CONTRIBUTING.md shows the table to people.
import type { Graph, Import, SourceFile } from './graph.ts';

export interface Rule {
  /** Why the rule is there; also the test's name. */
  title: string;
  breaches(graph: Graph): string[];
}

interface Allowed {
  /** Folders of src, or files in them, that may be imported besides the folder's own files. */
  value?: string[];
  /** The same, for `import type` only. */
  type?: string[];
  /** Modules of Node. */
  node?: true | string[];
}

/** Failure is the one thing in ports/ that exists at run time: whoever may know the ports' types may throw and recognise it. */
const FAILURE = 'ports/failure.ts';
/** Modules that compute and touch nothing. */
const COMPUTING = ['node:path', 'node:crypto'];
/** Modules that say where the process stands, without opening anything. */
const SURROUNDINGS = [...COMPUTING, 'node:process', 'node:os', 'node:url', 'node:util', 'node:tty', 'node:events'];

/** Who may import whom, one line for each folder of src (and its one file). */
export const IMPORTS: Record<string, Allowed> = {
  'cli.ts': { value: ['commands', FAILURE], node: [...SURROUNDINGS, 'node:stream/consumers'] },
  commands: {
    value: [
      'language',
      'ports',
      'reach',
      'steps',
      'rules',
      'engine',
      'alerts',
      'detector',
      'doctor',
      'adapters',
      'lab',
      'reference',
      'reporters',
      'import',
    ],
    node: SURROUNDINGS,
  },
  language: {},
  import: { value: ['language'] },
  ports: {},
  steps: { value: ['language', 'reach', FAILURE], type: ['ports'], node: COMPUTING },
  reach: { type: ['ports'] },
  rules: { value: ['language', 'reach', FAILURE], type: ['steps', 'ports'] },
  engine: { value: ['language', 'reach', FAILURE], type: ['ports', 'steps/step.ts', 'alerts'], node: COMPUTING },
  alerts: { value: ['language', FAILURE], type: ['ports', 'steps/step.ts'] },
  detector: { value: ['language', FAILURE], type: ['ports'] },
  doctor: { value: [FAILURE], type: ['ports', 'steps/step.ts'] },
  adapters: { value: ['ports'], type: ['language', 'alerts'], node: true },
  lab: { value: ['ports'], node: SURROUNDINGS },
  reference: { value: ['language', FAILURE], type: ['steps', 'rules', 'alerts', 'ports'] },
  reporters: { type: ['engine', 'doctor', 'alerts', 'detector', 'language', 'reference', 'ports', 'steps/step.ts'] },
};

/** Where each package may be imported: a package without a home may stand nowhere. */
export const HOMES: Record<string, string[]> = {
  '@azure/identity': ['adapters/alert-sources'],
  '@inquirer/prompts': ['commands'],
  '@kubernetes/client-node': ['adapters/kubernetes'],
  '@marcbachmann/cel-js': ['language'],
  ajv: ['language', 'alerts'],
  commander: ['cli.ts', 'commands'],
  execa: ['adapters/process.ts'],
  listr2: ['reporters/terminal.ts'],
  picocolors: ['reporters', 'commands'],
  re2js: ['language'],
  undici: ['adapters/alert-sources'],
  ws: ['adapters/kubernetes'],
  yaml: ['language', 'alerts', 'adapters', 'reporters', 'import'],
};

/** Loaded only when a step that is used needs them: `sim lint` and `sim --help` never do. */
const HEAVY = ['@azure/identity', '@inquirer/prompts', '@kubernetes/client-node', 'execa', 'listr2', 'undici', 'ws'];

/** The list of verbs, which loads the one that is asked for. */
const VERBS = 'src/commands/verbs.ts';

const KEBAB_PATH = /^([a-z0-9]+(-[a-z0-9]+)*\/)*[a-z0-9]+(-[a-z0-9]+)*(\.test|\.d)?\.ts$/;
const LISTS = /^src\/(steps|rules|doctor|reporters|adapters\/alert-sources)\/index\.ts$/;

const isSource = ({ path }: SourceFile) => path.startsWith('src/');
const folderOf = (path: string) => path.split('/')[1] ?? '';
const isNode = ({ target }: Import) => target.startsWith('node:');
const isPackage = (it: Import) => !isNode(it) && !/^(src|test|bench|dist)\//.test(it.target);
/** Whether the path is the place, or lies in it; places are written from src. */
const within = (path: string, places: readonly string[] = []) =>
  places.some((place) => path === `src/${place}` || path.startsWith(`src/${place}/`));

/** One line for each import of a source file that `wrong` objects to. */
const importsThat = (graph: Graph, wrong: (it: Import, file: SourceFile) => boolean | string | undefined) =>
  graph.filter(isSource).flatMap((file) =>
    file.imports.flatMap((it) => {
      const reason = wrong(it, file);
      return reason ? [`${file.path} imports ${it.target}${typeof reason === 'string' ? `: ${reason}` : ''}`] : [];
    }),
  );

export const rules: Rule[] = [
  {
    title: 'each folder of src has its line in the table',
    breaches: (graph) => graph.filter((file) => isSource(file) && IMPORTS[folderOf(file.path)] === undefined).map(({ path }) => path),
  },
  {
    title: 'folders import only whom the table lets them import',
    breaches: (graph) =>
      importsThat(graph, (it, { path }) => {
        const folder = folderOf(path);
        if (isNode(it) || isPackage(it) || within(it.target, [folder])) return;
        const { value, type } = IMPORTS[folder] ?? {};
        if (within(it.target, value)) return;
        if (within(it.target, type)) return !it.type && 'the type only';
        return 'not in its line of the table';
      }),
  },
  {
    title: 'modules of Node are imported only where the world is touched',
    breaches: (graph) =>
      importsThat(graph, (it, { path }) => {
        const allowed = IMPORTS[folderOf(path)]?.node;
        return isNode(it) && !it.type && allowed !== true && !allowed?.includes(it.target);
      }),
  },
  {
    title: 'each package stays in its home',
    breaches: (graph) =>
      importsThat(graph, (it, { path }) => isPackage(it) && !within(path, HOMES[it.target]) && `home: ${HOMES[it.target] ?? 'none'}`),
  },
  {
    title: 'heavy packages load only when they are needed',
    breaches: (graph) => {
      const reached = reachable(graph, 'src/cli.ts');
      return importsThat(
        graph,
        (it, { path }) => reached.has(path) && HEAVY.includes(it.target) && !it.type && !it.lazy && chain(reached, path),
      );
    },
  },
  { title: 'no file imports itself, by whatever way round', breaches: cycles },
  {
    title: 'the program imports nothing from its tests',
    breaches: (graph) => importsThat(graph, ({ target }) => /^(test|bench|dist)\//.test(target)),
  },
  {
    title: 'no test imports another test',
    breaches: (graph) =>
      graph.flatMap(({ path, imports }) =>
        imports.filter(({ target }) => target.endsWith('.test.ts')).map(({ target }) => `${path} imports ${target}`),
      ),
  },
  {
    title: 'only the lists export what another file defines',
    breaches: (graph) => importsThat(graph, (it, { path }) => it.again && !LISTS.test(path)),
  },
  {
    title: 'each source file opens with a comment',
    breaches: (graph) => graph.filter((file) => isSource(file) && !/^(\/\/|\/\*\*?) \S/.test(file.firstLine)).map(({ path }) => path),
  },
  {
    title: 'paths are kebab-case, and no folder is a drawer for everything',
    breaches: (graph) =>
      graph
        .map(({ path }) => path)
        .filter((path) => !KEBAB_PATH.test(path) || /\/(utils?|helpers?|common|misc|shared)(\/|\.ts$)/.test(path)),
  },
];

/** The engine must not know a step type by name; the names come from the list of step types. */
export function namesOfStepTypes(graph: Graph, types: readonly string[]): string[] {
  return graph
    .filter(({ path }) => path.startsWith('src/engine/'))
    .flatMap(({ path, texts }) => texts.filter((text) => types.includes(text)).map((text) => `${path} names ${text}`));
}

/** Every file that is loaded with the first one, with the file that pulled it in. Whichever verb is asked for counts as loaded. */
function reachable(graph: Graph, start: string): Map<string, string | undefined> {
  const files = new Map(graph.map((file) => [file.path, file]));
  const reached = new Map<string, string | undefined>([[start, undefined]]);
  for (const path of reached.keys()) {
    for (const { target, type, lazy } of files.get(path)?.imports ?? [])
      if (!type && (!lazy || path === VERBS) && !reached.has(target)) reached.set(target, path);
  }
  return reached;
}

function chain(reached: Map<string, string | undefined>, path: string): string {
  const before = reached.get(path);
  return before === undefined ? path : `${chain(reached, before)} > ${path}`;
}

/** Type imports count too: a ring of types is a ring to the reader. */
function cycles(graph: Graph): string[] {
  const files = new Map(graph.map((file) => [file.path, file]));
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, above: readonly string[]) => {
    if (above.includes(path)) found.push([...above.slice(above.indexOf(path)), path].join(' > '));
    if (done.has(path)) return;
    done.add(path);
    for (const { target } of files.get(path)?.imports ?? []) visit(target, [...above, path]);
  };
  for (const path of files.keys()) visit(path, []);
  return found;
}
