import { expect, test } from 'vitest';
import { checkTypes, ExpressionError, parseCel, sharingBudget } from '../../src/language/cel.ts';

const errorOf = (expression: string, variables: Record<string, unknown> = {}): ExpressionError => {
  try {
    parseCel(expression).run(variables);
  } catch (error) {
    expect(error).toBeInstanceOf(ExpressionError);
    return error as ExpressionError;
  }
  throw new Error(`no error in ${expression}`);
};

test.each([
  ['1 + 2', 3n],
  ['a + 0.5', 1.5],
  ['a / 2.0', 0.5],
  ['"x" + string(a)', 'x1'],
  ['base64("hé")', 'aMOp'],
  ['"443/tcp open".matches("^4+3")', true],
  ['[1, 2, 3].filter(x, x > a).size()', 2n],
  ['cel.bind(x, a + 1, x * x)', 4n],
  ['has(m.k) && m.k == "v"', true],
  ['{"a": 1, "b": "x"}.b', 'x'],
])('%s', (expression, expected) => expect(parseCel(expression).run({ a: 1n, m: { k: 'v' } })).toEqual(expected));

test.each([
  ['steps.scan.stdout.contains(inputs.x) ? variables.y[0] : run["id"]', ['steps.scan.stdout', 'inputs.x', 'variables.y', 'run.id']],
  ['inputs.l.map(x, x + inputs.y).exists(z, z > 3)', ['inputs.l', 'inputs.y']],
  ['inputs.l.map(x, y)', ['inputs.l', 'y']],
  ['cel.bind(x, x, x + y)', ['x', 'y']],
  ['a[b.c].d', ['b.c', 'a']],
  ['type(1) == int', []],
  ['has(steps.x.out)', ['steps.x.out']],
])('what %s reads', (expression, expected) => {
  expect(parseCel(expression).references.map(({ root, path }) => [root, ...path].join('.'))).toEqual(expected);
});

test('a reference knows its place', () => {
  expect(parseCel(' 1 + steps.scan.x').references[0]).toMatchObject({ start: 5, end: 17 });
});

test.each([
  ['1 +', 'the expression ends too early', 3],
  ['', 'the expression is empty', 0],
  ['  ', 'the expression is empty', 0],
  ['a b', 'unexpected `b`', 2],
  ['1 + "a"', 'no such overload: int + string', 0],
  ['true && nope(1)', 'there is no function `nope`', 8],
  ['a.b', 'no such key: b', 2],
  ['"x".matches("(")', 'not a regular expression', 12],
  ['bytes("{").json()', 'JSON', 0],
])('%j fails with its place', (expression, message, start) => {
  const error = errorOf(expression, { a: {} });
  expect(error.message).toContain(message);
  expect(error.start).toBe(start);
});

const list = Array.from({ length: 1000 }, (_, index) => BigInt(index));
const text = 'a'.repeat(1 << 20);

test.each([
  ['nested all', 'l.all(a, l.all(b, l.all(c, l.all(d, true))))'],
  ['nested exists, which swallows errors', 'l.exists(a, l.exists(b, l.exists(c, l.exists(d, false))))'],
  ['pieces of a large text', 's.split("").map(a, s.split("").map(b, 1))'],
  ['a list of large texts', 'l.map(a, s).join("")'],
  ['doubling', 'cel.bind(a,s+s,cel.bind(b,a+a,cel.bind(c,b+b,cel.bind(d,c+c,cel.bind(e,d+d,cel.bind(f,e+e,f+f))))))'],
  ['many regular expressions', `${'s.matches("(a+)+b$") || '.repeat(50)}false`],
])('the budget stops %s', (_, expression) => {
  expect(errorOf(expression, { l: list, s: text }).message).toBe('the expression does too much work');
});

test('evaluations share one budget where they are asked to, and have their own again afterwards', () => {
  const half = parseCel('l.all(a, l.all(b, true)) || true');
  const few = { l: list.slice(0, 400) };
  const evaluated = () => {
    let count = 0;
    try {
      for (; count < 20; count++) half.run(few);
    } catch (error) {
      expect((error as Error).message).toBe('the expression does too much work');
    }
    return count;
  };
  expect(evaluated()).toBe(20);
  const together = sharingBudget(evaluated);
  expect(together).toBeGreaterThan(0);
  expect(together).toBeLessThan(20);
  expect(evaluated()).toBe(20);
});

test('one linear-time match over a large text is within the budget', () => {
  expect(parseCel('s.matches("(a+)+b$")').run({ s: text })).toBe(false);
});

test.each(['('.repeat(3000), `${'-'.repeat(4000)}1`, '['.repeat(3000), `a${'.b'.repeat(2000)}`, `1${'+1'.repeat(2000)}`, 'x'.repeat(5000)])(
  'an expression out of bounds is refused',
  (expression) => expect(errorOf(expression).message).toMatch(/exceeded|longer than/),
);

test('a number that no double can hold is told as one', () => {
  expect(() => parseCel('1e400')).toThrow('the number is too large');
});

test.each(['string', 'int', 'double', 'bool', 'map', 'list', 'dyn'] as const)(
  'a member that is %s has the type that its check gives',
  (type) => {
    const types = { inputs: { a: type }, steps: { b: { c: type } } };
    for (const member of ['inputs.a', 'steps.b.c']) {
      expect(checkTypes(` ${member} `, types)).toBe(checkTypes(`(${member})`, types));
    }
  },
);
