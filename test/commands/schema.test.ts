import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { localFiles } from '../../src/adapters/files.ts';
import { loadCatalogue } from '../../src/commands/package-files.ts';
import { detectionSchemaText, schemaCommand, schemaText } from '../../src/commands/schema.ts';
import { Failure } from '../../src/ports/failure.ts';
import { shippedDetectionTexts } from '../detector/rules.ts';
import { stepTypes } from '../fakes/step-types.ts';

async function runSchema(args: string[], contents: Map<string, string>): Promise<{ code: number; stdout: string; stderr: string }> {
  const result = { code: 0, stdout: '', stderr: '' };
  const command = schemaCommand({
    files: {
      read: async (path) => contents.get(path) ?? Promise.reject(new Failure('not-found', `${path} does not exist`)),
      write: async (path, text) => void contents.set(path, text),
    },
    steps: stepTypes,
    catalogue: async () => new Map(),
    configuration: async () => ({ title: 'a configuration' }),
    stdout: (text) => {
      result.stdout += text;
    },
    stderr: (text) => {
      result.stderr += text;
    },
    setExitCode: (code) => {
      result.code = code;
    },
  });
  await command.exitOverride().parseAsync(args, { from: 'user' });
  return result;
}

test('prints the schema', async () => {
  const { code, stdout } = await runSchema([], new Map());
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object' });
});

test('--write makes the file current, and --check says whether it is', async () => {
  const contents = new Map([
    ['schemas/playbook.schema.json', '{}\n'],
    ['schemas/detection.schema.json', '{}\n'],
    ['schemas/alert.schema.json', '{}\n'],
    ['schemas/configuration.schema.json', '{}\n'],
  ]);
  expect(await runSchema(['--check'], contents)).toMatchObject({ code: 1, stderr: expect.stringContaining('is not current') });
  expect((await runSchema(['--write'], contents)).code).toBe(0);
  expect(contents.get('schemas/playbook.schema.json')).toBe(schemaText(stepTypes, new Map()));
  expect(contents.get('schemas/detection.schema.json')).toBe(detectionSchemaText(new Map()));
  expect((await runSchema(['--check'], contents)).code).toBe(0);
  expect((await runSchema(['detection', '--check'], contents)).code).toBe(0);
});

test('the schema of the configuration, to its own file', async () => {
  const contents = new Map<string, string>();
  expect(JSON.parse((await runSchema(['configuration'], contents)).stdout)).toEqual({ title: 'a configuration' });
  expect((await runSchema(['configuration', '--write'], contents)).code).toBe(0);
  expect([...contents.keys()]).toEqual(['schemas/configuration.schema.json']);
  contents.set('schemas/configuration.schema.json', '{}\n');
  expect(await runSchema(['configuration', '--check'], contents)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('`sim schema configuration --write`'),
  });
});

test('a file that cannot be read: exit 2', async () => {
  expect(await runSchema(['--check', 'gone.json'], new Map())).toMatchObject({ code: 2, stderr: 'sim schema: gone.json does not exist\n' });
});

test('the schema of detection rules is a schema, and takes the rules that come with sim', async () => {
  const { stdout } = await runSchema(['detection'], new Map());
  const accepts = new Ajv2020({ strict: false, logger: false }).compile(JSON.parse(stdout));
  for (const rule of shippedDetectionTexts())
    expect(accepts(parse(rule.text)), `${rule.name}: ${JSON.stringify(accepts.errors)}`).toBe(true);
});

test('schemas/detection.schema.json is current', async () => {
  const file = readFileSync(new URL('../../schemas/detection.schema.json', import.meta.url), 'utf8');
  expect(file === detectionSchemaText(await loadCatalogue(localFiles()))).toBe(true);
});
