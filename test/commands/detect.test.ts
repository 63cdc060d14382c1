// `sim detect` as a terminal runs it.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TestEvent } from '../../src/detector/detection.ts';
import { recordingHeader, recordingLine } from '../../src/detector/recording.ts';
import { observationsOf } from '../../src/detector/test-events.ts';
import { shippedDetectionTexts } from '../detector/rules.ts';
import { sim } from './session.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'detect-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (name: string, text: string): string => {
  mkdirSync(join(folder, name, '..'), { recursive: true });
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const record = (...events: TestEvent[]): string =>
  put('run.jsonl', recordingHeader('1.2.3') + observationsOf(events).map(recordingLine).join(''));

const scan: TestEvent = { argv: ['nmap', '-Pn', '10.0.0.0/24\u001b[31m'] };
const scanner = shippedDetectionTexts().find(({ name }) => name === 'network-scanner.yaml')?.text ?? '';

describe('the rules that come with sim', () => {
  test('each finding is a line, and the exit code says that there were some', async () => {
    const { code, stdout, stderr } = await sim(['detect', record({ argv: ['ls'] }, scan)]);
    expect(stdout).toBe('2026-01-01T00:00:00.200Z  medium  network-scanner  shop/web  nmap -Pn 10.0.0.0/24\uFFFD[31m\n');
    expect(stderr).toBe('1 finding in 2 observations\n');
    expect(code).toBe(1);
  });

  test('nothing found: exit 0', async () => {
    expect(await sim(['detect', record({ argv: ['ls'] })])).toEqual({ code: 0, stdout: '', stderr: '0 findings in 1 observations\n' });
  });

  test('JSON holds the alert, the entities and the observations', async () => {
    const { code, stdout } = await sim(['detect', record(scan), '-o', 'json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
      observations: 1,
      findings: [
        {
          time: '2026-01-01T00:00:00.100Z',
          rule: { name: 'network-scanner', level: 'medium' },
          alert: 'network-scanning-tool',
          entities: { namespace: 'shop', pod: 'web' },
          observations: [{ kind: 'process' }],
        },
      ],
    });
  });

  test('their own tests pass', async () => {
    const { code, stderr } = await sim(['detect', '--test']);
    expect(stderr).toMatch(/^\d+ tests of 71 rules passed, 0 failed\n$/);
    expect(code).toBe(0);
  });
});

describe('rules of a folder', () => {
  test('are used instead', async () => {
    put('rules/network-scanner.yaml', scanner.replace('n in scanners', 'n == "ls"'));
    const { stdout } = await sim(['detect', record({ argv: ['ls'] }), '--rules', join(folder, 'rules')]);
    expect(stdout).toContain('network-scanner');
  });

  test('a test that fails is named: exit 1', async () => {
    put('rules/network-scanner.yaml', scanner.replace('n in scanners', 'n == "ls"'));
    const { code, stdout } = await sim(['detect', '--test', '--rules', join(folder, 'rules')]);
    expect(code).toBe(1);
    expect(stdout).toContain('network-scanner: by busybox-like symbolic link: nothing was found\n');
  });

  test('one with an error, two with one id, none at all: exit 2', async () => {
    const file = record(scan);
    put('bad/network-scanner.yaml', scanner.replace('level: medium', 'level: mild'));
    const bad = await sim(['detect', file, '--rules', join(folder, 'bad')]);
    expect(bad).toMatchObject({ code: 2, stderr: expect.stringContaining('`level` cannot be the text `mild`') });
    put('two/network-scanner.yaml', scanner);
    put('two/other.yaml', scanner.replace('name: network-scanner\n', 'name: other\n'));
    expect(await sim(['detect', file, '--rules', join(folder, 'two')])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('have the same id'),
    });
    expect(await sim(['detect', file, '--rules', folder])).toMatchObject({ code: 2, stderr: expect.stringContaining('no detection rule') });
  });
});

describe('Sigma', () => {
  const rule = (field: string) => `title: Scan
id: 1
logsource: {product: linux, category: process_creation}
detection:
  selection: {${field}: /nmap}
  condition: selection
level: low
`;

  test('its rules are evaluated instead, and what cannot be is told', async () => {
    put('sigma/linux/scan.yml', rule('Image|endswith'));
    put('sigma/other.yml', rule('Image|utf16'));
    const { code, stdout, stderr } = await sim(['detect', record(scan), '--sigma', join(folder, 'sigma')]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/low {2}scan {2}shop\/web/);
    expect(stderr).toContain('1 Sigma rules are evaluated');
    expect(stderr).toContain('1 not, because the modifier `utf16` is not known: other.yml');
  });

  test('a folder without any, and none: exit 2', async () => {
    put('empty/a.yml', 'a: 1\n');
    expect((await sim(['detect', record(scan), '--sigma', join(folder, 'empty')])).code).toBe(2);
    expect((await sim(['detect', record(scan), '--sigma', join(folder, 'nowhere')])).code).toBe(2);
  });
});

test.each([
  [['detect'], 'name a recording'],
  [['detect', 'nowhere.jsonl'], 'nowhere.jsonl does not exist'],
  [['detect', '--test', 'a.jsonl'], '--test reads no recording'],
  [['detect', 'a.jsonl', '--sigma', 'x', '--rules', 'y'], 'leave --rules out'],
])('usage: %j', async (args, message) => {
  expect(await sim(args)).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
});

test('a recording that is none is told with its line', async () => {
  const file = put('run.jsonl', `${recordingHeader('1')}{"kind":"process"}\n`);
  expect(await sim(['detect', file])).toMatchObject({ code: 2, stderr: expect.stringContaining('run.jsonl:2: the observation lacks') });
  expect(readFileSync(file, 'utf8')).not.toBe('');
});
