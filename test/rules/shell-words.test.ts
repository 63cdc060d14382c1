import fc from 'fast-check';
import { expect, test } from 'vitest';
import { commandOf, commandsIn, readsInput, scriptOfShell } from '../../src/rules/shell-words.ts';

const words = (script: string) => commandsIn(script).map((command) => command.words.join(' '));

test.each([
  ['id; ls -l\npwd', ['id', 'ls -l', 'pwd']],
  ['a && b || c | d & e', ['a', 'b', 'c', 'd', 'e']],
  ['echo "rm -rf /" \'; id\'', ['echo rm -rf / ; id']],
  ['id # ls\n# pwd\necho a#b', ['id', 'echo a#b']],
  ['a \\\n b\\ c', ['a b c']],
  ['sudo -u root env -i A=1 timeout -k 1 5 nice -n 3 /bin/ls -l', ['/bin/ls -l']],
  ['if test -e a; then rm a; else ls; fi', ['test -e a', 'rm a', 'ls', 'fi']],
  ['(cd /tmp; ls)', ['cd /tmp', 'ls']],
  ['f() { id; }', ['f', 'id', '}']],
  ['x=$(cat a) ls', ['cat a', 'ls']],
  ['echo "a $(id -u) b" `pwd`', ['id -u', 'pwd', 'echo a $(id -u) b `pwd`']],
  ["sh -c 'id; ls'", ['sh -c id; ls', 'id', 'ls']],
  ['cat <<EOF > /tmp/x\nrm -rf /\nEOF\nid', ['cat', 'id']],
  ['bash <<"END"\nrm x\nEND', ['bash', 'rm x']],
  ['bash <(curl x)', ['curl x', 'bash <(curl x)']],
  ['echo ${{ inputs.a }} b', ['echo \uFFFC\uFFFC\uFFFC\uFFFC\uFFFC\uFFFC\uFFFC\uFFFC\uFFFC\uFFFC\uFFFC\uFFFC\uFFFC\uFFFC\uFFFC b']],
])('%j', (script, expected) => expect(words(script)).toEqual(expected));

test('what stands before a program, where it writes, and what joins it to the next', () => {
  const [first, second] = commandsIn('while timeout 5 nsenter -t 1 -m -- ls 2> /tmp/e >>/tmp/o 2>&1 | wc');
  expect(first).toMatchObject({ words: ['ls'], writes: ['/tmp/e', '/tmp/o'], joint: '|' });
  expect(first?.before).toEqual(['while', 'timeout', '5', 'nsenter', '-t', '1', '-m', '--']);
  expect(second).toMatchObject({ words: ['wc'], before: [], writes: [], joint: '' });
});

test('a script that another shell is given keeps what stood before that shell', () => {
  expect(commandsIn("timeout 5 sh -c 'id'").at(-1)).toMatchObject({ words: ['id'], before: ['timeout', '5'] });
  expect(commandOf(['timeout', '5', 'sh', '-c', 'id'])).toMatchObject({ words: ['sh', '-c', 'id'], before: ['timeout', '5'] });
});

test.each([
  [['sh', '-c', 'id'], 2],
  [['/usr/bin/bash', '-e', '-xc', 'id', 'name'], 3],
  [['sh', 'file', '-c', 'id'], undefined],
  [['sh', '-c'], undefined],
  [['echo', '-c', 'id'], undefined],
  [['kubectl', 'exec', 'p', '--', 'sh', '-c', 'id'], 6],
  [['find', '/', '-exec', '/bin/sh', '-c', 'id', ';'], 5],
  [['kubectl', 'exec', 'p', '--', 'ls', '-c', 'id'], undefined],
  [['echo', 'sh', '-c', 'id'], undefined],
  [['fish-shell', '-c', 'id'], undefined],
])('the script of %j', (argv, place) => expect(scriptOfShell(argv)).toBe(place));

test.each([
  [['sh'], true],
  [['bash', '-s', 'x'], true],
  [['sh', '-e', '-'], true],
  [['sh', '-es', '-c', 'x'], true],
  [['sh', '-c', 'id'], false],
  [['sh', 'file'], false],
  [['cat'], false],
])('%j reads its script from standard input: %s', (argv, reads) => expect(readsInput(argv)).toBe(reads));

test('any text is read to its end, and every command lies inside it', () => {
  const piece = fc.constantFrom(
    '"',
    "'",
    '`',
    '$(',
    ')',
    '<(',
    '<<',
    '<<E\n',
    'E\n',
    '>',
    '|',
    '&',
    ';',
    '\n',
    '\\',
    '#',
    '${{',
    '}}',
    'sh -c ',
    ' ',
    'rm',
    '{',
    'sudo ',
    '=',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 40 }), (pieces) => {
      const script = pieces.join('');
      for (const { start, end, words: found, writes, before } of commandsIn(script)) {
        expect(start).toBeGreaterThanOrEqual(0);
        expect(end).toBeGreaterThanOrEqual(start);
        expect(end).toBeLessThanOrEqual(script.length);
        expect(found.length + writes.length + before.length).toBeGreaterThan(0);
      }
    }),
  );
});

test('a long text is read without an end of the stack', () => {
  for (const piece of ['a;', '$(', '"$(', '`', '<<a\n', "sh -c '", 'if ', 'env ']) expect(commandsIn(piece.repeat(50_000))).toBeDefined();
});
