// The import table and the house's other rules on files, held by a test; and a proof for each rule that it can fail.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { graphOf, readGraph } from './architecture/graph.ts';
import { HOMES, IMPORTS, namesOfStepTypes, rules } from './architecture/rules.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const graph = readGraph('src', 'test');

describe('the source', () => {
  for (const { title, breaches } of rules) test(title, () => expect(breaches(graph)).toEqual([]));

  test('the engine names no step type', async () => {
    expect(namesOfStepTypes(graph, await stepTypes())).toEqual([]);
  });

  test('each package that is shipped has a home', () => {
    const { dependencies } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { dependencies: object };
    expect(Object.keys(HOMES).sort()).toEqual(Object.keys(dependencies).sort());
  });
});

/** One breach of each rule, and beside it what is still allowed. Paths without a folder lie in src. */
const PROOFS: Record<string, { breach: Record<string, string>; told: string; fine?: Record<string, string> }> = {
  'each folder of src has its line in the table': {
    breach: { 'plugins/a.ts': '' },
    told: 'src/plugins/a.ts',
    fine: { 'engine/a.ts': '' },
  },
  'folders import only whom the table lets them import': {
    breach: { 'engine/a.ts': "import { x } from '../steps/exec.ts';" },
    told: 'src/engine/a.ts imports src/steps/exec.ts: not in its line of the table',
    fine: { 'engine/a.ts': "import type { S } from '../steps/step.ts';\nimport { Failure } from '../ports/failure.ts';" },
  },
  'modules of Node are imported only where the world is touched': {
    breach: { 'engine/a.ts': "import { readFile } from 'node:fs/promises';" },
    told: 'src/engine/a.ts imports node:fs/promises',
    fine: { 'adapters/a.ts': "import { readFile } from 'node:fs/promises';" },
  },
  'each package stays in its home': {
    breach: { 'commands/a.ts': "const { KubeConfig } = await import('@kubernetes/client-node/dist/x.js');" },
    told: 'src/commands/a.ts imports @kubernetes/client-node: home: adapters/kubernetes',
    fine: { 'adapters/kubernetes/a.ts': "import { KubeConfig } from '@kubernetes/client-node';" },
  },
  'heavy packages load only when they are needed': {
    breach: {
      'cli.ts': "import './commands/verbs.ts';",
      'commands/verbs.ts': "const run = await import('./run.ts');",
      'commands/run.ts': "import { x } from '../adapters/process.ts';",
      'adapters/process.ts': "import { execa } from 'execa';",
    },
    told: 'src/adapters/process.ts imports execa: src/cli.ts > src/commands/verbs.ts > src/commands/run.ts > src/adapters/process.ts',
    fine: {
      'cli.ts': "import './commands/run.ts';",
      'commands/run.ts': "import type { P } from '../adapters/process.ts';\nawait import('../adapters/process.ts');",
      'adapters/process.ts': "import { execa } from 'execa';",
    },
  },
  'no file imports itself, by whatever way round': {
    breach: {
      'rules/a.ts': "import './b.ts';",
      'rules/b.ts': "let x: import('./c.ts').C;",
      'rules/c.ts': "export type { A } from './a.ts';",
    },
    told: 'src/rules/a.ts > src/rules/b.ts > src/rules/c.ts > src/rules/a.ts',
    fine: { 'rules/a.ts': "import './b.ts';\nimport './c.ts';", 'rules/b.ts': "import './c.ts';", 'rules/c.ts': '' },
  },
  'the program imports nothing from its tests': {
    breach: { 'engine/a.ts': "import { fake } from '../../test/fakes/cluster.ts';" },
    told: 'src/engine/a.ts imports test/fakes/cluster.ts',
    fine: { 'test/a.ts': "import { fake } from './fakes/cluster.ts';" },
  },
  'no test imports another test': {
    breach: { 'test/a.test.ts': "import { helper } from './b.test.ts';" },
    told: 'test/a.test.ts imports test/b.test.ts',
    fine: { 'test/a.test.ts': "import { helper } from './b.ts';" },
  },
  'only the lists export what another file defines': {
    breach: { 'language/index.ts': "export * from './load.ts';" },
    told: 'src/language/index.ts imports src/language/load.ts',
    fine: { 'rules/index.ts': "export { a } from './a.ts';", 'language/a.ts': 'export const x = 1;' },
  },
  'each source file opens with a comment': {
    breach: { 'engine/a.ts': "\nimport './b.ts';\n// Late." },
    told: 'src/engine/a.ts',
    fine: { 'engine/a.ts': "// Runs the steps.\nimport './b.ts';" },
  },
  'paths are kebab-case, and no folder is a drawer for everything': {
    breach: { 'engine/runSteps.ts': '', 'util/a.ts': '' },
    told: 'src/engine/runSteps.ts',
    fine: { 'engine/run-steps.ts': '', 'test/engine/run-steps.test.ts': '', 'adapters/kubernetes/ws.d.ts': '' },
  },
};

describe('a rule can fail', () => {
  const fabricated = (files: Record<string, string>) =>
    graphOf(Object.fromEntries(Object.entries(files).map(([path, text]) => [path.startsWith('test/') ? path : `src/${path}`, text])));

  for (const { title, breaches } of rules) {
    test(title, () => {
      const { breach, told, fine } = PROOFS[title] ?? expect.fail('this rule has no proof yet');
      expect(breaches(fabricated(breach))).toContain(told);
      expect(breaches(fabricated(fine ?? {}))).toEqual([]);
    });
  }

  test('a type is not a value: neither a plain import nor one of `{ type ... }` passes where only types may', () => {
    const [, table] = rules;
    const reporter = (text: string) => table?.breaches(fabricated({ 'reporters/a.ts': text }));
    expect(reporter("import type { E } from '../engine/events.ts';")).toEqual([]);
    for (const text of ['import { E }', 'import { type E }', 'export { E }', 'export *'])
      expect(reporter(`${text} from '../engine/events.ts';`)).toEqual(['src/reporters/a.ts imports src/engine/events.ts: the type only']);
  });

  test('words in comments and strings are no imports', () => {
    const [file] = fabricated({ 'a.ts': "// import x from 'a';\nconst glob = 'src/**/*.ts';\nconst t = `\nimport y from 'b';\n`;" });
    expect(file?.imports).toEqual([]);
  });

  test('the engine names a step type', () => {
    const files = { 'engine/a.ts': "if (type === 'deploy') x();\nconst y = `wait`;", 'steps/wait.ts': "const name = 'wait';" };
    expect(namesOfStepTypes(fabricated(files), ['deploy', 'wait'])).toEqual(['src/engine/a.ts names deploy', 'src/engine/a.ts names wait']);
  });

  test('language is free of the world', () => expect(IMPORTS.language).toEqual({}));
});

/** The keys that name a step's type in a playbook, from the list itself. */
async function stepTypes(): Promise<string[]> {
  const list = `${root}src/steps/index.ts`;
  if (!existsSync(list)) return [];
  const exported = Object.values((await import(list)) as Record<string, readonly { type: string }[]>);
  return exported.flat().map(({ type }) => type);
}
