// SARIF against its official JSON schema, a draft-04 one: @microsoft/jest-sarif (MIT) ships it.
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { lintSarif } from '../../../src/reporters/lint/sarif.ts';
import { findingIn, hostile, reportOf } from './report.ts';

const {
  id: _,
  $schema: __,
  ...schema
} = JSON.parse(readFileSync(new URL('sarif-2.1.0-rtm.5.schema.json', import.meta.url), 'utf8')) as Record<string, unknown>;
const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT/);
ajv.addFormat('uri', (text: string) => URL.canParse(text));
// RFC 3986: only its characters, and % only before two hexadecimal digits.
ajv.addFormat('uri-reference', /^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*$/);
const validate = ajv.compile(schema);

interface Sarif {
  runs: {
    tool: { driver: { rules: { id: string; help: { text: string } }[] } };
    columnKind: string;
    results: {
      ruleIndex: number;
      level: string;
      message: { text: string };
      locations: { physicalLocation: { artifactLocation: { uri: string; uriBaseId?: string }; region: object } }[];
      partialFingerprints: { primaryLocationLineHash: string };
    }[];
  }[];
}

function sarif(...args: Parameters<typeof reportOf>) {
  const output = lintSarif(reportOf(...args));
  const value = JSON.parse(output) as Sarif;
  expect(validate(value) ? [] : validate.errors).toEqual([]);
  const [run] = value.runs;
  if (run === undefined) throw new Error('no run');
  return { output, run };
}

test('the schema can fail', () => {
  expect(validate({ version: '2.1.0', runs: [{ tool: { driver: {} } }] })).toBe(false);
  expect(
    validate({
      version: '2.1.0',
      runs: [
        {
          tool: { driver: { name: 'x' } },
          results: [{ message: { text: 'x' }, locations: [{ physicalLocation: { artifactLocation: { uri: 'a b' } } }] }],
        },
      ],
    }),
  ).toBe(false);
});

test('nothing found is a valid log too', () => {
  expect(sarif([]).run.results).toEqual([]);
});

test('rules with their help, levels, places, fingerprints', () => {
  const text = 'a: 😀 b\n';
  const { run } = sarif([
    findingIn('in/x.yaml', text, 'b', { hint: 'do this' }),
    findingIn('in/x.yaml', text, 'b', { rule: 'latest', severity: 'warning' }),
    findingIn('in/x.yaml', text, 'b', { rule: 'unused-input', severity: 'info' }),
    findingIn('in/x.yaml', text, 'a'),
  ]);
  expect(run.columnKind).toBe('utf16CodeUnits');
  expect(run.tool.driver.rules.map(({ id }) => id)).toEqual(['unknown-key', 'unused-input']);
  expect(run.tool.driver.rules[0]?.help.text).toContain('See docs/reference/rules/unknown-key.md');
  expect(run.results.map(({ level, ruleIndex }) => [level, ruleIndex])).toEqual([
    ['error', 0],
    ['warning', undefined],
    ['note', 1],
    ['error', 0],
  ]);
  expect(run.results[0]).toMatchObject({
    message: { text: 'found: do this' },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: 'in/x.yaml', uriBaseId: '%SRCROOT%' },
          region: { startLine: 1, startColumn: 7, endLine: 1, endColumn: 8 },
        },
      },
    ],
  });
  const prints = run.results.map(({ partialFingerprints }) => partialFingerprints.primaryLocationLineHash);
  expect(prints[0]).toMatch(/^[0-9a-f]{16}:1$/);
  expect(prints[3]).toBe(prints[0]?.replace(/1$/, '2'));
});

test('paths are URIs, and those out of the root claim no base', () => {
  const uris = ['a b/ü%.yaml', 'c:x.yaml', '../up.yaml'].map(
    (file) => sarif([findingIn(file, 'k', 'k')]).run.results[0]?.locations[0]?.physicalLocation.artifactLocation,
  );
  expect(uris).toEqual([
    { uri: 'a%20b/%C3%BC%25.yaml', uriBaseId: '%SRCROOT%' },
    { uri: 'c%3Ax.yaml', uriBaseId: '%SRCROOT%' },
    { uri: '../up.yaml' },
  ]);
});

test('hostile texts: valid, harmless in a log, no link and no placeholder', () => {
  const { output, run } = sarif([hostile]);
  expect(output.replaceAll('\n', '')).not.toMatch(/[\p{C}\u2028]|##(\[|vso\[)/iu);
  const text = run.results[0]?.message.text;
  expect(text).toContain('\\[a\\](b) {{0}}');
});
