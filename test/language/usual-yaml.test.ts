import { globSync, readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readAnyYaml } from '../../src/language/located.ts';
import { readUsualYaml } from '../../src/language/usual-yaml.ts';

/** Whatever the fast reader reads, the `yaml` package reads without an objection, and alike: order of keys and -0 included. True where it was read. */
function readsAlike(text: string): boolean {
  const value = readUsualYaml(text);
  if (value === undefined) return false;
  const { located, diagnostics } = readAnyYaml(text);
  if (!isDeepStrictEqual(located?.value, value) || JSON.stringify(located?.value) !== JSON.stringify(value))
    expect.fail(`${JSON.stringify(text)}: ${JSON.stringify(value)} and not ${JSON.stringify(located?.value ?? diagnostics)}`);
  return true;
}

const files = globSync('{playbooks,alerts,test/lint/{ok,err}}/**/*.yaml').map((file) => readFileSync(file, 'utf8'));

/** What makes a difference to YAML, and some letters. */
const PIECES = [
  ...['a', ':', ' ', '\n', '-', '#', '"', "'", '[', ']', '{', '}', ',', '|', '>', '?', '&', '*', '!', '%', '@', '`', '\\', '~', '.', '0'],
  ...['  ', '\n ', '\n  ', '- ', ': ', ' #', 'a: ', 'a: b', '- a', '|-', '|+', '|2', '? ', '&a ', '*a', '!t ', '<<: ', '---', '...', '\t'],
  ...[
    '\r\n',
    '1',
    '-1',
    '0x1',
    '0o7',
    '1e3',
    '.5',
    '5.',
    '.inf',
    'null',
    'true',
    '""',
    "''",
    '\\n',
    '\\x41',
    'é',
    '\u00a0',
    '\u2028',
    '\uFEFF',
  ],
];

test('every playbook that ships is read', () => {
  const playbooks = globSync('playbooks/**/*.yaml').map((file) => readFileSync(file, 'utf8'));
  expect(playbooks.length).toBeGreaterThan(0);
  expect(playbooks.filter((text) => !readsAlike(text))).toEqual([]);
});

describe('as the yaml package reads it', () => {
  test('files of the project', () => expect(files.filter(readsAlike).length).toBeGreaterThan(files.length / 2));

  test('every text of up to three pieces', () => {
    const texts = ['', ...PIECES, ...PIECES.flatMap((a) => PIECES.flatMap((b) => [a + b, ...PIECES.map((c) => a + b + c)]))];
    expect(texts.filter((text) => readsAlike(`${text}\n`)).length).toBeGreaterThan(500);
  });

  test('texts of many pieces', () => {
    const pieces = fc.array(fc.constantFrom(...PIECES), { minLength: 4, maxLength: 14 });
    fc.assert(
      fc.property(pieces, (all) => void readsAlike(`${all.join('')}\n`)),
      { numRuns: 20_000 },
    );
  });

  test('parts of files, with up to three changes', () => {
    const part = fc.record({ text: fc.constantFrom(...files), from: fc.nat(), lines: fc.integer({ min: 1, max: 15 }) });
    const change = fc.record({ at: fc.nat(), remove: fc.integer({ min: 0, max: 3 }), add: fc.constantFrom('', ...PIECES) });
    let read = 0;
    fc.assert(
      fc.property(part, fc.array(change, { maxLength: 3 }), ({ text, from, lines }, changes) => {
        const all = text.split('\n');
        const cut = all.slice(from % all.length).slice(0, lines);
        const margin = /^ */.exec(cut[0] ?? '')?.[0] ?? '';
        let changed = `${cut.map((line) => (line.startsWith(margin) ? line.slice(margin.length) : line)).join('\n')}\n`;
        for (const { at, remove, add } of changes) {
          const place = at % changed.length;
          changed = `${changed.slice(0, place)}${add}${changed.slice(place + remove)}\n`;
        }
        if (readsAlike(changed)) read++;
      }),
      { numRuns: 5000 },
    );
    expect(read).toBeGreaterThan(500);
  });
});

test.each([
  ['anchors', 'a: &x 1\nb: 2\n'],
  ['a duplicate key', 'a: 1\na: 2\n'],
  ['a merge key', 'a: {"<<": 1}\n'],
  ['a value over two lines', 'a: b\n  c\n'],
  ['no final line break', 'a: b'],
  ['depth', `${'[a: '.repeat(60)}\n`],
  ['many values', `a: [${'1, '.repeat(60_000)}1]\n`],
])('leaves to others: %s', (_, text) => expect(readUsualYaml(text)).toBeUndefined());
