// YAML text to plain values that remember where they stand in the text.
import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, type Scalar } from 'yaml';
import { composeYaml } from './compose-yaml.ts';
import type { Diagnostic, Span } from './diagnostic.ts';
import type { Path } from './playbook.ts';
import { clampSpan } from './source.ts';
import { readUsualYaml } from './usual-yaml.ts';
import { yamlProblems } from './yaml-problems.ts';

/** Values have no prototype, so that no key of a playbook means anything to JavaScript. */
export interface Located {
  value: unknown;
  /** The value, or for a missing one its nearest parent. */
  spanOf(path: Path): Span;
  /** The key of the last path element; for list items and missing keys as spanOf. */
  keySpanOf(path: Path): Span;
  /** A part of a text value, by offsets into the text as read: escapes, indentation and folding are allowed for. */
  spanWithin(path: Path, start: number, end: number): Span;
}

const LONGEST_TEXT = 1024 * 1024;
const DEEPEST = 50;
const MOST_VALUES = 100_000;
const BEYOND = {
  depth: `values are nested more than ${DEEPEST} deep`,
  values: `more than ${MOST_VALUES} values, counting each use of an alias`,
};

/** Of texts up to this length some are kept, the last ones used: many playbooks use the same files. */
const LONGEST_KEPT = 32 * 1024;
const MOST_KEPT = 16;
const kept = new Map<string, ReturnType<typeof readAnyYaml>>();

/**
 * Reads one YAML 1.2 core document. Never throws: what is wrong with it comes back as diagnostics, and then `located` is absent. The value is
 * not to be changed: whoever asks for the same text may get the same one.
 */
export function readYaml(text: string): { located?: Located; diagnostics: Diagnostic[] } {
  if (text.length > LONGEST_KEPT) return readText(text);
  const read = kept.get(text) ?? readText(text);
  kept.delete(text);
  kept.set(text, read);
  for (const oldest of kept.keys()) {
    if (kept.size <= MOST_KEPT) break;
    kept.delete(oldest);
  }
  return { ...read, diagnostics: [...read.diagnostics] };
}

function readText(text: string): { located?: Located; diagnostics: Diagnostic[] } {
  const value = text.length > LONGEST_TEXT ? undefined : readUsualYaml(text);
  return value === undefined ? readAnyYaml(text) : { located: { value, ...latePlaces(text) }, diagnostics: [] };
}

/** Reads the text again when the first place is asked for: where nothing is found none ever is. */
function latePlaces(text: string): Omit<Located, 'value'> {
  let known: Omit<Located, 'value'> | undefined;
  const all = (): Omit<Located, 'value'> => {
    known ??= readAnyYaml(text).located;
    if (known === undefined) throw new Error('a text was read by readUsualYaml that is no YAML');
    return known;
  };
  return {
    spanOf: (path) => all().spanOf(path),
    keySpanOf: (path) => all().keySpanOf(path),
    spanWithin: (path, start, end) => all().spanWithin(path, start, end),
  };
}

/** The same with the `yaml` package, whatever the text is. */
export function readAnyYaml(text: string): { located?: Located; diagnostics: Diagnostic[] } {
  const whole = (message: string): { diagnostics: Diagnostic[] } => ({
    diagnostics: [{ rule: 'yaml-syntax', severity: 'error', message, span: { start: 0, end: Math.min(1, text.length) } }],
  });
  if (text.length > LONGEST_TEXT) return whole('the file is larger than 1 MiB');
  let document: ReturnType<typeof composeYaml>;
  try {
    // Unique keys are checked in `Reader`: the library's own check takes quadratic time.
    document = composeYaml(text, { depth: DEEPEST, values: MOST_VALUES });
  } catch {
    return whole('the file cannot be read as YAML: its values are nested too deeply');
  }
  if ('bound' in document) {
    const { bound, offset } = document;
    return { diagnostics: [{ rule: 'yaml-syntax', severity: 'error', message: BEYOND[bound], span: { start: offset, end: offset + 1 } }] };
  }
  const diagnostics = yamlProblems(document, text);
  const version = document.directives?.yaml;
  if (version?.explicit && version.version !== '1.2') {
    diagnostics.push({
      rule: 'yaml-syntax',
      severity: 'error',
      message: `playbooks are YAML 1.2, not ${version.version}`,
      span: { start: 0, end: 5 },
    });
  }
  const root: Node | null = document.contents;
  if (root === null) diagnostics.push(...whole('the file is empty').diagnostics);
  if (root === null || diagnostics.length > 0) return { diagnostics };
  const reader = startReader(text);
  const value = reader.read(root, 0);
  if (reader.diagnostics.length > 0) return { diagnostics: reader.diagnostics };
  return { located: { value, ...places(text, root, reader.anchors) }, diagnostics: [] };
}

/** Turns nodes into values; counts, so that aliases cannot multiply without bound. */
function startReader(text: string) {
  const diagnostics: Diagnostic[] = [];
  const anchors = new Map<string, Node>();
  const open = new Set<Node>();
  let values = 0;

  const find = (rule: string, node: Node | undefined, message: string, hint?: string) => {
    const [start, end] = node?.range ?? [0, 1];
    if (diagnostics.length >= 20) return;
    diagnostics.push({
      rule,
      severity: 'error',
      message,
      span: clampSpan({ start, end }, text.length),
      ...(hint === undefined ? {} : { hint }),
    });
  };

  const findLostAnchor = (node: Node, anchor: string) => {
    const start = text.lastIndexOf(`&${anchor}`, node.range?.[0]);
    if (start === -1 || diagnostics.length >= 20) return;
    diagnostics.push({
      rule: 'yaml-alias',
      severity: 'error',
      message: `\`&${anchor}\` is an anchor, and no value follows it`,
      hint: 'put the value in quotes where the `&` is meant as text',
      span: { start, end: start + anchor.length + 1 },
    });
  };

  const readMap = (items: Pair[], depth: number): Record<string, unknown> => {
    const result: Record<string, unknown> = Object.create(null);
    for (const { key, value } of items as Pair<Node, Node | null>[]) {
      const name = isScalar(key) ? String(key.value ?? '') : '';
      if (!isScalar(key)) find('yaml-syntax', key, 'a key must be plain text');
      else if (name === '<<' && key.type === 'PLAIN')
        find('merge-key', key, 'merge keys (`<<`) are not part of YAML 1.2', 'write the keys out, or use `variables`');
      else if (Object.hasOwn(result, name))
        find('duplicate-key', key, `the key \`${name.slice(0, 60)}\` stands here twice`, 'the first one stands above; keep one');
      const content = read(value, depth + 1);
      result[name] = content;
    }
    return result;
  };

  const read = (node: Node | null, depth: number): unknown => {
    if (node === null) return null;
    if (++values > MOST_VALUES || depth > DEEPEST) {
      if (diagnostics.length === 0) {
        find('yaml-syntax', node, depth > DEEPEST ? BEYOND.depth : BEYOND.values);
      }
      return null;
    }
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (target === undefined)
        find(
          'yaml-alias',
          node,
          `no anchor \`&${node.source}\` stands above`,
          'put the value in quotes where the asterisk is meant as text',
        );
      else if (open.has(target)) find('yaml-alias', node, `the alias \`*${node.source}\` contains itself`);
      else return read(target, depth);
      return null;
    }
    const anchor = (node as { anchor?: string }).anchor;
    if (anchor !== undefined) {
      anchors.set(anchor, node);
      if (isScalar(node) && node.value === null && node.source === '') findLostAnchor(node, anchor);
    }
    if (isScalar(node)) return node.value;
    open.add(node);
    const value = isMap(node)
      ? readMap(node.items as Pair[], depth)
      : isSeq(node)
        ? node.items.map((item) => read(item as Node, depth + 1))
        : null;
    open.delete(node);
    return value;
  };

  return { read, diagnostics, anchors };
}

function places(text: string, root: Node, anchors: ReadonlyMap<string, Node>): Omit<Located, 'value'> {
  const spanOfNode = (node: Node): Span => {
    const [start, end] = node.range ?? [0, 0];
    return { start, end: start + text.slice(start, end).trimEnd().length };
  };

  /** The deepest node on the path, the key that leads to it, and whether it is the whole path. */
  const descend = (path: Path): { node: Node; key?: Node; found: boolean } => {
    let node: Node = root;
    let key: Node | undefined;
    for (const part of path) {
      const target = isAlias(node) ? anchors.get(node.source) : node;
      let next: Node | null | undefined;
      let nextKey: Node | undefined;
      if (isMap(target)) {
        const pair = (target.items as Pair<Node, Node | null>[]).find(
          (each) => isScalar(each.key) && String(each.key.value ?? '') === String(part),
        );
        nextKey = pair?.key;
        next = pair?.value ?? nextKey;
      } else if (isSeq(target) && typeof part === 'number') next = target.items[part] as Node | undefined;
      if (!next) return { node, ...(key === undefined ? {} : { key }), found: false };
      node = next;
      key = nextKey;
    }
    return { node, ...(key === undefined ? {} : { key }), found: true };
  };

  const spanOf = (path: Path): Span => {
    const { node, key, found } = descend(path);
    const span = spanOfNode(!found && key !== undefined ? key : node);
    return span.end > span.start || key === undefined ? span : spanOfNode(key);
  };

  const keySpanOf = (path: Path): Span => {
    const { node, key } = descend(path);
    if (key !== undefined) return spanOfNode(key);
    // A list item, or the root: its first key stands for it.
    const first = isMap(node) ? (node.items[0]?.key as Node | undefined) : undefined;
    return spanOfNode(first ?? node);
  };

  const spanWithin = (path: Path, start: number, end: number): Span => {
    const { node, found } = descend(path);
    const target = isAlias(node) ? anchors.get(node.source) : node;
    if (!found || !isScalar(target) || typeof target.value !== 'string') return spanOf(path);
    const offsets = [start, end].map((offset) => offsetWithin(text, target as Scalar<string>, offset));
    const [from, to] = offsets;
    return from === undefined || to === undefined ? spanOf(path) : clampSpan({ start: from, end: Math.max(to, from + 1) }, text.length);
  };

  return { spanOf, keySpanOf, spanWithin };
}

/** Where the character at `offset` of a scalar's value stands in the text; undefined where that cannot be told. */
function offsetWithin(text: string, { range, value, type }: Scalar<string>, offset: number): number | undefined {
  const [start, end] = range ?? [0, 0];
  const written = text.slice(start, end);
  const quote = type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE' ? 1 : 0;
  if (written.startsWith(value, quote) && written.trimEnd().length === value.length + 2 * quote) return start + quote + offset;
  if (type === 'BLOCK_LITERAL') {
    const line = value.slice(0, offset).split('\n').length - 1;
    const lines = written.split('\n');
    const valueLine = value.split('\n')[line] ?? '';
    const writtenLine = (lines[line + 1] ?? '').replace(/\r$/, '');
    if (!writtenLine.endsWith(valueLine)) return undefined;
    const lineStart = lines.slice(0, line + 1).join('\n').length + 1;
    return start + lineStart + writtenLine.length - valueLine.length + offset - (value.lastIndexOf('\n', offset - 1) + 1);
  }
  // Folded or escaped: count the expressions, and trust that nothing inside one is folded or escaped.
  let before = value.indexOf('${{');
  let at = written.indexOf('${{');
  if (before === -1 || before > offset) return undefined;
  for (let next = value.indexOf('${{', before + 1); next !== -1 && next <= offset; next = value.indexOf('${{', next + 1)) {
    before = next;
    at = written.indexOf('${{', at + 1);
  }
  return at === -1 || at + offset - before > written.length ? undefined : start + at + offset - before;
}
