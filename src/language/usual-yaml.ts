// A fast reader for YAML as playbooks are usually written. Whatever is unusual it leaves to the `yaml` package, which takes ten times as long:
// anchors, tags, tabs, values over several lines, and everything that could be wrong. What it reads, it reads as that package does; a test compares.
import { FLOW_PLAIN, KEY, PLAIN, plainValue, QUOTED, quotedValue, unusual } from './usual-scalars.ts';

const ODD_CHARACTER = /[^\n\x20-\x7e\u00a1-\u167f\u2010-\u2027\u2030-\u205e\u2070-\u2fff\u3001-\ud7ff]/;
const LINE_END = / *(?:(?<= )#[^\n]*)?\n/y;
const EMPTY_LINES = /(?: *(?:#[^\n]*)?\n)*/y;
const INDENT = / */y;
const LITERAL = /\|(-?) *\n/y;
const FIRST_LINE = /\n*( +)(?=[^ \n])/y;

/** Below the limits of readYaml, which must find what goes beyond them. */
const DEEPEST = 40;
const MOST_VALUES = 50_000;

type Mapping = Record<string, unknown>;

/** Without a prototype; Object.create(null) would make it a dictionary, which takes twice as long to build and to walk. */
const emptyMap = (): Mapping => Object.setPrototypeOf({}, null) as Mapping;

/** The value of a document, maps without prototype; undefined where only the `yaml` package can tell. */
export function readUsualYaml(text: string): Mapping | unknown[] | undefined {
  if (!text.endsWith('\n') || ODD_CHARACTER.test(text)) return undefined;
  let at = 0;
  let values = 0;

  /** What the pattern finds right here, and goes on behind it. */
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found !== null) at = pattern.lastIndex;
    return found;
  };
  const need = (pattern: RegExp): RegExpExecArray => take(pattern) ?? unusual();
  const opensItem = (offset: number): boolean => text[offset] === '-' && (text[offset + 1] === ' ' || text[offset + 1] === '\n');

  /** Goes to the next line that holds something; its indentation, or -1 at the end. */
  const nextIndent = (): number => {
    need(EMPTY_LINES);
    if (at === text.length) return -1;
    INDENT.lastIndex = at;
    INDENT.test(text);
    return INDENT.lastIndex - at;
  };

  const count = (depth: number): void => {
    if (++values > MOST_VALUES || depth > DEEPEST) unusual();
  };

  const add = (map: Mapping, name: string, value: unknown): void => {
    if (name === '<<' || Object.hasOwn(map, name)) unusual();
    map[name] = value;
  };

  const readKey = (): string => {
    const key = take(KEY);
    if (key !== null) return key[1] as string;
    const name = quotedValue(need(QUOTED));
    if (text[at] !== ':' || (text[at + 1] !== ' ' && text[at + 1] !== '\n') || name.length > 1000) unusual();
    at++;
    return name;
  };

  const readMap = (column: number, depth: number): Mapping => {
    const map = emptyMap();
    for (;;) {
      const name = readKey();
      add(map, name, readValue(column, depth + 1, true));
      const indent = nextIndent();
      if (indent < column) return map;
      if (indent > column) unusual();
      at += indent;
    }
  };

  const readList = (column: number, depth: number): unknown[] => {
    const list: unknown[] = [];
    for (;;) {
      at++;
      list.push(readValue(column, depth + 1, false));
      const indent = nextIndent();
      if (indent !== column || !opensItem(at + indent)) return list;
      at += indent;
    }
  };

  const readBlock = (column: number, depth: number): Mapping | unknown[] =>
    opensItem(at) ? readList(column, depth) : readMap(column, depth);

  /** What stands after `key:` or `-` of a collection that begins in the column. */
  const readValue = (column: number, depth: number, inMap: boolean): unknown => {
    count(depth);
    if (take(LINE_END) !== null) {
      const indent = nextIndent();
      const isList = inMap && indent === column && opensItem(at + indent);
      if (indent <= column && !isList) return null;
      at += indent;
      return readBlock(indent, depth);
    }
    need(INDENT);
    if (text[at] === '|') return readLiteral(column);
    if (!inMap) {
      KEY.lastIndex = at;
      if (opensItem(at) || KEY.test(text)) return readBlock(at - text.lastIndexOf('\n', at) - 1, depth);
    }
    const value = readInline(PLAIN, depth);
    need(LINE_END);
    // A deeper line would go on with the value.
    if (nextIndent() > column) unusual();
    return value;
  };

  const readInline = (plain: RegExp, depth: number): unknown => {
    const first = text[at];
    if (first === '[') return readFlowList(depth);
    if (first === '{') return readFlowMap(depth);
    if (first === '"' || first === "'") return quotedValue(need(QUOTED));
    return plainValue(need(plain)[0].trimEnd());
  };

  const readFlowList = (depth: number): unknown[] => {
    const list: unknown[] = [];
    at++;
    need(INDENT);
    for (; text[at] !== ']'; need(INDENT)) {
      count(depth + 1);
      list.push(readInline(FLOW_PLAIN, depth + 1));
      endFlowItem(']');
    }
    at++;
    return list;
  };

  const readFlowMap = (depth: number): Mapping => {
    const map = emptyMap();
    at++;
    need(INDENT);
    for (; text[at] !== '}'; need(INDENT)) {
      const name = readKey();
      need(INDENT);
      count(depth + 1);
      add(map, name, readInline(FLOW_PLAIN, depth + 1));
      endFlowItem('}');
    }
    at++;
    return map;
  };

  const endFlowItem = (close: string): void => {
    need(INDENT);
    if (text[at] === close) return;
    if (text[at] !== ',') unusual();
    at++;
    need(INDENT);
    if (text[at] === close) unusual();
  };

  const readLiteral = (column: number): string => {
    const [, chomping] = need(LITERAL);
    const start = at;
    const indent = (need(FIRST_LINE)[1] as string).length;
    if (indent <= column) unusual();
    at = start;
    const lines: string[] = [];
    let filled = 0;
    while (at < text.length) {
      const end = text.indexOf('\n', at);
      INDENT.lastIndex = at;
      INDENT.test(text);
      const first = INDENT.lastIndex;
      if (first === end ? end > at : first - at < indent) {
        if (first === end || first - at > column) unusual();
        break;
      }
      lines.push(first === end ? '' : text.slice(at + indent, end));
      if (first !== end) filled = lines.length;
      at = end + 1;
    }
    lines.length = filled;
    return chomping === '-' ? lines.join('\n') : `${lines.join('\n')}\n`;
  };

  try {
    const indent = nextIndent();
    if (indent !== 0) return undefined;
    const value = readBlock(0, 0);
    return at === text.length ? value : undefined;
  } catch (error) {
    if (error === unusual) return undefined;
    throw error;
  }
}
