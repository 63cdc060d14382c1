// Lint over mutated text: whatever stands in the file, there is a playbook or a located finding, and never an exception or a hang.
import { env } from 'node:process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mistakes } from '../lint/mistakes.ts';
import { lintBadInput, seeds } from './seeds.ts';

/** The same cases each time, so that a change is to blame for what it breaks; SIM_FUZZ_SEED tries others. */
const SEED = Number(env.SIM_FUZZ_SEED ?? 20_261_125);

const [any] = seeds;
if (any === undefined) throw new Error('there are no seeds');

/** What YAML, CEL, JavaScript or a terminal could stumble over. */
const PIECES = [
  ...['', ' ', '\n', '\t', '\r', '\r\n', ':', ': ', '- ', '? ', ', ', '#', ' # ', '|', '>', '"', "'", '{', '}', '[', ']', '---\n', '...\n'],
  ...[
    '&a ',
    '*a',
    '<<: *a',
    '!!str ',
    '!!binary ',
    '!x ',
    '%YAML 1.1\n',
    '@',
    '`',
    '%',
    '!',
    '~',
    '.nan',
    '.inf',
    '-.inf',
    '0x1F',
    '0o17',
    '1e400',
    '-0',
  ],
  ...[
    'null',
    'true',
    'yes',
    '1.10',
    '010',
    '99999999999999999999',
    '2024-01-01',
    '[]',
    '{}',
    '[[]]',
    '{a: {b: []}}',
    'text',
    '""',
    '30',
    '30 s',
    'T1046',
  ],
  ...[
    '${{',
    '}}',
    '${{ }}',
    '${{ inputs }}',
    '${{ inputs.x }}',
    '${{ steps.a.b.c }}',
    '{{ inputs.x }}',
    '${{ "${{" }}',
    '${{ [1].map(a, [2].map(b, a)) }}',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '__proto__: {a: 1}\n',
    'steps',
    'steps:\n',
    'exec:',
    'uses: ./a.yaml',
    'parallel: [{}, {}]',
  ],
  ...[
    '\u0000',
    '\u0007',
    '\u001b[31m',
    '\u007f',
    '\u0085',
    '\u00a0',
    '\u200b',
    '\u202e',
    '\u2028',
    '\ufeff',
    '\ufffd',
    '\ud800',
    '\udc00',
    '💥',
    'é',
    '(a+)+$',
    '\\',
  ],
];

type Edit = (text: string, at: number, to: number, piece: string) => string;

const onLines =
  (edit: (lines: string[], at: number, to: number, piece: string) => string[]): Edit =>
  (text, at, to, piece) => {
    const lines = text.split('\n');
    return edit(lines, at % lines.length, to % lines.length, piece).join('\n');
  };

const EDITS: Readonly<Record<string, Edit>> = {
  insert: (text, at, _, piece) => text.slice(0, at % (text.length + 1)) + piece + text.slice(at % (text.length + 1)),
  overwrite: (text, at, to, piece) => text.slice(0, at % (text.length + 1)) + piece + text.slice((at % (text.length + 1)) + (to % 12)),
  truncate: (text, at) => text.slice(0, at % (text.length + 1)),
  behead: (text, at) => text.slice(at % (text.length + 1)),
  deleteLine: onLines((lines, at) => lines.toSpliced(at, 1)),
  repeatLine: onLines((lines, at) => lines.toSpliced(at, 0, lines[at] ?? '')),
  moveLine: onLines((lines, at, to) => lines.toSpliced(at, 1).toSpliced(to, 0, lines[at] ?? '')),
  indent: onLines((lines, at, to) => lines.map((line, index) => (index >= at && index <= at + (to % 4) ? ` ${line}` : line))),
  outdent: onLines((lines, at, to) =>
    lines.map((line, index) => (index >= at && index <= at + (to % 4) ? line.replace(/^ {1,2}/, '') : line)),
  ),
  indentByTab: onLines((lines, at) => lines.with(at, `\t${lines[at]}`)),
  replaceValue: onLines((lines, at, _, piece) => lines.with(at, (lines[at] ?? '').replace(/: .*$/, `: ${piece}`))),
  replaceKey: onLines((lines, at, _, piece) => lines.with(at, (lines[at] ?? '').replace(/[\w-]+:/, `${piece}:`))),
  replaceWord: (text, at, _, piece) => {
    const words = [...text.matchAll(/[\w./-]+/g)];
    const word = words[at % Math.max(1, words.length)];
    return word === undefined ? piece : text.slice(0, word.index) + piece + text.slice(word.index + word[0].length);
  },
  mark: (text, at, to) =>
    text.replace(/: (?=\S)/g, (colon, offset: number) => (offset % 7 === at % 7 ? `: ${to % 2 ? '&a ' : '!t '}` : colon)),
  alias: (text, at) => text.replace(/: \S+$/gm, (value, offset: number) => (offset % 5 === at % 5 ? ': *a' : value)),
  append: (text, at, to) => text + (to % 2 ? '---\n' : '') + (seeds[at % seeds.length]?.text ?? ''),
  lineEnds: (text, at) => text.replaceAll('\n', ['\r\n', '\r', '\u2028', '\n\n', '\n \n'][at % 5] ?? '\n'),
  mix: (text, at, to) => text.slice(0, at % (text.length + 1)) + (seeds[to % seeds.length]?.text.slice(at % (text.length + 1)) ?? ''),
};

const edit = fc.record({
  kind: fc.constantFrom(...Object.keys(EDITS)),
  at: fc.nat(1_000_000),
  to: fc.nat(1_000_000),
  piece: fc.constantFrom(...PIECES),
});

const MUTATIONS = 8000;

test(`${MUTATIONS} mutated texts`, () => {
  let refused = 0;
  fc.assert(
    fc.property(fc.nat(seeds.length - 1), fc.array(edit, { minLength: 1, maxLength: 4 }), (index, edits) => {
      const seed = seeds[index] ?? any;
      const text = edits.reduce((now, { kind, at, to, piece }) => EDITS[kind]?.(now, at, to, piece) ?? now, seed.text);
      if (lintBadInput(text, seed).some(({ severity }) => severity === 'error')) refused++;
    }),
    { numRuns: MUTATIONS, seed: SEED },
  );
  // Mutations that break nothing, or everything, would try little.
  expect(refused).toBeGreaterThan(MUTATIONS / 2);
  expect(refused).toBeLessThan(MUTATIONS);
});

const WILD = 3000;

test(`${WILD} random texts and bytes`, () => {
  const wild = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((bytes) => new TextDecoder().decode(bytes)),
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.string({ unit: fc.constantFrom(...':-[]{}&*!|>\'"%@`#?,\n\t a0~<='), maxLength: 80 }),
    fc.array(fc.constantFrom(...PIECES), { maxLength: 30 }).map((pieces) => pieces.join('')),
  );
  fc.assert(
    fc.property(wild, (text) => {
      expect(lintBadInput(text, any)).not.toHaveLength(0);
    }),
    { numRuns: WILD, seed: SEED },
  );
});

const frame = (rest: string) => `apiVersion: kubesim/v1\nkind: Playbook\nmetadata: {name: sample, title: Sample}\n${rest}`;
const SIZE = 20_000;
const REPEATED = [
  '[',
  '{',
  '- ',
  '? ',
  'a: ',
  '&a ',
  '*a ',
  '!a ',
  '"',
  "'",
  '[]',
  '[,',
  '{a: ',
  '---\n',
  '%A\n',
  '\n',
  ' \n',
  '\t\n',
  'a\n',
  '- a\n',
  'a:\n',
  ']',
  '#',
  '${{',
  '}}',
  '|\n',
  ': ',
];

test.each(REPEATED)(`%j, ${SIZE} characters of it`, (piece) => {
  const many = piece.repeat(SIZE / piece.length);
  expect(lintBadInput(many, any)).not.toHaveLength(0);
  expect(lintBadInput(frame(`steps:\n  - name: ${many}`), any)).not.toHaveLength(0);
});

test.each([
  ['deep maps', Array.from({ length: 400 }, (_, depth) => `${' '.repeat(depth)}a:\n`).join('')],
  ['deep lists', `steps:\n${Array.from({ length: 400 }, (_, depth) => `${' '.repeat(depth)}-\n`).join('')}`],
  [
    'parallel in parallel',
    frame(`steps:\n  - ${'{parallel: [{wait: {duration: 1s}}, '.repeat(40)}{wait: {duration: 1s}}${']}'.repeat(40)}`),
  ],
  ['a huge name', frame(`steps:\n  - {name: ${'x'.repeat(1_000_000)}, wait: {duration: 1s}}`)],
  ['a huge script', frame(`steps:\n  - exec:\n      pod: a\n      shell: |\n${'        echo ${{ run.id }}\n'.repeat(20_000)}`)],
  ['a huge key', frame(`steps:\n  - {${'k'.repeat(900_000)}: 1}`)],
  ['a file larger than is read', frame(`# ${'x'.repeat(1_100_000)}`)],
  ['many unknown keys', frame(`steps:\n  - {${Array.from({ length: 20_000 }, (_, index) => `k${index}: 1`).join(', ')}}`)],
  ['many wrong steps', frame(`steps:\n${'  - {nope: 1}\n'.repeat(5000)}`)],
  [
    'many ids',
    frame(
      `steps:\n${Array.from({ length: 2000 }, (_, index) => `  - {id: s${index}, wait: {duration: 1s}, when: steps.s${index - 1}.line == ""}\n`).join('')}`,
    ),
  ],
  [
    'aliases that multiply',
    `a: &a [1,1,1,1,1,1,1,1,1]\n${[...'bcdefghijk'].map((name, at) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghij'[at]}`)}]`).join('\n')}`,
  ],
  ['an alias of everything', frame('steps: &all\n  - wait: {duration: 1s}\n  - parallel: *all\n')],
])('%s', (_, text) => void lintBadInput(text, any));

test('line ends and a byte-order mark change no finding and no place', () => {
  const texts = [...seeds, ...mistakes.map(({ text, title }) => ({ ...any, name: title, text }))];
  for (const { text, ...seed } of texts) {
    const told = (given: string) =>
      lintBadInput(given, seed).map(({ line, column, rule, message, hint }) => ({ line, column, rule, message, hint }));
    const expected = told(text);
    const windows = text.replaceAll('\n', '\r\n');
    for (const same of [windows, `\uFEFF${text}`, `\uFEFF${windows}`]) expect(told(same), seed.name).toEqual(expected);
  }
});

const NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'];

test.each(NAMES)('%s means nothing to JavaScript, wherever it stands', (name) => {
  const step = `{id: ${name}, attack: [T1046], exec: {pod: a, shell: id, expect: {stdout: {contains: x}}}}`;
  for (const rest of [
    `${name}: {polluted: 1}\nsteps: [${step}]`,
    `inputs: {${name}: {type: string, default: x}}\nvariables: {${name}: x}\nsteps: [${step}]`,
    `steps:\n  - ${step}\n  - {when: steps.${name}.stdout == "" && inputs.${name} == variables.${name}, wait: {duration: 1s}}`,
    `steps:\n  - {${name}: {}}\n  - exec: {${name}: 1, pod: {${name}: 1}, shell: "\${{ ${name}.${name} }} \${{ inputs.${name} }} \${{ run.${name} }}"}`,
    `steps: &${name}\n  - ${step}\nfinally: *${name}`,
    `steps:\n  - {uses: ./${name}.yaml, with: {${name}: 1}}\n  - expect-alert: {alert: ${name}, of: ${name}}`,
    `outputs: {${name}: "\${{ steps.${name}.${name} }}"}\nsteps: [${step}]`,
    `inputs: {a: {type: ${name}, default: ${name}}}\nsteps:\n  - deploy: {chart: ../charts/simulation, values: {${name}: {${name}: 1}}, roles: {${name}: {labels: {${name}: x}}}}`,
  ])
    lintBadInput(frame(rest), any);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});

const nested = (depth: number): string => (depth === 0 ? '1' : `[1,2,3,4,5,6,7,8,9].map(a${depth}, ${nested(depth - 1)})`);

test.each([
  ['nested macros', nested(8)],
  ['nested macros over an input', 'inputs.l.all(a, inputs.l.all(b, inputs.l.all(c, inputs.l.all(d, a == b))))'],
  ['a long chain of operators', `true${' && true'.repeat(500)}`],
  ['a chain that is too long', `1${' + 1'.repeat(3000)} > 0`],
  ['parentheses', `${'('.repeat(90)}true${')'.repeat(90)}`],
  ['too many parentheses', `${'('.repeat(3000)}true${')'.repeat(3000)}`],
  ['choices', `${'true ? '.repeat(300)}true${' : true'.repeat(300)}`],
  ['a deep index', `inputs${'.a'.repeat(900)} == 1`],
  ['a long list', `[${'1,'.repeat(1500)}1].size() > 0`],
  ['bindings that double', 'cel.bind(a, "x" + "x", cel.bind(b, a + a, cel.bind(c, b + b, c + c))).size() > 0'],
  ['a catastrophic pattern', '"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!".matches("(a+)+$")'],
  ['quotes without end', `"${'\\"'.repeat(1000)}`],
  ['signs', `${'-'.repeat(2000)}1 > 0`],
  ['negations', `${'!'.repeat(2000)}true`],
])('an expression: %s', (_, cel) => {
  const text = JSON.stringify(cel);
  const quoted = JSON.stringify(`\${{ ${cel} }}`);
  const rest = `inputs: {l: {type: string, default: x}}\nsteps:
  - {when: ${text}, wait: {duration: 1s}}
  - {id: a, attack: [T1046], retry: {attempts: 2, until: ${text}}, exec: {pod: a, shell: ${quoted}, expect: {stdout: {cel: ${text}}}}}
  - wait: {until: ${text}, on: pod/a}
  - expect-alert: {alert: network-scanning-tool, of: a, where: ${text}}\n`;
  lintBadInput(frame(rest), any);
});

test.each([
  '(a+)+$',
  '(a|a)*b',
  '((a{100}){100}){100}',
  '(x{1000}){1000}',
  '[\\p{L}]{1000}',
  `${'('.repeat(400)}a${')'.repeat(400)}`,
  `${'a?'.repeat(400)}`,
  `${'(a*)*'.repeat(150)}`,
  '(?=a)',
  '\\1',
  '[',
  '*',
  'a{99999}',
])('a regular expression: %s', (pattern) => {
  const text = JSON.stringify(pattern);
  const input = JSON.stringify(`${'a'.repeat(5000)}!`);
  const rest = `inputs: {l: {type: string, default: ${input}, pattern: ${text}}}\nsteps:\n  - exec: {pod: a, shell: "echo \${{ inputs.l }}", expect: {stdout: {matches: ${text}}}}\n`;
  expect(lintBadInput(frame(rest), any).length).toBeGreaterThanOrEqual(0);
});
