// Text to the nodes of the `yaml` package, within bounds: what is far beyond them is not read to its end, which would take seconds.
import { Composer, CST, type Document, Lexer, Parser, YAMLParseError } from 'yaml';

/** How many collections may stand in one another, and how many values there may be; that of a key without one counts as well. */
export interface Bounds {
  depth: number;
  values: number;
}

/** What the text has too much of, and where that was seen. */
export interface Excess {
  bound: keyof Bounds;
  offset: number;
}

/** Each is reported by the library, and refuses the text. */
const MOST_MISTAKES = 1000;

/** The first document of a text; what is wrong with it is in there. Throws RangeError where the library's own recursion ends. */
export function composeYaml(text: string, bounds: Bounds): Document.Parsed | Excess {
  const lexemes = lex(text, bounds);
  if (!Array.isArray(lexemes)) return lexemes;
  const options = {
    version: '1.2',
    schema: 'core',
    resolveKnownTags: false,
    stringKeys: true,
    uniqueKeys: false,
    prettyErrors: false,
  } as const;
  // A text may hold a mistake at each character, and the stack of each is what takes most of the time.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    const [first, second] = new Composer(options).compose(parse(lexemes), true, text.length);
    // Where one is forced, there is one.
    const document = first as Document.Parsed;
    if (second !== undefined) {
      const [start, end] = second.range;
      document.errors.push(new YAMLParseError([start, end], 'MULTIPLE_DOCS', 'more than one document'));
    }
    return document;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function* parse(lexemes: readonly string[]): Generator<CST.Token, void> {
  const parser = new Parser();
  for (const lexeme of lexemes) yield* parser.next(lexeme);
  yield* parser.end();
}

/** Marks between lexemes: they stand for no character of the text. */
const MARKS: ReadonlySet<string> = new Set([CST.DOCUMENT, CST.FLOW_END, CST.SCALAR]);

/** The text in its parts, which takes a tenth of the time of reading them; up to where it passes a bound, or has more mistakes than anybody reads. */
function lex(text: string, bounds: Bounds): string[] | Excess {
  const look = counter(bounds);
  const lexemes: string[] = [];
  let offset = 0;
  for (const lexeme of new Lexer().lex(text)) {
    const passed = look(lexeme);
    if (passed === 'mistakes') break;
    if (passed !== undefined) return { bound: passed, offset };
    lexemes.push(lexeme);
    if (!MARKS.has(lexeme)) offset += lexeme.length;
  }
  return lexemes;
}

type Look = keyof Bounds | 'mistakes' | undefined;

/** Looks at one lexeme after the other, and says which bound the text has passed with it. */
function counter({ depth, values }: Bounds): (lexeme: string) => Look {
  const counts: Record<string, number> = {};
  let open = 0;
  let inLine = 0;
  let isContent = false;

  const count = (what: string, most: number): boolean => {
    counts[what] = (counts[what] ?? 0) + 1;
    return counts[what] > most;
  };
  const countValue = (what: string): Look => (count(what, 2 * values) ? 'values' : undefined);
  const countMistake = (): Look => (count('mistakes', MOST_MISTAKES) ? 'mistakes' : undefined);
  /** The innermost may be empty. */
  const nest = (levels: number): Look => (levels > depth + 1 ? 'depth' : countValue('content'));

  return (lexeme) => {
    if (isContent) {
      isContent = false;
      return undefined;
    }
    const type = CST.tokenType(lexeme);
    switch (type) {
      case 'newline':
        inLine = 0;
        return undefined;
      case 'scalar':
        isContent = true;
        return countValue('content');
      case 'single-quoted-scalar':
      case 'double-quoted-scalar':
      case 'alias':
        return countValue('content');
      case 'flow-seq-start':
      case 'flow-map-start':
        return nest(++open);
      case 'seq-item-ind':
      case 'explicit-key-ind':
        return nest(open === 0 ? ++inLine : open);
      case 'map-value-ind':
      case 'comma':
      case 'anchor':
        return countValue(type);
      case 'flow-seq-end':
      case 'flow-map-end':
        if (open === 0) return countMistake();
        open--;
        return undefined;
      case 'flow-error-end':
        open = 0;
        return undefined;
      case 'tag':
      case 'directive-line':
      case 'doc-start':
        return countMistake();
      default:
        return undefined;
    }
  };
}
