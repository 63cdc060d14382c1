import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { sourceTypes } from '../../src/adapters/alert-sources/index.ts';
import { configurationFile, parseConfiguration, readConfiguration } from '../../src/commands/configuration.ts';
import { configurationSchema } from '../../src/commands/configuration-schema.ts';
import { repository } from '../steps/context.ts';
import { sim } from './session.ts';

const folder = mkdtempSync(join(tmpdir(), 'sim-configuration-'));
afterAll(() => rmSync(folder, { recursive: true }));

const HEAD = 'apiVersion: kubesim/v1\nkind: Configuration\n';
const write = (name: string, text: string, mode = 0o600): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
};
const read = (file: string | undefined, env: Record<string, string> = { HOME: folder }) => readConfiguration(file, { env, colour: false });
const entry = (text: string) => `${HEAD}alertSources:\n${text}`;
const found = (text: string) =>
  parseConfiguration(text, sourceTypes).diagnostics.map(({ rule, message, hint }) => `${rule}: ${message}; ${hint ?? ''}`);

describe('where it stands', () => {
  test('--config, then SIM_CONFIG, then the folder of the user', () => {
    const env = { SIM_CONFIG: '/a', XDG_CONFIG_HOME: '/x', HOME: '/h' };
    expect(configurationFile('/mine', env)).toBe('/mine');
    expect(configurationFile(undefined, env)).toBe('/a');
    expect(configurationFile(undefined, { ...env, SIM_CONFIG: '' })).toBe('/x/kubesim/config.yaml');
    expect(configurationFile(undefined, { HOME: '/h' })).toBe('/h/.config/kubesim/config.yaml');
  });

  test('none is fine, unless it was named', async () => {
    expect(await read(undefined)).toEqual({ alertSources: [] });
    await expect(read(join(folder, 'gone.yaml'))).rejects.toMatchObject({
      name: 'UsageError',
      message: expect.stringContaining('gone.yaml'),
    });
    await expect(read(undefined, { SIM_CONFIG: '/nowhere' })).rejects.toMatchObject({ name: 'UsageError', hint: 'SIM_CONFIG names it' });
  });

  test('one that others may write is refused', async () => {
    const file = write('open.yaml', HEAD, 0o666);
    await expect(read(file)).rejects.toMatchObject({ code: 'configuration', details: { hint: `chmod go-w ${file}` } });
  });

  test('a checkout has no say: a file in the working directory is not read', async () => {
    mkdirSync(join(folder, 'kubesim'), { recursive: true });
    expect(await read(undefined, { HOME: join(folder, 'nobody') })).toEqual({ alertSources: [] });
  });
});

test('a source with its settings', async () => {
  const file = write('good.yaml', entry('  - {name: am, type: alertmanager, url: "https://am.example.com", window: 5m}\n'));
  const { alertSources } = await read(file);
  expect(alertSources).toMatchObject([
    { type: { type: 'alertmanager' }, settings: { name: 'am', url: 'https://am.example.com', window: '5m' } },
  ]);
});

test.each([
  [
    'a misspelt type',
    '  - {name: a, type: alertmanger, url: "https://a"}',
    /^wrong-value: `type` cannot be the text `alertmanger`; did you mean `alertmanager`\?/,
  ],
  [
    'a misspelt setting',
    '  - {name: a, type: alertmanager, url: "https://a", intervall: 5s}',
    /^unknown-key: unknown key `intervall`.*did you mean `interval`\?/,
  ],
  ['a setting that is missing', '  - {name: a, type: alertmanager}', /^missing-key: the source `alertmanager` lacks the key `url`/],
  [
    'a bare number',
    '  - {name: a, type: alertmanager, url: "https://a", interval: 5}',
    /^wrong-type: `interval` is a bare number without a unit/,
  ],
  [
    'the same name twice',
    '  - {name: a, type: alertmanager, url: "https://a"}\n  - {name: a, type: alertmanager, url: "https://b"}',
    /^duplicate-id/,
  ],
  [
    'no encryption',
    '  - {name: a, type: alertmanager, url: "http://am.example.com"}',
    /^wrong-value: `am\.example\.com` would be spoken to without encryption/,
  ],
  [
    'a password in the address',
    '  - {name: a, type: alertmanager, url: "https://u:p@a"}',
    /^wrong-value: `url` holds a user or a password/,
  ],
  ['no list', '  a: 1', /^wrong-type: `alertSources` must be a list/],
])('%s', (_, text, words) => {
  expect(found(entry(text))[0]).toMatch(words);
});

test('http is fine on this machine', () => {
  for (const host of ['localhost:9093', '127.0.0.1:9093', '[::1]:9093'])
    expect(found(entry(`  - {name: a, type: alertmanager, url: "http://${host}"}`))).toEqual([]);
});

test('a secret in the file is an error, and is not shown', async () => {
  const file = write(
    'secret.yaml',
    entry('  - name: a\n    type: alertmanager\n    url: https://a\n    auth: {bearerToken: hunter2-hunter2}\n'),
  );
  const error = await read(file).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ name: 'UsageError' });
  const { findings } = error as { findings: string };
  expect(findings).toContain('`bearerToken` is a secret, and a configuration holds none [plain-secret]');
  expect(findings).toContain('`bearerToken: {fromEnv: NAME}`');
  expect(findings).not.toContain('hunter2');
  expect(findings).toMatch(/secret\.yaml:7:12/);
});

test('the example of each type, and of each product without one, is a valid entry', () => {
  const examples = sourceTypes.flatMap(({ type, example, recipes = [] }) => [
    { type, example },
    ...recipes.map((recipe) => ({ type: `${type} for ${recipe.product}`, example: recipe.example })),
  ]);
  for (const { type, example } of examples) {
    const indented = example.trimEnd().replaceAll('\n', '\n    ');
    expect(found(entry(`  - ${indented}\n`)), type).toEqual([]);
  }
});

test('schemas/configuration.schema.json is current: `npm run schema` makes it so', () => {
  const made = `${JSON.stringify(configurationSchema(sourceTypes), null, 2)}\n`;
  expect(readFileSync(join(repository, 'schemas/configuration.schema.json'), 'utf8')).toBe(made);
});

describe('sim alerts', () => {
  const config = write('list.yaml', entry('  - {name: am, type: alertmanager, url: "http://127.0.0.1:1", product: falco}\n'));

  test('list shows the proof', async () => {
    const { code, stdout } = await sim(['alerts', 'list', '--config', config]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^am +alertmanager +falco +real software +process,file,network,audit +120s$/m);
    expect(JSON.parse((await sim(['alerts', 'list', '-o', 'json'], { env: { SIM_CONFIG: config } })).stdout)).toMatchObject({
      version: 1,
      sources: [{ name: 'am', type: 'alertmanager', product: 'falco', proof: 'real software' }],
    });
  });

  test('list without any says where they would stand', async () => {
    const { code, stdout } = await sim(['alerts', 'list'], { env: { HOME: join(folder, 'nobody') } });
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `no alert sources are configured in ${folder}/nobody/.config/kubesim/config.yaml\n`,
    });
  });

  test('check says what fails', async () => {
    const { code, stdout } = await sim(['alerts', 'check', 'am', '--config', config]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^am \(real software\)\n {2}fail {2}Alerts: list alerts: 127\.0\.0\.1:1 cannot be reached/);
  });

  test.each([
    [['alerts', 'tail', 'ma'], /there is no alert source `ma`\n +there are: `am`/],
    [['alerts', 'tail', 'am', '--since', 'yesterday'], /It must be a duration/],
    [['alerts', 'check', 'other'], /there is no alert source `other`/],
  ])('%j: exit 2', async (args, words) => {
    const { code, stderr } = await sim([...args, '--config', config]);
    expect(code).toBe(2);
    expect(stderr).toMatch(words);
  });
});
