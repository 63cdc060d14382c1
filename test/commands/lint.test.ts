// `sim lint` on a real folder, with step types of our own.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { localCheckout } from '../../src/adapters/checkout.ts';
import { localFiles } from '../../src/adapters/files.ts';
import { localGit } from '../../src/adapters/git.ts';
import { processRunner } from '../../src/adapters/process.ts';
import { lintCommand } from '../../src/commands/lint.ts';
import { UsageError } from '../../src/commands/usage-error.ts';
import { playbookOf, stepTypes } from '../fakes/step-types.ts';

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'lint-')));
  mkdirSync(join(folder, '.git'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (name: string, content: string | Uint8Array) => {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), content);
};
const step = '  - install: {chart: x}\n';
const good = (name: string) => playbookOf(step).replace('name: sample', `name: ${name}`);
/** One error. */
const bad = (name: string) => good(name).replace('{chart:', '{manifests: [{}], chart:');
/** One warning, which nothing can fix. */
const unused = (name: string) => good(name).replace('steps:', 'inputs:\n  port: {type: integer, default: 1, description: A port}\nsteps:');
const disable = '# sim-lint-disable-next-line unused-input -- kept for later\n  port:';

async function lint(args: string[] = [], { stdin = '', at = folder, colour = false } = {}) {
  const result = { code: 0, stdout: '', stderr: '' };
  const command = lintCommand({
    folder: at,
    checkout: localCheckout(at),
    files: localFiles(),
    git: localGit(processRunner(), at),
    steps: stepTypes,
    catalogue: async () => ['network-scanning-tool'],
    readStdin: async () => new TextEncoder().encode(stdin),
    stdout: (text) => {
      result.stdout += text;
    },
    stderr: (text) => {
      result.stderr += text;
    },
    colour,
    version: '1.2.3',
    setExitCode: (code) => {
      result.code = code;
    },
  });
  const quiet = { writeErr: () => undefined };
  await command.exitOverride().configureOutput(quiet).parseAsync(args, { from: 'user' });
  return result;
}

/** `file:line:col: severity: message [rule]` of each finding. */
const found = async (...args: Parameters<typeof lint>) =>
  (await lint(...args)).stdout.split('\n').filter((line) => /^\S.*\[[a-z-]+\]$/.test(line));

describe('what is checked', () => {
  test('a clean playbook: exit 0, nothing on stdout', async () => {
    put('a.yaml', good('a'));
    expect(await lint(['a.yaml'])).toEqual({ code: 0, stdout: '', stderr: 'no findings in 1 file\n' });
  });

  test('all findings of all files in one pass, sorted, each once', async () => {
    put('b.yaml', bad('b'));
    put('a.yaml', unused('other'));
    const { code, stdout, stderr } = await lint(['b.yaml', 'a.yaml', './a.yaml', '.']);
    expect(code).toBe(1);
    expect(stdout).toBe(`a.yaml:3:18: warning: the name is \`other\`, but the file is called \`a\` [name-not-filename]
  3 | metadata: {name: other, title: Sample, description: A sample}
    |                  ^~~~~
a.yaml:5:3: warning: nothing reads the input \`port\` [unused-input]
  5 |   port: {type: integer, default: 1, description: A port}
    |   ^~~~
b.yaml:5:5: error: \`install\` can have only one of \`chart\`, \`manifests\` [wrong-value]
  5 |   - install: {manifests: [{}], chart: x}
    |     ^~~~~~~

see  sim explain name-not-filename  docs/reference/rules/name-not-filename.md
see  sim explain unused-input       docs/reference/rules/unused-input.md
see  sim explain wrong-value        docs/reference/rules/wrong-value.md
`);
    expect(stderr).toBe('1 error, 2 warnings in 2 files\n');
  });

  test('folders, all the way down: only playbooks, not in node_modules or .git, and no linked folders', async () => {
    for (const name of ['in/a.yaml', 'in/deep/b.yml', 'in/node_modules/x.yaml', 'in/.git/x.yaml', 'in/c.json']) put(name, bad('z'));
    put('in/values.yaml', 'replicas: 3\n');
    put('in/broken.yaml', '{{ template }}: [\n');
    put('elsewhere/d.yaml', bad('z'));
    symlinkSync('../elsewhere', join(folder, 'in/linked'));
    const lines = await found(['in']);
    expect(lines.map((line) => line.split(':')[0])).toEqual(['in/a.yaml', 'in/deep/b.yml']);
  });

  test('a file that is named is checked, whatever is in it', async () => {
    put('values.yaml', 'replicas: 3\n');
    expect((await lint(['values.yaml'])).stdout).toContain('values.yaml:1:1: error:');
    expect((await lint(['*.yaml'])).stderr).toBe('sim lint: there is no playbook in *.yaml\n');
  });

  test('globs', async () => {
    for (const name of ['in/a.yaml', 'in/deep/b.yaml', 'c.yaml']) put(name, bad('z'));
    const files = async (glob: string) => (await found([glob])).map((line) => line.split(':')[0]);
    expect(await files('in/*.yaml')).toEqual(['in/a.yaml']);
    expect(await files('**/{b,c}.yaml')).toEqual(['c.yaml', 'in/deep/b.yaml']);
    expect(await files(`${folder}/in/**/b.y?ml`)).toEqual([`${folder}/in/deep/b.yaml`]);
    put('a[1].yaml', bad('z'));
    expect(await files('a[1].yaml')).toEqual(['a[1].yaml']);
    expect(await lint(['nothing/*.yaml'])).toMatchObject({ code: 2, stderr: expect.stringContaining('"nothing/*.yaml" matches no file') });
    await expect(lint(['{a'])).rejects.toThrow('`{a` is no pattern of paths');
  });

  test('without a path: playbooks/, else everything', async () => {
    put('a.yaml', bad('z'));
    expect((await found()).map((line) => line.split(':')[0])).toEqual(['a.yaml']);
    put('playbooks/b.yaml', bad('z'));
    expect((await found()).map((line) => line.split(':')[0])).toEqual(['playbooks/b.yaml']);
    rmSync(join(folder, 'playbooks/b.yaml'));
    expect(await lint()).toEqual({ code: 2, stdout: '', stderr: 'sim lint: there is no playbook in playbooks\n' });
  });

  test('a path that leads nowhere: exit 2, and the others are still checked', async () => {
    put('bad.yaml', bad('bad'));
    const { code, stdout, stderr } = await lint(['gone.yaml', 'bad.yaml']);
    expect(code).toBe(2);
    expect(stderr).toContain('sim lint: "gone.yaml" does not exist\n');
    expect(stdout).toContain('bad.yaml:5:5');
  });

  test('standard input, by - and by a name of its own', async () => {
    expect((await lint(['-'], { stdin: good('anything') })).code).toBe(0);
    expect(await found(['-'], { stdin: 'a: 1' })).toContainEqual(expect.stringMatching(/^-:1:1: error: unknown key `a`/));
    expect(await found(['-', '--stdin-filename', 'in/x.yaml'], { stdin: good('y') })).toEqual([
      'in/x.yaml:3:18: warning: the name is `y`, but the file is called `x` [name-not-filename]',
    ]);
    await expect(lint(['-', '--fix'])).rejects.toThrow('standard input cannot be mended with --fix');
  });

  test('--changed: what git says, and only below the paths', async () => {
    rmSync(join(folder, '.git'), { recursive: true });
    const git = (...args: string[]) => execFileSync('git', ['-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@t', ...args]);
    put('in/old.yaml', bad('z'));
    put('in/edited.yaml', good('edited'));
    git('init', '-q', '-b', 'main');
    git('add', '-A');
    git('commit', '-q', '-m', 'x');
    put('in/edited.yaml', bad('edited'));
    put('in/new.yaml', bad('new'));
    put('out/new.yaml', bad('new'));
    put('in/values.yaml', 'a: 1\n');
    const files = async (...args: string[]) => (await found(['--changed', 'main', ...args])).map((line) => line.split(':')[0]);
    expect(await files('in')).toEqual(['in/edited.yaml', 'in/new.yaml']);
    expect(await files()).toEqual(['in/edited.yaml', 'in/new.yaml', 'out/new.yaml']);
    expect(await files('in/old.yaml')).toEqual([]);
    expect(await lint(['--changed', 'main', 'in/old.yaml'])).toMatchObject({ code: 0, stderr: 'no findings in 0 files\n' });
    await expect(lint(['--changed', 'nonsense'])).rejects.toThrow('git knows no commit `nonsense` here');
    rmSync(join(folder, '.git'), { recursive: true });
    await expect(lint(['--changed', 'main'])).rejects.toThrow(UsageError);
  });
});

describe('how it is told', () => {
  beforeEach(() => {
    put('in/bad.yaml', bad('bad'));
    put('in/warn.yaml', unused('warn'));
  });

  test('JSON by --format and --output, nothing else on stdout or stderr', async () => {
    const { code, stdout, stderr } = await lint(['--format', 'json', 'in']);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    const { version, findings } = JSON.parse(stdout) as { version: number; findings: object[] };
    expect(version).toBe(1);
    expect(findings[0]).toMatchObject({ file: 'in/bad.yaml', line: 5, column: 5, severity: 'error', rule: 'wrong-value' });
    expect((await lint(['-o', 'json', 'in'])).stdout).toBe(stdout);
    await expect(lint(['-o', 'json', '-f', 'text', 'in'])).rejects.toThrow('--format and --output name two formats');
  });

  test.each(['sarif', 'github', 'gitlab', 'junit'])('%s names files from the root of the checkout', async (format) => {
    const { code, stdout } = await lint(['--format', format, '.'], { at: join(folder, 'in') });
    expect(code).toBe(1);
    expect(stdout).toContain('in/bad.yaml');
  });

  test('--output-file', async () => {
    expect(await lint(['-f', 'sarif', '--output-file', 'out/lint.sarif', 'in'])).toEqual({
      code: 1,
      stdout: '',
      stderr: '1 error, 1 warning in 2 files\n',
    });
    expect(JSON.parse(readFileSync(join(folder, 'out/lint.sarif'), 'utf8'))).toMatchObject({ version: '2.1.0' });
  });

  test('--quiet tells errors only; --max-warnings says how many warnings are no failure', async () => {
    expect(await found(['--quiet', 'in'])).toHaveLength(1);
    expect((await lint(['--quiet', 'in/warn.yaml'])).code).toBe(0);
    expect((await lint(['in/warn.yaml'])).code).toBe(1);
    expect(await lint(['--max-warnings', '1', 'in/warn.yaml'])).toMatchObject({ code: 0, stderr: '1 warning in 1 file\n' });
    expect((await lint(['--max-warnings', '1', 'in'])).code).toBe(1);
    expect(await lint(['--quiet', '--max-warnings', '0', 'in/warn.yaml'])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'no findings in 1 file\nsim lint: more than 0 warnings\n',
    });
    await expect(lint(['--max-warnings', '-1', 'in'])).rejects.toThrow('It must be a whole number');
  });

  test('notes are no failure', async () => {
    put('.sim-lint.yaml', 'rules: {unused-input: info}\n');
    expect(await lint(['in/warn.yaml'])).toMatchObject({ code: 0, stderr: '1 note in 1 file\n' });
  });
});

describe('comments that switch rules off', () => {
  test('work, unless --no-inline-disable', async () => {
    put('a.yaml', unused('a').replace('port:', disable));
    expect((await lint(['a.yaml'])).code).toBe(0);
    expect(await found(['--no-inline-disable', 'a.yaml'])).toEqual(['a.yaml:6:3: warning: nothing reads the input `port` [unused-input]']);
  });

  test('have no effect on what makes a playbook unable to run', async () => {
    put('a.yaml', bad('a').replace('  - install', '  # sim-lint-disable-next-line wrong-value -- I want it\n  - install'));
    expect(await found(['a.yaml'])).toEqual([
      'a.yaml:5:32: warning: `wrong-value` makes a playbook unable to run and cannot be switched off [invalid-disable]',
      'a.yaml:6:5: error: `install` can have only one of `chart`, `manifests` [wrong-value]',
    ]);
  });
});

describe('--fix', () => {
  test('mends what has one answer, keeps the mode, and reports the rest', async () => {
    const text = `\uFEFF${unused('wrong').replaceAll('\n', '\r\n')}`.replace(
      'steps:',
      '# sim-lint-disable-next-line unused-input -- old\r\nsteps:',
    );
    put('right.yaml', text);
    chmodSync(join(folder, 'right.yaml'), 0o640);
    const { code, stdout, stderr } = await lint(['--fix', 'right.yaml']);
    expect(readFileSync(join(folder, 'right.yaml'), 'utf8')).toBe(`\uFEFF${unused('right').replaceAll('\n', '\r\n')}`);
    expect(statSync(join(folder, 'right.yaml')).mode & 0o777).toBe(0o640);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '2 findings fixed; 1 warning in 1 file\n' });
    expect(stdout).toContain('right.yaml:5:3: warning: nothing reads the input `port`');
    expect((await lint(['--fix', 'right.yaml'])).stderr).toBe('1 warning in 1 file\n');
  });

  test('leaves alone what it cannot know: names that are none, broken files, other bytes', async () => {
    put('Not_A_Name.yaml', good('a'));
    put('bad.yaml', bad('other'));
    put('latin.yaml', Buffer.from(`${good('x')}# caf\xe9\n`, 'latin1'));
    const before = ['Not_A_Name.yaml', 'bad.yaml', 'latin.yaml'].map((name) => readFileSync(join(folder, name)));
    await lint(['--fix', '.']);
    expect(['Not_A_Name.yaml', 'bad.yaml', 'latin.yaml'].map((name) => readFileSync(join(folder, name)))).toEqual(before);
  });

  test('writes to the file that a link names', async () => {
    put('in/real.yaml', good('a'));
    symlinkSync('in/real.yaml', join(folder, 'b.yaml'));
    await lint(['--fix', 'b.yaml']);
    expect(readFileSync(join(folder, 'in/real.yaml'), 'utf8')).toBe(good('b'));
  });
});

describe('configuration', () => {
  test('the nearest one between the file and the root of its checkout holds', async () => {
    put('.sim-lint.yaml', 'rules: {unused-input: error}\n');
    put('in/.sim-lint.yaml', 'rules: {unused-input: off}\n');
    put('in/deep/a.yaml', unused('a'));
    put('b.yaml', unused('b'));
    expect(await found(['.'])).toEqual(['b.yaml:5:3: error: nothing reads the input `port` [unused-input]']);
    expect(await found(['b.yaml'], { at: join(folder, 'in') })).toEqual([]);
    expect((await lint(['../b.yaml'], { at: join(folder, 'in') })).stdout).toContain('../b.yaml:5:3: error');
  });

  test('none above the root is read', async () => {
    put('.sim-lint.yaml', 'rules: {unused-input: off}\n');
    mkdirSync(join(folder, 'repo/.git'), { recursive: true });
    put('repo/a.yaml', unused('a'));
    expect(await found(['a.yaml'], { at: join(folder, 'repo') })).toHaveLength(1);
  });

  test('what is wrong with it is told with its place, and it then changes nothing', async () => {
    put('.sim-lint.yaml', 'rules:\n  unused-inptu: off\n');
    put('a.yaml', unused('a'));
    const { code, stdout } = await lint(['a.yaml']);
    expect(code).toBe(1);
    expect(stdout).toContain('.sim-lint.yaml:2:3: error: unknown key `unused-inptu` in `rules` [unknown-key]');
    expect(stdout).toContain('did you mean `unused-input`?');
    expect(stdout).toContain('a.yaml:5:3: warning');
  });

  test('it may not switch off what makes a playbook unable to run', async () => {
    put('.sim-lint.yaml', 'rules: {wrong-value: off}\n');
    put('a.yaml', bad('a'));
    expect(await found(['a.yaml'])).toEqual([
      '.sim-lint.yaml:1:9: error: `wrong-value` makes a playbook unable to run: it is always an error [invalid-configuration]',
      'a.yaml:5:5: error: `install` can have only one of `chart`, `manifests` [wrong-value]',
    ]);
  });

  test('a pinned one holds alone, and counts from the working directory', async () => {
    put('.sim-lint.yaml', 'rules: {unused-input: off, nonsense: off}\n');
    put('ci/pinned.yaml', 'rules: {unused-input: error}\npaths: [in]\nignore: ["in/drafts"]\n');
    put('in/a.yaml', unused('a'));
    put('in/drafts/b.yaml', unused('b'));
    expect(await found(['--config', 'ci/pinned.yaml'])).toEqual(['in/a.yaml:5:3: error: nothing reads the input `port` [unused-input]']);
    await expect(lint(['--config', 'gone.yaml'])).rejects.toThrow('there is no configuration gone.yaml');
  });

  test('ignored files are passed over unless they are named', async () => {
    put('.sim-lint.yaml', 'ignore: [drafts, "**/old-*.yaml"]\npaths: [books]\n');
    for (const name of ['books/a.yaml', 'books/old-b.yaml', 'drafts/c.yaml']) put(name, bad('z'));
    expect((await found(['.'])).map((line) => line.split(':')[0])).toEqual(['books/a.yaml']);
    expect((await found()).map((line) => line.split(':')[0])).toEqual(['books/a.yaml']);
    expect((await found(['drafts/c.yaml'])).map((line) => line.split(':')[0])).toEqual(['drafts/c.yaml']);
  });
});

describe('hostile checkouts', () => {
  test('a link out of the checkout is a finding, and nothing behind it is shown', async () => {
    mkdirSync(join(folder, 'repo/.git'), { recursive: true });
    put('secret.yaml', 'apiVersion: kubesim/v1\ntoken: s3cret\n');
    symlinkSync('../secret.yaml', join(folder, 'repo/a.yaml'));
    symlinkSync('../secret.yaml', join(folder, 'repo/.sim-lint.yaml'));
    put('repo/b.yaml', good('b'));
    for (const args of [['.'], ['a.yaml', 'b.yaml'], ['*.yaml']]) {
      const { code, stdout, stderr } = await lint(args, { at: join(folder, 'repo') });
      expect(code).toBe(1);
      expect(stdout).toContain('a.yaml:1:1: error: a symbolic link leads out of the checkout [unreadable-file]');
      expect(stdout).toContain('.sim-lint.yaml:1:1: error: a symbolic link leads out of the checkout [unreadable-file]');
      expect(stdout + stderr).not.toMatch(/token|s3cret/);
    }
    await lint(['--fix', '.'], { at: join(folder, 'repo') });
    expect(readFileSync(join(folder, 'secret.yaml'), 'utf8')).toContain('s3cret');
  });

  test('pipes are not waited for', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe.yaml')]);
    expect(await found(['pipe.yaml'])).toEqual(['pipe.yaml:1:1: error: the file is a pipe, not a plain file [unreadable-file]']);
    expect(await found(['.'])).toHaveLength(1);
  });

  test('files of more than 1 MiB are not read; one that says it is a playbook is told wherever it is met', async () => {
    const padding = `# ${'x'.repeat(1024 * 1024)}\n`;
    put('in/playbook.yaml', good('playbook') + padding);
    put('in/other.yaml', `kind: Other\n${padding}`);
    expect(await found(['in'])).toEqual(['in/playbook.yaml:1:1: error: the file is larger than 1 MiB [yaml-syntax]']);
    expect(await found(['in/other.yaml'])).toEqual(['in/other.yaml:1:1: error: the file is larger than 1 MiB [yaml-syntax]']);
    expect(await found(['-'], { stdin: padding })).toEqual(['-:1:1: error: the file is larger than 1 MiB [yaml-syntax]']);
  });

  test('bytes that are no UTF-8 have a place', async () => {
    put('a.yaml', Buffer.from(`${good('a')}# caf\xe9\n`, 'latin1'));
    put('b.yaml', Buffer.from(`\uFEFF${good('b')}`, 'utf16le'));
    expect(await found(['.'])).toEqual(['a.yaml:6:6: error: this is not UTF-8 [yaml-syntax]']);
    expect(await found(['b.yaml'])).toEqual(['b.yaml:1:1: error: the file is UTF-16, not UTF-8 [yaml-syntax]']);
  });

  test.each(['text', 'github', 'gitlab', 'junit', 'sarif', 'json'])(
    '%s: names of files and keys end no line and command no terminal',
    async (format) => {
      put(
        '::error::\u001B[31m\n::warning::x ]]> ##[error].yaml',
        good('a').replace('title:', '"\\e[2J\\n::stop-commands::x ]]>\\u202e": 1, title:'),
      );
      const { stdout, stderr } = await lint(['--format', format, '.']);
      expect(stdout).toContain('stop-commands');
      const lines = stdout.split('\n');
      expect(lines.filter((line) => /^\s*::/.test(line) && !/^::error file=/.test(line))).toEqual([]);
      for (const line of [...lines, ...stderr.split('\n')]) expect(line).not.toMatch(/[\p{Cc}\p{Cf}]|##\[/u);
    },
  );
});

describe('detection rules', () => {
  const rule = readFileSync(new URL('../../detections/network-scanner.yaml', import.meta.url), 'utf8');

  test('are come upon beside playbooks, and clean ones are silent', async () => {
    put('detections/network-scanner.yaml', rule);
    put('playbooks/a.yaml', good('a'));
    expect(await lint(['.'])).toEqual({ code: 0, stdout: '', stderr: 'no findings in 2 files\n' });
  });

  test('are told what is wrong with them, with its place inside of a condition', async () => {
    put(
      'network-scanner.yaml',
      rule.replace('n in scanners', 'n in scannerz').replace('alert: network', 'alert: netwrk').replace('level: medium', 'levle: medium'),
    );
    expect(await found(['network-scanner.yaml'])).toEqual([
      'network-scanner.yaml:14:32: error: nothing is named `scannerz` here [undefined-reference]',
      'network-scanner.yaml:17:1: error: unknown key `levle` in the rule [unknown-key]',
      'network-scanner.yaml:20:8: error: the catalogue has no alert `netwrk-scanning-tool` [unknown-alert]',
    ]);
  });

  test('two with one id: the later one is told', async () => {
    put('a/network-scanner.yaml', rule);
    put('b/network-scanner.yaml', rule);
    const { code, stdout } = await lint(['a', 'b']);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^b\/network-scanner\.yaml:5:5: error: the id `[0-9a-f-]{36}` is taken by the rule in a\/network-scanner\.yaml \[duplicate-id\]/,
    );
  });

  test('what only looks like one stays a playbook', async () => {
    put('a.yaml', good('a').replace('title: Sample', 'title: "kind: Detection"'));
    expect((await lint(['a.yaml'])).code).toBe(0);
  });
});
