// Reads a shell script into its simple commands, as far as lint must: what is only quoted, printed or commented is no command.
import { parseTemplate } from '../language/template.ts';

/** One program with its words, quotes taken away. Offsets count from the start of the text. */
export interface SimpleCommand {
  /** Without what stands before the program: assignments, words such as `then`, and programs that only run another. */
  words: readonly string[];
  /** What stood before the program, e.g. ["while"], ["timeout", "5"] or ["nsenter", "-t", "1"]. */
  before: readonly string[];
  /** Files that it writes to by redirection. */
  writes: readonly string[];
  /** What joins it to the next one. */
  joint: string;
  start: number;
  end: number;
}

/** Stands for each character of a `${{ }}`: its value is not known here. */
export const UNKNOWN = '\uFFFC';

const DEEPEST = 4;
const SHELL = /^(?:[\w./-]*\/)?(?:ba|da|a|z|k)?sh$/;
const OPERATORS = ['\n', ';', '&&', '||', '|&', '|', '&', '(', ')'];
const WORDS_BEFORE = new Set('if then elif else while until do time ! { exec command builtin nohup'.split(' '));
/** Characters that mean nothing to a shell. */
const PLAIN = /[^\s\\'"#$`<>&;|()]+/y;
/** Programs that run another one, with those of their options that take a word. */
const RUNNERS: Readonly<Record<string, RegExp>> = {
  sudo: /^-[ugCD]$/,
  env: /^-[uSC]$/,
  nice: /^-n$/,
  setsid: /^$/,
  stdbuf: /^-[ioe]$/,
  xargs: /^-[IndPLE]$/,
  timeout: /^-[ks]$/,
  nsenter: /^(-[tSGrw]|--target)$/,
  chroot: /^$/,
  busybox: /^$/,
};
/** Runners whose first own word belongs to them: `timeout 5 nmap`, `chroot /host ls`. */
const TAKES_A_WORD = new Set(['timeout', 'chroot']);

export const isShell = (word: string | undefined): boolean => word !== undefined && SHELL.test(word);

/** Words after which another program is named, as in `kubectl exec pod -- sh` and `find -exec sh`. */
const NAMES_A_PROGRAM = new Set(['--', '-exec', '-execdir', '-ok']);

/** The script that `sh -c '...'` is given, by its place among the words; undefined where there is none. */
export function scriptOfShell(argv: readonly string[]): number | undefined {
  const shell = argv.findIndex((word, index) => isShell(word) && (index === 0 || NAMES_A_PROGRAM.has(argv[index - 1] ?? '')));
  if (shell === -1) return undefined;
  const option = argv.findIndex((word, index) => index > shell && /^-[a-z]*c[a-z]*$/.test(word));
  const isFirst = option !== -1 && argv.slice(shell + 1, option).every((word) => word.startsWith('-'));
  return isFirst && option + 1 < argv.length ? option + 1 : undefined;
}

/** True for a shell that reads its script from standard input: `sh`, `bash -s x`. */
export function readsInput([shell, ...rest]: readonly string[]): boolean {
  if (!isShell(shell)) return false;
  const first = rest.find((word) => !word.startsWith('-') || /^-[a-z]*[cs][a-z]*$/.test(word));
  return first === undefined || /^-[a-z]*s/.test(first);
}

/** The text with every `${{ }}` made unknown; its length stays. */
function withoutExpressions(text: string): string {
  const pieces = parseTemplate(text);
  if (!Array.isArray(pieces)) return text;
  return pieces.map((piece) => ('text' in piece ? piece.text : UNKNOWN.repeat(piece.outer.end - piece.outer.start))).join('');
}

/** The playbooks of a folder have most of their scripts from one another. */
const known = new Map<string, readonly SimpleCommand[]>();
const MOST_KNOWN = 500;
/** Longer ones are rare, and not worth their memory. */
const LONGEST_KNOWN = 2000;

/** Every simple command of a script, also those inside `$( )` and inside `sh -c '...'`. */
export function commandsIn(script: string): readonly SimpleCommand[] {
  const before = known.get(script);
  if (before !== undefined) return before;
  const found = read(withoutExpressions(script), 0, 0);
  if (known.size >= MOST_KNOWN) known.clear();
  if (script.length <= LONGEST_KNOWN) known.set(script, found);
  return found;
}

/** A program that is given as its words. */
export const commandOf = (argv: readonly string[]): SimpleCommand =>
  unwrap({ words: argv.map(withoutExpressions), before: [], writes: [], joint: '', start: 0, end: 0 });

function read(text: string, offset: number, depth: number): SimpleCommand[] {
  const found: SimpleCommand[] = [];
  let words: string[] = [];
  let writes: string[] = [];
  let word: string | undefined;
  let target: 'write' | 'read' | 'document' | undefined;
  let start = -1;
  let delimiter: string | undefined;

  const add = (text: string) => {
    word = (word ?? '') + text;
  };
  const addAll = (commands: readonly SimpleCommand[]) => {
    for (const each of commands) found.push(each);
  };
  const endWord = () => {
    if (word === undefined) return;
    if (target === 'write') writes.push(word);
    else if (target === 'document') delimiter = word.replace(/^-/, '');
    else if (target === undefined) words.push(word);
    target = word = undefined;
  };
  const endCommand = (joint: string, end: number) => {
    endWord();
    if (words.length > 0 || writes.length > 0) {
      const command = unwrap({
        words,
        before: [],
        writes,
        joint,
        start: offset + start,
        end: offset + start + text.slice(start, end).trimEnd().length,
      });
      found.push(command);
      const inner = scriptOfShell(command.words);
      const script = inner === undefined ? undefined : command.words[inner];
      if (script !== undefined && depth < DEEPEST)
        addAll(
          read(script, 0, depth + 1).map((each) => ({
            ...each,
            before: [...command.before, ...each.before],
            start: command.start,
            end: command.end,
          })),
        );
    }
    [words, writes, start, target] = [[], [], -1, undefined];
  };
  /** A command inside another: `$( )`, `<( )` or backticks. What it prints is unknown, so the word holds its text. */
  const substitute = (at: number, opening: string): number => {
    const from = at + opening.length;
    const end = opening === '`' ? text.indexOf('`', from) : endOfParentheses(text, from);
    const close = end === -1 ? text.length : end;
    if (depth < DEEPEST) addAll(read(text.slice(from, close), offset + from, depth + 1));
    add(text.slice(at, close + 1));
    return close;
  };

  for (let at = 0; at < text.length; at++) {
    PLAIN.lastIndex = at;
    const plain = PLAIN.exec(text)?.[0];
    if (plain !== undefined) {
      if (start === -1) start = at;
      add(plain);
      at += plain.length - 1;
      continue;
    }
    const character = text[at] ?? '';
    const isSpace = character === ' ' || character === '\t';
    if (start === -1 && !isSpace && !OPERATORS.includes(character)) start = at;
    if (isSpace) endWord();
    else if (character === '\\') {
      if (text[at + 1] !== '\n') add(text[at + 1] ?? '');
      at++;
    } else if (character === "'") {
      const end = text.indexOf("'", at + 1) === -1 ? text.length : text.indexOf("'", at + 1);
      add(text.slice(at + 1, end));
      at = end;
    } else if (character === '"') {
      const end = endOfQuotes(text, at);
      const content = text.slice(at + 1, end);
      for (let open = content.indexOf('$('); open !== -1 && depth < DEEPEST; ) {
        const close = endOfParentheses(content, open + 2);
        addAll(read(content.slice(open + 2, close), offset + at + 1 + open + 2, depth + 1));
        open = content.indexOf('$(', close);
      }
      add(content.replace(/\\(["\\$`\n])/g, '$1'));
      at = end;
    } else if (character === '#' && word === undefined) {
      const end = text.indexOf('\n', at);
      if (words.length === 0 && writes.length === 0) start = -1;
      at = (end === -1 ? text.length : end) - 1;
    } else if (character === '$' && text[at + 1] === '(') at = substitute(at, '$(');
    else if (character === '`') at = substitute(at, '`');
    else if (character === '>' || character === '<') {
      if (word !== undefined && /^\d+$/.test(word)) word = undefined;
      endWord();
      const operator = /^(?:<<<|<<-?|>>|>\||[<>]&|[<>])/.exec(text.slice(at, at + 3))?.[0] ?? character;
      if (text[at + 1] === '(') at = substitute(at, `${character}(`);
      else {
        target =
          operator.startsWith('<<') && operator !== '<<<' ? 'document' : operator.startsWith('>') && operator !== '>&' ? 'write' : 'read';
        at += operator.length - 1;
      }
    } else if (character === '&' && text[at + 1] === '>') endWord();
    else {
      const operator = OPERATORS.find((each) => text.startsWith(each, at));
      if (operator === undefined) {
        add(character);
        continue;
      }
      endCommand(operator, at);
      if (operator === '\n' && delimiter !== undefined) {
        const { last, end } = endOfDocument(text, at + 1, delimiter);
        const isScript = isShell(found.at(-1)?.words[0]);
        if (isScript && depth < DEEPEST) addAll(read(text.slice(at + 1, last), offset + at + 1, depth + 1));
        at = Math.max(at, end - 1);
        delimiter = undefined;
      }
      at += operator.length - 1;
    }
  }
  endCommand('', text.length);
  return found;
}

/** Offset of the parenthesis that closes, or the text's end. */
function endOfParentheses(text: string, from: number): number {
  let open = 1;
  for (let at = from; at < text.length; at++) {
    if (text[at] === '(') open++;
    else if (text[at] === ')' && --open === 0) return at;
  }
  return text.length;
}

/** Offset of the double quote that closes, or the text's end. */
function endOfQuotes(text: string, at: number): number {
  for (let end = at + 1; end < text.length; end++) {
    if (text[end] === '\\') end++;
    else if (text[end] === '"') return end;
  }
  return text.length;
}

/** Offsets after the last line of a here-document, and after the line that ends it. */
function endOfDocument(text: string, from: number, delimiter: string): { last: number; end: number } {
  for (let at = from; at < text.length; ) {
    const end = text.indexOf('\n', at) === -1 ? text.length : text.indexOf('\n', at);
    if (text.slice(at, end).trim() === delimiter) return { last: at, end };
    at = end + 1;
  }
  return { last: text.length, end: text.length };
}

/** Takes away what only stands before the program, and remembers it. */
function unwrap(command: SimpleCommand): SimpleCommand {
  const { words } = command;
  let at = 0;
  for (let first = words[at]; first !== undefined; first = words[at]) {
    const name = first.slice(first.lastIndexOf('/') + 1);
    if (WORDS_BEFORE.has(first) || /^[A-Za-z_]\w*=/.test(first)) at++;
    else if (Object.hasOwn(RUNNERS, name)) at = afterRunner(words, at, name);
    else break;
  }
  return { ...command, words: words.slice(at), before: words.slice(0, at) };
}

/** Index of the word that a runner such as `timeout` runs. */
function afterRunner(words: readonly string[], at: number, name: string): number {
  let own = TAKES_A_WORD.has(name) ? 1 : 0;
  let index = at + 1;
  for (let next = words[index]; next !== undefined; next = words[index]) {
    if (next === '--') return index + 1;
    const isOption = next.startsWith('-') && next !== '-';
    if (!isOption && !(name === 'env' && next.includes('=')) && own-- <= 0) break;
    index += isOption && RUNNERS[name]?.test(next) ? 2 : 1;
  }
  return Math.min(index, words.length);
}
