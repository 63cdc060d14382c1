// Scripts with variables do what the scripts with the arguments' text do, and no value becomes program. This machine's shells say so.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { platform } from 'node:process';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rewriteArguments } from '../../src/import/shell-arguments.ts';

const argument = (value: string, name = 'a') => ({ name, variable: `arg_${name}`, value });
const rewritten = (text: string, value: string) => rewriteArguments([text], [argument(value)]).scripts[0]?.text;

describe('rewriteArguments', () => {
  test.each([
    ['cat #{a}', '/tmp/x', 'cat "$arg_a"'],
    ['cat /tmp/#{a}.txt', 'x', 'cat /tmp/"$arg_a".txt'],
    ['ls #{a}', '-l *.txt', 'ls $arg_a'],
    ['ls #{a} x', '', 'ls $arg_a x'],
    ['cat > #{a}', 'x y', 'cat > x y'],
    ['x=#{a}', 'b c', 'x=b c'],
    ['echo "#{a}b #{a}"', 'x y', 'echo "${arg_a}b $arg_a"'],
    ["echo 'b#{a}c'", '$x', "echo 'b'\"$arg_a\"'c'"],
    ["echo '#{a}'", 'x', 'echo "$arg_a"'],
    ["echo '#{a}'", "it's", "echo 'it's'"],
    ["echo $'b#{a}\\n'", 'x', "echo $'b'\"$arg_a\"$'\\n'"],
    ['echo "#{a}"', 'a "b', 'echo "a "b"'],
    ['echo "#{a}"', 'domain\\user', 'echo "$arg_a"'],
    ['#{a}', 'id; id', 'id; id'],
    ['echo $((#{a} * 2))', '3', 'echo $(($arg_a * 2))'],
    ['for i in {1..#{a}}; do :; done', '3', 'for i in {1..3}; do :; done'],
    ['cat <<X\n#{a} $HOME\nX', 'b c', 'cat <<X\n$arg_a $HOME\nX'],
    ["cat <<'X'\n#{a} $HOME `id` \\n\nX", '$b', 'cat <<X\n$arg_a \\$HOME \\`id\\` \\\\n\nX'],
    ['# #{a}\ntrue', 'x', '# #{a}\ntrue'],
  ])('%s, with %j', (text, value, expected) => expect(rewritten(text, value)).toBe(expected));

  test('what the shell expands in a default is expanded, and nothing else', () => {
    expect(rewritten('cat #{a}', '~/x')).toBe(
      'if [ "$arg_a" = \'~/x\' ]; then arg_a=~/x; fi # expanded as the shell does; another value is taken as it is\ncat "$arg_a"',
    );
    expect(rewritten("cat #{a} '#{a}'", '$HOME/x')).toBe("cat $HOME/x '$HOME/x'");
    expect(rewritten('cat "#{a}"', '$(id)')).toBe('cat "$(id)"');
  });

  test('one argument is the same in all scripts of a test, and says where it is written out', () => {
    const { scripts, written } = rewriteArguments(['cat #{a} #{b}', "echo '#{a}'", 'rm x'], [argument("'i'"), argument('y', 'b')]);
    expect(written).toEqual(['a']);
    expect(scripts).toEqual([
      { text: 'cat \'i\' "$arg_b"', reads: ['b'] },
      { text: "echo ''i''", reads: [] },
      { text: 'rm x', reads: [] },
    ]);
  });

  test('a script that is not understood keeps its text', () => {
    expect(rewriteArguments(["echo 'x #{a}"], [argument('y')])).toEqual({ scripts: [{ text: "echo 'x y", reads: [] }], written: ['a'] });
  });
});

describe.skipIf(platform !== 'linux')('in a shell, on Linux', { timeout: 60_000 }, () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sim-import-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Only what the shell itself has, and cat: no text that is tried can call anything else. */
  function run(shell: string, text: string, env: Record<string, string> = {}) {
    const { stdout, status } = spawnSync(shell, ['-s'], { input: text, cwd: folder, env: { HOME: '/home/b', ...env }, encoding: 'utf8' });
    return { stdout, status };
  }

  const SCRIPTS = [
    "printf '<%s>' #{a}",
    "printf '<%s>' b#{a}c --d=#{a}",
    'printf "<%s>" "b#{a}c" "$(echo "#{a}")"',
    "printf '<%s>' '#{a}' 'b#{a}#{a}c'",
    "printf '<%s>' \"`printf '%s' #{a}`\"",
    'x=#{a}\nprintf "<%s>" "$x"',
    'while read -r line; do echo "<$line>"; done <<X\nb #{a} $HOME\nX',
    'while read -r line; do echo "<$line>"; done <<\'X\'\nb #{a} $HOME `c` \\d\nX',
    'case b in #{a}) echo yes;; *) echo no;; esac',
    'sh_x() { printf "<%s>" "$@"; }; sh_x "#{a}" #{a} # #{a}',
  ];

  const defaults = fc
    .array(fc.constantFrom('b', 'c1', ' ', '~', '/', '$HOME', '"', "'", '\\', '*', '?', '.', '-', '=', '!', '#', '{', '}', ';', ','), {
      maxLength: 6,
    })
    .map((parts) => parts.join(''));

  test.each(['sh', 'bash'])('%s does the same as with the text of the default', (shell) => {
    fc.assert(
      fc.property(fc.constantFrom(...SCRIPTS), defaults, (script, value) => {
        const text = rewritten(script, value) ?? '';
        const spliced = script.replaceAll('#{a}', () => value);
        // What is no program at all was none before.
        fc.pre(spawnSync(shell, ['-n'], { input: spliced }).status === 0);
        expect({ text, ...run(shell, text, { arg_a: value }) }).toEqual({ text, ...run(shell, spliced) });
      }),
      { numRuns: 120 },
    );
  });

  test.each(['sh', 'bash'])('%s takes another value as it is', (shell) => {
    const scripts = [
      ["printf '<%s>' #{a}", '<@>'],
      ['printf "<%s>" "b#{a}c"', '<b@c>'],
      ["printf '<%s>' 'b#{a}c'", '<b@c>'],
      ['printf "<%s>" "$(printf %s "#{a}")"', '<@>'],
      ["IFS= read -r line <<'X'\nb #{a}\nX\nprintf '<%s>' \"$line\"", '<b @>'],
    ] as const;
    const values = fc
      .array(
        fc.constantFrom('b', ' ', '~', '$HOME', '$(echo run)', '`echo run`', '; echo run; ', '"', "'", '\\', '*', '\n', '${x}', '&&'),
        { minLength: 1, maxLength: 5 },
      )
      .map((parts) => `${parts.join('')}.`);
    fc.assert(
      fc.property(fc.constantFrom(...scripts), values, ([script, shown], value) => {
        const given = script.includes('<<') ? value.replaceAll('\n', ' ') : value;
        expect(run(shell, rewritten(script, 'plain') ?? '', { arg_a: given }).stdout).toBe(shown.replace('@', () => given));
      }),
      { numRuns: 80 },
    );
  });
});
