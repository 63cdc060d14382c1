import { expect, test } from 'vitest';
import { placesIn } from '../../src/import/shell-places.ts';

const quotings = (text: string) => placesIn(text, new Set(['a', 'b']))?.map(({ name, quoting }) => `${name} ${quoting}`);

test.each([
  ['echo #{a} x', ['a none']],
  ['echo "#{a}" \'#{b}\'', ['a double', 'b single']],
  ['echo "it\'s #{a}" \'"#{b}"\'', ['a double', 'b single']],
  ["echo $'x\\'#{a}'", ['a ansi']],
  ['echo "$(cat #{a} "#{b}")"', ['a none', 'b double']],
  ['echo "`cat #{a}`" #{b}', ['a none', 'b none']],
  ['echo $((1 + #{a})) #{b}', ['a arithmetic', 'b none']],
  ['echo "${x:-#{a}}" ${#x} ${y:-#{b}}', ['a double', 'b none']],
  ['# about #{a}\necho x#y #{b}', ['a comment', 'b none']],
  ['#{a} #{b}', ['a none', 'b none']],
  ['cat <<END\n"#{a}"\nEND\necho #{b}', ['a document', 'b none']],
  ["cat <<'END' | wc #{b}\n'#{a}\nEND", ['b none', 'a raw-document']],
  ['cat <<-\\END\n\t#{a}\n\tEND\n', ['a raw-document']],
  ["cat <<A <<'B'\n#{a}\nA\n#{b}\nB\n", ['a document', 'b raw-document']],
  ['cat <<< "#{a}"', ['a double']],
  ['echo \\#{a} $#{b}', ['a fixed', 'b fixed']],
  ['#{a}=1; echo {1..#{b}}', ['a fixed', 'b fixed']],
  ['case x in y) echo #{a};; esac; (echo #{b})', ['a none', 'b none']],
  ['echo #{unknown} #{a', []],
] as const)('%s', (text, found) => expect(quotings(text)).toEqual(found));

test.each(["echo '#{a}", 'echo "#{a}', 'cat <<END\n#{a}\n', 'echo $(#{a}', "echo $'#{a}"])('%s ends inside something', (text) =>
  expect(quotings(text)).toBeUndefined(),
);

test('a long script is read once', () => {
  const text = '"#{a}" \'#{b}\' $(x) `y`\n'.repeat(20_000);
  expect(placesIn(text, new Set(['a', 'b']))).toHaveLength(40_000);
});
