// What the real `sim lint` touches: under Node's permission model it writes nothing and starts nothing, and any use of the network throws.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const repository = realpathSync(fileURLToPath(new URL('../..', import.meta.url)));
const cli = join(repository, 'src/cli.ts');
let top: string;
let folder: string;

beforeAll(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'sealed-')));
  folder = join(top, 'checkout');
  mkdirSync(join(folder, '.git'), { recursive: true });
  mkdirSync(join(folder, 'playbooks/shells'), { recursive: true });
  cpSync(join(repository, 'playbooks'), join(folder, 'playbooks'), { recursive: true });
  cpSync(join(repository, 'charts'), join(folder, 'charts'), { recursive: true });
  writeFileSync(join(folder, '.sim-lint.yaml'), 'rules: {unused-input: error}\n');
  writeFileSync(
    join(folder, 'playbooks/hostile.yaml'),
    `apiVersion: kubesim/v1
kind: Playbook
metadata: {name: hostile, title: Hostile, $ref: "http://127.0.0.1:9/schema.json"}
inputs: {a: {type: string, default: x, pattern: "(a+)+$"}}
steps:
  - deploy: {chart: "oci://127.0.0.1:9/evil", $ref: "file:///etc/passwd"}
  - deploy: {chart: ../../../../etc}
  - exec: {pod: victim, command: [curl, "http://127.0.0.1:9/"]}
`,
  );
  writeFileSync(
    join(top, 'seal.mjs'),
    `import net from 'node:net'; import dgram from 'node:dgram'; import dns from 'node:dns'; import { syncBuiltinESMExports } from 'node:module';
const refuse = (what) => () => { throw new Error('SEALED: ' + what); };
net.Socket.prototype.connect = refuse('a connection');
net.Server.prototype.listen = refuse('a listener');
dgram.createSocket = refuse('a datagram');
dns.lookup = dns.resolve = dns.promises.lookup = dns.promises.resolve = refuse('a name look-up');
globalThis.fetch = globalThis.WebSocket = refuse('fetch');
syncBuiltinESMExports();
`,
  );
});
afterAll(() => rmSync(top, { recursive: true, force: true }));

const sealed = (script: string, args: string[]) =>
  spawnSync(
    execPath,
    [
      '--permission',
      // Its own code, and the checkout: nothing else may be read.
      ...[repository, realpathSync(join(repository, 'node_modules')), folder, join(top, 'seal.mjs')].map(
        (path) => `--allow-fs-read=${path}`,
      ),
      `--import=${join(top, 'seal.mjs')}`,
      '--disable-warning=SecurityWarning',
      script,
      ...args,
    ],
    { cwd: folder, encoding: 'utf8', env: {} },
  );

test('the seal holds: a script that connects, starts a program, reads elsewhere or writes is stopped', () => {
  const script = join(folder, 'probe.mjs');
  for (const [code, told] of [
    ["import net from 'node:net'; net.connect(9, '127.0.0.1')", 'SEALED: a connection'],
    ["await fetch('http://127.0.0.1:9/')", 'SEALED: fetch'],
    ["import { spawnSync } from 'node:child_process'; spawnSync('true')", 'ERR_ACCESS_DENIED'],
    ["import { readFileSync } from 'node:fs'; readFileSync('/etc/passwd')", 'ERR_ACCESS_DENIED'],
    ["import { writeFileSync } from 'node:fs'; writeFileSync('x', '')", 'ERR_ACCESS_DENIED'],
  ] as const) {
    writeFileSync(script, code);
    expect(sealed(script, []).stderr).toContain(told);
  }
  rmSync(script);
});

test.each(['text', 'json', 'sarif', 'github', 'gitlab', 'junit'])('lint of a hostile checkout needs no more than that: %s', (format) => {
  const { stdout, stderr, status } = sealed(cli, ['lint', '--format', format]);
  expect(stdout + stderr).not.toMatch(/SEALED|ERR_ACCESS_DENIED|fault of sim itself/);
  expect(stdout).toContain('hostile.yaml');
  expect(stdout).toContain('$ref');
  expect(status).toBe(1);
});
