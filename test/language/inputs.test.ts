import { expect, test } from 'vitest';
import { resolveInputs } from '../../src/language/inputs.ts';
import type { Input } from '../../src/language/playbook.ts';

const inputs: Record<string, Input> = {
  port: { type: 'integer', default: 443 },
  ratio: { type: 'number', default: 0.5 },
  loud: { type: 'boolean', default: false },
  window: { type: 'duration', default: '90s' },
  mode: { type: 'enum', values: ['split', 'faithful'], default: 'split' },
  image: { type: 'string', default: 'a:1', pattern: '^[a-z]+:\\d+$' },
};
const defaults = { port: 443, ratio: 0.5, loud: false, window: '90s', mode: 'split', image: 'a:1' };

const texts = (given: object) => Object.fromEntries(Object.entries(given).map(([name, text]) => [name, { text }]));

test('defaults, where nothing is given', () => {
  expect(resolveInputs({ inputs }, {})).toEqual({ values: defaults, problems: [] });
});

test('texts become values of the type', () => {
  const given = { port: '80', ratio: '1e2', loud: 'true', window: '2m', mode: 'faithful', image: 'b:2' };
  expect(resolveInputs({ inputs }, texts(given))).toEqual({
    values: { port: 80, ratio: 100, loud: true, window: '2m', mode: 'faithful', image: 'b:2' },
    problems: [],
  });
});

test.each([
  [{ port: '8o' }, 'the input `port` must be a whole number, but is the text `8o`'],
  [{ port: '1.5' }, 'the input `port` must be a whole number, but is the text `1.5`'],
  [{ port: '99999999999999999999' }, 'the input `port` must be a whole number, but is the number `100000000000000000000`'],
  [{ ratio: '' }, 'the input `ratio` must be a number, but is an empty text'],
  [{ ratio: '0x10' }, 'the input `ratio` must be a number, but is the text `0x10`'],
  [{ loud: 'yes' }, 'the input `loud` must be `true` or `false`, but is the text `yes`'],
  [{ window: '90' }, 'the input `window` must be a duration such as `90s`, but is the text `90`'],
  [{ mode: 'fast' }, 'the input `mode` must be one of `split`, `faithful`, but is the text `fast`'],
  [{ image: 'B' }, 'the input `image` does not match `^[a-z]+:\\d+$`: it is the text `B`'],
  [{ prot: '1' }, 'no input is named `prot`: did you mean `port`? there are: `image`, `loud`, `mode`, `port`, `ratio`, `window`'],
  [{ constructor: '1' }, 'no input is named `constructor`: there are: `image`, `loud`, `mode`, `port`, `ratio`, `window`'],
])('%j is refused', (given, problem) => expect(resolveInputs({ inputs }, texts(given)).problems).toEqual([problem]));

test('an input without a default must be given', () => {
  expect(resolveInputs({ inputs: { a: { type: 'string' } } }, {}).problems).toEqual([
    'the input `a` has no default: give it with `--set a=...`',
  ]);
  expect(resolveInputs({ inputs: { a: { type: 'string' } } }, texts({ a: '' }))).toEqual({ values: { a: '' }, problems: [] });
});

test('a secret never stands in a problem', () => {
  const { problems } = resolveInputs({ inputs: { key: { type: 'secret', pattern: '^x' } } }, texts({ key: 'hunter2' }));
  expect(problems).toEqual(['the input `key` does not match `^x`']);
});

test('values with their type are taken as they are', () => {
  expect(resolveInputs({ inputs }, { port: 80, loud: true }).values).toMatchObject({ port: 80, loud: true });
  expect(resolveInputs({ inputs }, { port: '80' }).problems).toEqual(['the input `port` must be a whole number, but is the text `80`']);
});
