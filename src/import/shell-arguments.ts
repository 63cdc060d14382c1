// From arguments that are written into a script's text to variables of its environment, so that no value is ever read as a program.
import { hasExpression } from '../language/template.ts';
import { ARGUMENT, type HereDocument, type Place, placesIn } from './shell-places.ts';

/** An argument as scripts know it. */
export interface ShellArgument {
  name: string;
  /** The environment's variable that carries its value. */
  variable: string;
  /** Its default, as text. */
  value: string;
}

export interface RewrittenScript {
  text: string;
  /** Names of the arguments that it reads from its environment. */
  reads: string[];
}

/** How a variable stands for the argument: `split` into words, `expanded` as the shell does with a tilde; absent where nothing but the text will do. */
type Form = 'quoted' | 'split' | 'expanded';

/** Scripts that are not settled by then are made to be slow: all that is left is written out. */
const MOST_ROUNDS = 10;

/** Letters that mean nothing to a shell wherever they stand. */
const PLAIN = /^[A-Za-z0-9_.,:/@%+=!^-]+$/;
const WORDS = /^(?![\t ])[A-Za-z0-9_.,:/@%+=!^*?[\]\t -]*(?<![\t ])$/;
const EXPANDED = /^(?:~[\w.-]*(?=\/|$)|\$\w+|\$\{\w+\})(?:[A-Za-z0-9_./@%+-]|\$[A-Za-z_]\w*|\$\{[A-Za-z_]\w*\})*$/;

/**
 * The scripts of one test with `"$variable"` for each argument. Where the argument's default is itself a piece of program (`a; b`, quotes that end
 * others), it is written out in every script and named in `written`: a variable would change what the test does.
 */
export function rewriteArguments(
  texts: readonly string[],
  given: readonly ShellArgument[],
): { scripts: RewrittenScript[]; written: string[] } {
  // The default of an input cannot hold what looks like an expression.
  const written = new Set(given.filter(({ value }) => hasExpression(value)).map(({ name }) => name));
  const left = new Map(given.filter(({ name }) => !written.has(name)).map((each) => [each.name, each]));
  // What is written out can change the meaning of all that follows it, so the scripts are read anew with it.
  for (let round = 1; ; round++) {
    const read = texts.map((text) => {
      const script = writeOut(text, given, written);
      return { text: script, places: placesIn(script, new Set(left.keys())) };
    });
    const forms = formsOf(read, left);
    const fixed = [...forms].filter(([, form]) => form === undefined || round > MOST_ROUNDS).map(([name]) => name);
    if (fixed.length === 0)
      return { scripts: read.map(({ text, places = [] }) => render(text, places, left, forms)), written: [...written] };
    for (const name of fixed) {
      written.add(name);
      left.delete(name);
    }
  }
}

type Arguments = ReadonlyMap<string, ShellArgument>;
type Forms = ReadonlyMap<string, Form | undefined>;

const writeOut = (text: string, given: readonly ShellArgument[], names: ReadonlySet<string>): string =>
  given.reduce((all, { name, value }) => (names.has(name) ? all.replaceAll(`#{${name}}`, () => value) : all), text);

/** The one form of each argument that holds wherever it stands. */
function formsOf(read: readonly { text: string; places: Place[] | undefined }[], known: Arguments): Forms {
  const forms = new Map<string, Form | undefined>();
  for (const { text, places } of read) {
    if (places === undefined) for (const [, name = ''] of text.matchAll(ARGUMENT)) if (known.has(name)) forms.set(name, undefined);
    for (const place of places ?? []) {
      if (place.quoting === 'comment') continue;
      const form = formOf(place, known.get(place.name)?.value ?? '', text[place.end] ?? '');
      const before = forms.get(place.name);
      forms.set(place.name, !forms.has(place.name) || before === form ? form : common(before, form));
    }
  }
  return forms;
}

/** Between quotes nothing is split, so there `split` is as good as `quoted`; a value that is expanded here cannot be a plain one there. */
const common = (a: Form | undefined, b: Form | undefined): Form | undefined =>
  a === undefined || b === undefined || a === 'expanded' || b === 'expanded' ? undefined : 'split';

function formOf({ quoting, beginsWord, oneWord, document }: Place, value: string, next: string): Form | undefined {
  const expanded = EXPANDED.test(value) && !(/\$\w+$/.test(value) && /\w/.test(next)) ? 'expanded' : undefined;
  switch (quoting) {
    case 'none':
      if (PLAIN.test(value)) return 'quoted';
      if (WORDS.test(value)) return oneWord ? undefined : 'split';
      return value.startsWith('~') && !beginsWord ? undefined : expanded;
    case 'arithmetic':
      return /^[\w.+-]+$/.test(value) ? 'quoted' : undefined;
    case 'double':
    case 'document':
      if (!/[`$]|\\(?:["$`\\\n]|$)/.test(value) && (quoting === 'document' || !value.includes('"'))) return 'quoted';
      return value.startsWith('~') ? undefined : expanded;
    case 'single':
      return value.includes("'") ? undefined : 'quoted';
    case 'ansi':
      return /['\\]/.test(value) ? undefined : 'quoted';
    case 'raw-document':
      return /^[\w.+-]+$/.test(document?.delimiter ?? '') ? 'quoted' : undefined;
    default:
      return undefined;
  }
}

interface Change {
  start: number;
  end: number;
  text: string;
}

function render(text: string, places: readonly Place[], known: Arguments, forms: Forms): RewrittenScript {
  const reads = new Set<string>();
  const opened = new Set<HereDocument>();
  const changes = places.flatMap((place): Change[] => {
    const argument = known.get(place.name);
    const form = forms.get(place.name);
    if (place.quoting === 'comment' || argument === undefined || form === undefined) return [];
    reads.add(place.name);
    if (place.quoting === 'raw-document' && place.document !== undefined) opened.add(place.document);
    return [variableAt(text, place, { ...argument, form })];
  });
  for (const document of opened) changes.push(...openDocument(text, document, changes));
  const expanded = [...reads].flatMap((name) => (forms.get(name) === 'expanded' ? (known.get(name) ?? []) : []));
  return { text: `${expanded.map(expansionOf).join('')}${applyChanges(text, changes)}`, reads: [...reads] };
}

/** The default as the shell expands it, as it would have in the text; another value stays as it is. */
const expansionOf = ({ variable, value }: ShellArgument): string =>
  `if [ "$${variable}" = '${value}' ]; then ${variable}=${value}; fi # expanded as the shell does; another value is taken as it is\n`;

function variableAt(text: string, { start, end, quoting, quotes }: Place, { variable, form }: { variable: string; form: Form }): Change {
  const plain = /\w/.test(text[end] ?? '') ? `\${${variable}}` : `$${variable}`;
  if (quoting === 'none') return { start, end, text: form === 'split' ? plain : `"$${variable}"` };
  if (quotes === undefined) return { start, end, text: plain };
  // The quotes end before it and begin again after it; what they would hold no more is left out.
  const opening = text.slice(quotes.open, quotes.open + (quoting === 'ansi' ? 2 : 1));
  const isFirst = start === quotes.open + opening.length;
  const isLast = end === quotes.close;
  return {
    start: isFirst ? quotes.open : start,
    end: isLast ? end + 1 : end,
    text: `${isFirst ? '' : "'"}"$${variable}"${isLast ? '' : opening}`,
  };
}

/** Lets the shell read variables in a here-document whose delimiter was quoted: everything else in it is escaped instead. */
function openDocument(text: string, { start, end, delimiter, bodyStart, bodyEnd }: HereDocument, inside: readonly Change[]): Change[] {
  const escapes = [...text.slice(bodyStart, bodyEnd).matchAll(/[\\$`]/g)].map(({ index }) => bodyStart + index);
  const free = escapes.filter((at) => !inside.some((change) => change.start <= at && at < change.end));
  return [{ start, end, text: delimiter }, ...free.map((at) => ({ start: at, end: at, text: '\\' }))];
}

function applyChanges(text: string, changes: readonly Change[]): string {
  let result = '';
  let at = 0;
  for (const change of [...changes].sort((a, b) => a.start - b.start)) {
    result += text.slice(at, change.start) + change.text;
    at = change.end;
  }
  return result + text.slice(at);
}
