// The source tree as a graph: every file with what it imports and the texts in it, read by a real parser.
import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync, Visitor } from 'oxc-parser';

export interface Import {
  /** A path from the root ("src/language/load.ts"), a package's name, or a module of Node ("node:fs/promises"). */
  target: string;
  /** Gone at run time. */
  type: boolean;
  /** Loaded only when the line is reached. */
  lazy: boolean;
  /** `export ... from`. */
  again: boolean;
}

export interface SourceFile {
  path: string;
  firstLine: string;
  imports: Import[];
  /** String literals that name no module. */
  texts: string[];
}

export type Graph = SourceFile[];

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Every .ts file under the folders, as it is on disk. */
export function readGraph(...folders: string[]): Graph {
  const paths = folders.flatMap((folder) =>
    readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' }).map((path) => `${folder}/${path}`),
  );
  return graphOf(Object.fromEntries(paths.filter((path) => path.endsWith('.ts')).map((path) => [path, readFileSync(root + path, 'utf8')])));
}

export function graphOf(files: Record<string, string>): Graph {
  return Object.entries(files).map(([path, text]) => parse(path, text));
}

function parse(path: string, text: string): SourceFile {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  const imports: Import[] = [];
  const modules = new Set<unknown>();
  const texts: string[] = [];
  const add = (source: { value?: unknown } | null, { type = false, lazy = false, again = false }) => {
    if (typeof source?.value !== 'string') return;
    modules.add(source);
    imports.push({ target: targetOf(path, source.value), type, lazy, again });
  };
  new Visitor({
    // `import { type A }` stays an import at run time, of nothing: verbatimModuleSyntax.
    ImportDeclaration: ({ source, importKind }) => add(source, { type: importKind === 'type' }),
    ExportNamedDeclaration: ({ source, exportKind }) => add(source, { type: exportKind === 'type', again: true }),
    ExportAllDeclaration: ({ source, exportKind }) => add(source, { type: exportKind === 'type', again: true }),
    ImportExpression: ({ source }) => add(source as { value?: unknown }, { lazy: true }),
    TSImportType: ({ source }) => add(source, { type: true }),
    Literal: (literal) => {
      if (typeof literal.value === 'string' && !modules.has(literal)) texts.push(literal.value);
    },
    TemplateElement: ({ value }) => {
      texts.push(value.cooked ?? value.raw);
    },
  }).visit(program);
  return { path, firstLine: text.split('\n', 1)[0] ?? '', imports, texts };
}

/** "../ports/clock.ts" as a path from the root; "ajv/dist/2020.js" and "@scope/name/deep" as the package's name. */
function targetOf(path: string, specifier: string): string {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(path), specifier);
  if (specifier.startsWith('node:')) return specifier;
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}
