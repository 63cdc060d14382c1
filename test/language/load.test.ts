import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Diagnostic } from '../../src/language/diagnostic.ts';
import { load } from '../../src/language/load.ts';
import { locate } from '../../src/language/source.ts';
import { playbookOf, stepTypes } from '../fakes/step-types.ts';

const good = playbookOf(
  `  - install: {chart: "charts/\${{ inputs.chart }}", values: {token: "\${{ run.token }}"}}
  - name: Scan
    id: scan
    attack: [T1046]
    when: inputs.loud
    timeout: 1m30s
    continueOnError: true
    command:
      pod: {selector: role=victim}
      argv: [nmap, -p, "\${{ inputs.port }}", "\${{ variables.range }}"]
      port: \${{ inputs.port }}
      expect: {exitCode: 0, stdout: {contains: open, cel: value.size() > 3}}
  - expect-something: {alert: network-scanning-tool, of: scan, within: 30s, where: alert.count > 0}
finally:
  - command: {pod: victim, argv: [echo, "\${{ steps.scan.stdout }}"]}
`,
  `inputs:
  chart: {type: string, default: simulation}
  loud: {type: boolean, default: false}
  port: {type: integer, default: 443}
variables:
  range: 10.0.0.0/\${{ inputs.port }}
`,
);

test('a good playbook is built', () => {
  const { playbook, diagnostics } = load({ name: 'sample.yaml', text: good }, stepTypes);
  expect(diagnostics).toEqual([]);
  expect(playbook).toMatchObject({
    file: 'sample.yaml',
    metadata: { name: 'sample', title: 'Sample', risk: 'low' },
    inputs: { port: { type: 'integer', default: 443 } },
    variables: { range: '10.0.0.0/${{ inputs.port }}' },
  });
  expect(playbook?.steps.map(({ type, name }) => [type, name])).toEqual([
    ['install', 'install'],
    ['command', 'Scan'],
    ['expect-something', 'expect-something'],
  ]);
  expect(playbook?.steps[1]).toMatchObject({
    path: ['steps', 1],
    id: 'scan',
    attack: ['T1046'],
    when: 'inputs.loud',
    timeout: 90_000,
    continueOnError: true,
    body: { port: '${{ inputs.port }}' },
  });
  expect(playbook?.steps[0]).not.toHaveProperty('timeout');
  expect(playbook?.finally).toHaveLength(1);
  const span = playbook?.keySpanOf(['steps', 1, 'command', 'expect']);
  expect(good.slice(span?.start, span?.end)).toBe('expect');
});

test('CRLF and a byte-order mark change nothing', () => {
  const { playbook } = load({ name: 'sample.yaml', text: `\uFEFF${good.replaceAll('\n', '\r\n')}` }, stepTypes);
  expect(playbook?.steps).toEqual(load({ name: 'sample.yaml', text: good }, stepTypes).playbook?.steps);
});

/** Every diagnostic lies in the text, says something, and can be printed. */
function expectSound(text: string, diagnostics: readonly Diagnostic[]): void {
  for (const { rule, message, span } of diagnostics) {
    expect(rule).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(message).not.toMatch(/^\s*$|undefined|\[object|\.$/);
    expect(span.start).toBeGreaterThanOrEqual(0);
    expect(span.end).toBeGreaterThanOrEqual(span.start);
    expect(span.end).toBeLessThanOrEqual(text.length);
  }
  locate({ name: 'f', text }, diagnostics);
}

test('random text never throws', () => {
  const wild = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.string({ unit: fc.constantFrom(...':-[]{}&*!|>\'"%@`#?,\n\t a0~<='), maxLength: 80 }),
  );
  fc.assert(
    fc.property(wild, (text) => {
      const { playbook, diagnostics } = load({ name: 'f', text }, stepTypes);
      expect(playbook).toBeUndefined();
      expect(diagnostics).not.toHaveLength(0);
      expectSound(text, diagnostics);
    }),
    { numRuns: 2000 },
  );
});

test('mutated playbooks never throw, and load or have a finding in the text', () => {
  const piece = fc.constantFrom(
    '',
    ' ',
    '\n',
    '\t',
    ':',
    '-',
    '${{',
    '}}',
    '"',
    "'",
    '{',
    '}',
    '[',
    ']',
    '*a',
    '&a ',
    '<<: ',
    '? ',
    'null',
    '3',
    '__proto__',
    'constructor: ',
    'steps',
    '\u0000',
    '\uD800',
    '💥',
    '(a+)+$',
  );
  const edit = fc.tuple(fc.nat(good.length), fc.nat(12), piece);
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
      const text = edits.reduce((now, [at, length, insert]) => now.slice(0, at) + insert + now.slice(at + length), good);
      const { playbook, diagnostics } = load({ name: 'f', text }, stepTypes);
      expect(playbook === undefined).toBe(diagnostics.some(({ severity }) => severity === 'error'));
      expectSound(text, diagnostics);
    }),
    { numRuns: 3000 },
  );
});

test('a value of any type at any place never throws', () => {
  const document = {
    apiVersion: 'kubesim/v1',
    kind: 'Playbook',
    metadata: { name: 'sample', title: 'Sample', risk: 'low' },
    inputs: { port: { type: 'integer', default: 443, description: 'x', pattern: '4' } },
    variables: { a: 'b' },
    steps: [
      {
        name: 'x',
        id: 'y',
        attack: ['T1046'],
        when: 'true',
        timeout: '1s',
        command: { pod: { selector: 'x' }, argv: ['a'], expect: { stdout: { contains: ['x'] } } },
      },
    ],
    finally: [{ 'expect-something': { alert: 'x', of: ['y'], within: '1s' } }],
  };
  const paths: (string | number)[][] = [];
  const collect = (value: unknown, path: (string | number)[]): void => {
    paths.push(path);
    if (typeof value === 'object' && value !== null)
      for (const [key, item] of Object.entries(value)) collect(item, [...path, Array.isArray(value) ? Number(key) : key]);
  };
  collect(document, []);
  const replace = (value: unknown, path: readonly (string | number)[], by: unknown): unknown => {
    const [head, ...rest] = path;
    if (head === undefined) return by;
    if (Array.isArray(value)) return value.map((item, index) => (index === head ? replace(item, rest, by) : item));
    return Object.fromEntries(Object.entries(value as object).map(([key, item]) => [key, key === head ? replace(item, rest, by) : item]));
  };
  for (const path of paths) {
    for (const by of [null, true, 7, -0.5, '', 'text', '${{ inputs.port }}', '${{', [], [[]], [null], {}, { x: 1 }, { 'a/b~c': {} }]) {
      const text = JSON.stringify(replace(document, path, by), null, 1);
      const { playbook, diagnostics } = load({ name: 'f', text }, stepTypes);
      expect(playbook === undefined).toBe(diagnostics.length > 0);
      expectSound(text, diagnostics);
    }
  }
});
