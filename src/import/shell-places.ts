// Where the arguments `#{name}` of an atomic test stand in a script of its shell: between which quotes, in a here-document, in a comment.

/**
 * What the shell makes of the text around an argument. `fixed`: no variable can stand there, e.g. after a backslash or as the name in an
 * assignment.
 */
export type Quoting = 'none' | 'double' | 'single' | 'ansi' | 'arithmetic' | 'document' | 'raw-document' | 'comment' | 'fixed';

/** An argument in a script, by offsets. */
export interface Place {
  name: string;
  start: number;
  end: number;
  quoting: Quoting;
  /** Offsets of the quotes around it, where the quoting is `single` or `ansi`: of the first character of the opening one, and of the closing one. */
  quotes?: { open: number; close: number };
  /** Whether the word begins with it: only there a tilde is expanded. */
  beginsWord: boolean;
  /** Whether its value must stay one word: the target of a redirection, the value in an assignment. */
  oneWord: boolean;
  /** The here-document whose body it is in. */
  document?: HereDocument;
}

/** A here-document: offsets of its delimiter after `<<` and of its body. */
export interface HereDocument {
  delimiter: string;
  /** Whether the delimiter is quoted, so that the shell takes the body as it is. */
  raw: boolean;
  start: number;
  end: number;
  bodyStart: number;
  bodyEnd: number;
  stripsTabs: boolean;
}

interface Level {
  kind: 'plain' | 'double' | 'brace' | 'arithmetic';
  /** What ends it; the outermost level ends with the text. */
  close?: string;
  /** Inside double quotes: what stands in the braces is no word of its own. */
  quoted?: boolean;
}

export const ARGUMENT = /#\{([^{}\n]{1,200})\}/g;
const ARGUMENT_HERE = new RegExp(ARGUMENT.source, 'y');

/**
 * Every argument of a script whose name is known, in their order. Reads quotes, substitutions, here-documents and comments as POSIX and bash define
 * them; undefined where the script ends inside one of them, and so was not understood.
 */
export function placesIn(text: string, names: ReadonlySet<string>): Place[] | undefined {
  const found: Place[] = [];
  const levels: Level[] = [{ kind: 'plain' }];
  let pending: HereDocument[] = [];
  /** Offset at which the current word began. */
  let word = 0;

  const argumentAt = (at: number): { name: string; end: number } | undefined => {
    if (text[at] !== '#') return undefined;
    ARGUMENT_HERE.lastIndex = at;
    const name = ARGUMENT_HERE.exec(text)?.[1];
    return name !== undefined && names.has(name) ? { name, end: ARGUMENT_HERE.lastIndex } : undefined;
  };
  const add = (at: number, quoting: Quoting, rest: Partial<Place> = {}): number | undefined => {
    const argument = argumentAt(at);
    if (argument === undefined) return undefined;
    found.push({ ...argument, start: at, quoting, beginsWord: false, oneWord: false, ...rest });
    return argument.end;
  };
  /** The arguments of a stretch that the shell reads in one way. */
  const addAll = (from: number, to: number, quoting: Quoting, rest: Partial<Place> = {}) => {
    for (let at = text.indexOf('#{', from); at !== -1 && at < to; at = text.indexOf('#{', at + 1)) add(at, quoting, rest);
  };
  /** Past the bodies of the here-documents that the line before has begun; undefined where one does not end. */
  const readBodies = (from: number): number | undefined => {
    let at = from;
    for (const document of pending) {
      document.bodyStart = at;
      const end = endOfDocument(text, at, document);
      if (end === undefined) return undefined;
      document.bodyEnd = end.body;
      addAll(at, end.body, document.raw ? 'raw-document' : 'document', { document });
      at = end.next;
    }
    pending = [];
    return at;
  };

  for (let at = 0; at < text.length; ) {
    const level = levels.at(-1) as Level;
    const character = text[at] ?? '';
    const inQuotes = level.kind === 'double' || level.quoted === true;
    const argument = argumentAt(at);
    const end =
      argument &&
      add(at, quotingOf(level, inQuotes, text, at, argument.end), {
        beginsWord: word === at,
        oneWord: !inQuotes && isOneWord(text, word, at),
      });
    if (end !== undefined) at = end;
    else if (character === '\\' || (character === '$' && text[at + 1] === '#')) at = add(at + 1, 'fixed') ?? at + 2;
    else if (text.startsWith('$((', at)) {
      levels.push({ kind: 'arithmetic', close: '))' });
      at += 3;
    } else if (text.startsWith('$(', at)) {
      levels.push({ kind: 'plain', close: ')' });
      at += 2;
      word = at;
    } else if (text.startsWith('${', at)) {
      levels.push({ kind: 'brace', close: '}', quoted: inQuotes });
      at += 2;
      // `${#name}` is a length, no comment.
      if (text[at] === '#') at = add(at, 'fixed') ?? at + 1;
    } else if (!inQuotes && text.startsWith("$'", at)) {
      const close = endOfAnsi(text, at + 2);
      if (close === undefined) return undefined;
      addAll(at + 2, close, 'ansi', { quotes: { open: at, close } });
      at = close + 1;
    } else if (level.close !== undefined && text.startsWith(level.close, at)) {
      levels.pop();
      at += level.close.length;
    } else if (character === '`') {
      levels.push({ kind: 'plain', close: '`' });
      at++;
      word = at;
    } else if (character === '"') {
      levels.push({ kind: 'double', close: '"' });
      at++;
    } else if (inQuotes) at++;
    else if (character === "'" && level.kind !== 'arithmetic') {
      const close = text.indexOf("'", at + 1);
      if (close === -1) return undefined;
      addAll(at + 1, close, 'single', { quotes: { open: at, close } });
      at = close + 1;
    } else if (character === '(') {
      levels.push({ kind: level.kind === 'arithmetic' ? 'arithmetic' : 'plain', close: ')' });
      at++;
      word = at;
    } else if (level.kind !== 'plain') at++;
    else if (character === '#' && word === at) {
      const line = lineEnd(text, at);
      addAll(at, line, 'comment');
      at = line;
    } else if (text.startsWith('<<', at) && text[at + 2] !== '<') {
      const document = documentAt(text, at + 2);
      if (document !== undefined) pending.push(document);
      at = document?.end ?? at + 2;
    } else if (text.startsWith('<<<', at)) {
      at += 3;
      word = at;
    } else if (character === '\n') {
      const next = readBodies(at + 1);
      if (next === undefined) return undefined;
      at = next;
      word = at;
    } else {
      at++;
      if (/[\s;&|<>)]/.test(character)) word = at;
    }
  }
  return levels.length === 1 && pending.length === 0 ? found.sort((a, b) => a.start - b.start) : undefined;
}

function quotingOf({ kind }: Level, inQuotes: boolean, text: string, start: number, end: number): Quoting {
  if (kind === 'arithmetic') return 'arithmetic';
  if (inQuotes) return 'double';
  // `{1..#{n}}` is spelt out before variables are read, and the name in `#{n}=value` is none that could be read.
  const isRange = text.slice(start - 2, start) === '..' || text.startsWith('..', end);
  const isName = /^\+?=/.test(text.slice(end, end + 2)) && /(?:^|[\s;&|(`])$/.test(text.slice(Math.max(0, start - 1), start));
  return isRange || isName ? 'fixed' : 'none';
}

/** After a redirection, or in `name=`, the shell does not make several words of a text. */
function isOneWord(text: string, word: number, at: number): boolean {
  if (/^[A-Za-z_]\w*\+?=/.test(text.slice(word, Math.min(at, word + 100)))) return true;
  return /[<>]&?[ \t]*$/.test(text.slice(Math.max(0, word - 20), word));
}

const lineEnd = (text: string, from: number): number => {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end;
};

/** Offset of the quote that ends `$'...'`. */
function endOfAnsi(text: string, from: number): number | undefined {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === "'") return at;
  }
  return undefined;
}

const DELIMITER = /(-?)[ \t]*(?:'([^'\n]{1,100})'|"([^"\n]{1,100})"|(\\?)([^\s;&|<>()'"`$\\]{1,100}))/y;

function documentAt(text: string, at: number): HereDocument | undefined {
  DELIMITER.lastIndex = at;
  const match = DELIMITER.exec(text);
  if (match === null) return undefined;
  const [all, dash = '', single, double, backslash = '', plain] = match;
  const delimiter = single ?? double ?? plain ?? '';
  const raw = plain === undefined || backslash !== '';
  const written = delimiter.length + (plain === undefined ? 2 : backslash.length);
  const end = at + all.length;
  return { delimiter, raw, start: end - written, end, bodyStart: end, bodyEnd: end, stripsTabs: dash !== '' };
}

/** Offsets where the body ends and where the line after its delimiter begins. */
function endOfDocument(text: string, from: number, { delimiter, stripsTabs }: HereDocument): { body: number; next: number } | undefined {
  for (let at = from; at < text.length; ) {
    const end = lineEnd(text, at);
    const line = text.slice(at, end);
    if ((stripsTabs ? line.replace(/^\t+/, '') : line) === delimiter) return { body: at, next: Math.min(end + 1, text.length) };
    at = end + 1;
  }
  return undefined;
}
