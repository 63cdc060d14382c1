import { expect, test } from 'vitest';
import { lint } from '../../src/rules/lint.ts';
import { shellSyntax } from '../../src/rules/shell-syntax.ts';
import { stepTypes } from '../../src/steps/index.ts';
import { stepTypes as fakes, playbookOf } from '../fakes/step-types.ts';
import { findingsOf, underlinedBy } from './findings.ts';

const ofArgv = (argv: readonly string[]) => playbookOf(`  - command: {pod: p, argv: ${JSON.stringify(argv)}}\n`);
const find = (...argv: string[]) => findingsOf(shellSyntax, ofArgv(argv)).map((line) => line.replace(/^[\d:]+ warning: /, ''));

test.each(['|', '||', '&&', '&', ';', '>', '>>', '<', '2>&1', '2>/dev/null', '&>', '>/tmp/x'])('`%s` is a word like any other', (word) => {
  expect(find('nmap', 'a', word, 'b')).toEqual([`no shell reads \`${word}\`: \`nmap\` gets it as an argument`]);
});

test.each([
  ['$HOME', '$HOME'],
  ['${HOME}/x', '${HOME}'],
  ['/root/$USER', '$USER'],
  ['on $(hostname)', '$(hostname)'],
  ['on `hostname`', '`hostname`'],
  ['~/.ssh', '~/.ssh'],
])('nothing is put in place of %s', (word, what) =>
  expect(find('ls', word)).toEqual([`no shell reads \`${what}\`: it stays as it is written`]),
);

test('a program is named by a word of its own', () => {
  expect(find('nmap -Pn ${{ run.id }}')).toEqual(['`nmap -Pn ${{ run.id }}` is taken for the name of one program']);
});

test('one finding for each list, at the word', () => {
  expect(underlinedBy(shellSyntax, ofArgv(['env', 'A=$B', 'nmap', '|', 'cat', '>', '/x']))).toEqual(['"A=$B"']);
  expect(underlinedBy(shellSyntax, ofArgv(['/usr/bin/nmap', '|', 'cat', '>', '/x']))).toEqual(['"|"']);
});

test.each([
  [['bash', '-c', 'id | cat; echo $HOME']],
  [['kubectl', 'exec', 'p', '--', 'sh', '-c', 'id | cat > ~/x']],
  [['/usr/bin/perl', '-e', 'print $HOME']],
  [['xargs', 'sed', 's/$a/b/']],
  [['find', '/', '-exec', 'ls', '{}', ';']],
  [['tr', ';', '|']],
  [['curl', '-d', 'a=$(id)', 'http://victim/${IFS}']],
  [['nmap', '${{ run.id }}', 'a|b', '$', '$1', 'a~/b', '>=1', '-']],
  [['${{ run.id }}']],
])('%j holds nothing that only a shell knows', (argv) => expect(find(...argv)).toEqual([]));

test('the hint is what the type of the step has', () => {
  const hints = (text: string, steps: typeof stepTypes) =>
    lint({ name: 'sample.yaml', text }, { steps }).diagnostics.map(({ hint }) => hint);
  expect(hints(playbookOf('  - exec: {pod: {selector: a=b}, command: [id, "|", cat]}\n'), stepTypes)).toEqual([
    'write it as a script: `shell: ...`',
  ]);
  expect(hints(ofArgv(['id', '|', 'cat']), fakes)).toEqual(['let a shell read it: `[sh, -c, "..."]`']);
});
