import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import { lintJunit } from '../../../src/reporters/lint/junit.ts';
import { findingIn, hostile, reportOf } from './report.ts';

/** Reads XML of elements, attributes and text as strictly as it is written, without comments, CDATA and the like. Throws where it is not well-formed. */
function parse(xml: string): { path: string; attributes: Record<string, string>; text: string }[] {
  const elements: { path: string; attributes: Record<string, string>; text: string }[] = [];
  const open: (typeof elements)[number][] = [];
  const decode = (text: string) => {
    if (/[<>]|&(?!(amp|lt|gt|quot|apos|#\d+);)/.test(text)) throw new Error(`not escaped: ${text}`);
    if (/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u.test(text)) throw new Error('a character that XML forbids');
    const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
    return text.replace(/&(?:#(\d+)|(\w+));/g, (_, code: string | undefined, name: string) =>
      code === undefined ? (named[name] ?? '') : String.fromCodePoint(Number(code)),
    );
  };
  const body = xml.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, '');
  const token = /<(\w[\w-]*)((?: [\w-]+="[^"<]*")*)(\/?)>|<\/(\w[\w-]*)>|([^<]+)/gy;
  while (token.lastIndex < body.length) {
    const match = token.exec(body);
    if (match === null) throw new Error('not well-formed');
    const [, name, pairs = '', closed, ending, text] = match;
    const parent = open.at(-1);
    if (name !== undefined) {
      const attributes = Object.fromEntries(
        [...pairs.matchAll(/ ([\w-]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, decode(value)]),
      );
      const element = { path: parent === undefined ? name : `${parent.path}/${name}`, attributes, text: '' };
      elements.push(element);
      if (closed === '') open.push(element);
    } else if (ending !== undefined) {
      if (!open.pop()?.path.endsWith(ending)) throw new Error(`</${ending}> closes nothing`);
    } else if (parent !== undefined) parent.text += decode(text ?? '');
    else if (text?.trim() !== '') throw new Error('text outside');
  }
  if (open.length > 0) throw new Error('not closed');
  return elements;
}

test('a suite for each file, a case for each finding; clean files pass, notes do not fail', () => {
  const text = 'a: b\n';
  const findings = [
    findingIn('x.yaml', text, 'b', { hint: 'do this' }),
    findingIn('x.yaml', text, 'a', { severity: 'warning' }),
    findingIn('y.yaml', text, 'a', { severity: 'info' }),
  ];
  const elements = parse(lintJunit(reportOf(findings, { files: ['x.yaml', 'y.yaml', 'clean.yaml'] })));
  expect(elements.map(({ path }) => path.split('/').at(-1))).toEqual([
    'testsuites',
    'testsuite',
    'testcase',
    'failure',
    'testcase',
    'failure',
    'testsuite',
    'testcase',
    'system-out',
    'testsuite',
    'testcase',
  ]);
  expect(elements[0]?.attributes).toMatchObject({ tests: '4', failures: '2', errors: '0' });
  expect(elements[1]?.attributes).toMatchObject({ name: 'x.yaml', tests: '2', failures: '2', errors: '0', skipped: '0' });
  expect(elements[2]?.attributes).toMatchObject({ name: 'unknown-key at 1:4', classname: 'x.yaml' });
  expect(elements[3]).toMatchObject({
    attributes: { type: 'error', message: 'found' },
    text: 'x.yaml:1:4: error: found [unknown-key]\na: b\ndo this',
  });
  expect(elements.at(-1)?.attributes).toMatchObject({ name: 'no findings', classname: 'clean.yaml' });
});

test('hostile texts leave it well-formed, and no line of it begins a workflow command', () => {
  const output = lintJunit(reportOf([hostile]));
  const elements = parse(output);
  expect(elements.map(({ path }) => path.split('/').at(-1))).toEqual(['testsuites', 'testsuite', 'testcase', 'failure']);
  expect(elements[3]?.attributes.message).toContain(']]> <b a="1"> &amp; \'');
  expect(output).not.toContain(']]>');
  expect(output).not.toMatch(/^\s*::/m);
  expect(output).not.toMatch(/##(\[|vso\[)/i);
  expect(output.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\u2028\uFFFE]/u);
});

/** What libxml2 finds wrong, by the schema that Jenkins reads JUnit's results with. */
async function schemaProblems(xml: string): Promise<string[]> {
  const schema = readFileSync(new URL('jenkins-junit.xsd', import.meta.url), 'utf8');
  const { errors } = await validateXML({ xml: [{ fileName: 'lint.xml', contents: xml }], schema: [schema] });
  return errors.map(({ message }) => message);
}

test.each([
  [
    'findings of each severity, and a clean file',
    (['error', 'warning', 'info'] as const).map((severity) => findingIn('x.yaml', 'a: b\n', 'b', { severity, hint: 'do this' })),
  ],
  ['hostile texts', [hostile]],
  ['nothing', []],
])('it is valid by the schema of Jenkins: %s', async (_, findings) => {
  expect(await schemaProblems(lintJunit(reportOf(findings, { files: ['x.yaml', 'clean.yaml'] })))).toEqual([]);
});

test.each([
  [
    'an attribute that there is not',
    (xml: string) => xml.replace('<testcase ', '<testcase line="1" '),
    "The attribute 'line' is not allowed",
  ],
  ['an element that there is not', (xml: string) => xml.replaceAll('system-out', 'note'), 'This element is not expected'],
  [
    'a suite without its number of tests',
    (xml: string) => xml.replace(/(<testsuite [^>]*?) tests="\d+"/, '$1'),
    "The attribute 'tests' is required",
  ],
])('that schema finds %s', async (_, spoil, message) => {
  const xml = lintJunit(reportOf([findingIn('x.yaml', 'a: b\n', 'b', { severity: 'info' })], {}));
  expect(spoil(xml)).not.toBe(xml);
  expect(await schemaProblems(spoil(xml))).toEqual([expect.stringContaining(message)]);
});
