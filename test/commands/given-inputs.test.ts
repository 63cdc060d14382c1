import { expect, test } from 'vitest';
import { givenInputs, variableOf } from '../../src/commands/given-inputs.ts';
import { UsageError } from '../../src/commands/usage-error.ts';
import { Failure } from '../../src/ports/failure.ts';

const texts: Record<string, string> = {
  'a.yaml': 'port: 80\nloud: true\n',
  'b.yaml': 'port: 81\n',
  'list.yaml': '- port\n',
  'bad.yaml': 'port: 80\nport: 81\n',
};
const files = {
  read: async (path: string) => {
    const text = texts[path];
    if (text === undefined) throw new Failure('not-found', `"${path}" does not exist`);
    return text;
  },
};
const given = (options: { set?: string[]; values?: string[] }, env: Record<string, string> = {}) =>
  givenInputs(options, ['port', 'loud', 'scanPort'], { files, env, colour: false });

test.each([
  ['port', 'SIM_INPUT_PORT'],
  ['scanPort', 'SIM_INPUT_SCAN_PORT'],
  ['httpURL', 'SIM_INPUT_HTTP_URL'],
  ['v2Api', 'SIM_INPUT_V2_API'],
])('%s is %s in the environment', (input, variable) => expect(variableOf(input)).toBe(variable));

test('a setting wins over files, a later file over an earlier, files over the environment', async () => {
  const env = { SIM_INPUT_PORT: '79', SIM_INPUT_SCAN_PORT: '7', SIM_INPUT_OTHER: 'x' };
  expect(await given({}, env)).toEqual({ port: { text: '79' }, scanPort: { text: '7' } });
  expect(await given({ values: ['a.yaml', 'b.yaml'] }, env)).toEqual({ port: 81, loud: true, scanPort: { text: '7' } });
  expect(await given({ values: ['a.yaml'], set: ['port=82=x'] }, env)).toMatchObject({ port: { text: '82=x' } });
});

test.each([
  [{ set: ['port'] }, '--set port is not name=value'],
  [{ set: ['=x'] }, '--set =x is not name=value'],
  [{ values: ['list.yaml'] }, 'list.yaml must be a map of inputs, e.g. `scanPort: 8443`'],
  [{ values: ['bad.yaml'] }, 'bad.yaml cannot be read'],
])('%j is refused', async (options, message) => {
  const error = await given(options).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UsageError);
  expect((error as UsageError).message).toBe(message);
  if (message.startsWith('bad')) expect((error as UsageError).findings).toContain('bad.yaml:2:1');
});

test('a file that is not there says so', async () => {
  await expect(given({ values: ['nope.yaml'] })).rejects.toThrow('"nope.yaml" does not exist');
});
