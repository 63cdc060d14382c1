import { expect, test } from 'vitest';
import { findGo, goProgram, newEnough } from '../../../src/lab/native/go.ts';
import type { StageContext } from '../../../src/lab/stages.ts';
import { Failure } from '../../../src/ports/failure.ts';
import { fakeWorld } from '../fake-world.ts';

const missing = new Failure('command-not-found', 'no such program');
/** A machine with these programs, and what `go mod download` answers. */
function machine(versions: Record<string, string>, download = '') {
  const world = fakeWorld((line) => {
    if (line.includes(' mod download')) return { stdout: download };
    if (!line.endsWith(' env GOVERSION')) return undefined;
    const version = versions[line.split(' ')[0] ?? ''];
    return version === undefined ? missing : { stdout: `${version}\n` };
  });
  world.contents.set('/usr/lib/go-1.26/bin/go', '');
  const said: string[] = [];
  const context: StageContext = {
    signal: new AbortController().signal,
    say: (text) => void said.push(text),
    exec: (command) => world.process.run(command),
  };
  return { world, said, program: () => goProgram(world, {}, context) };
}

test('the newest Go is taken, on PATH or not', async () => {
  const { world, program } = machine({ go: 'go1.19.8', '/usr/lib/go-1.26/bin/go': 'go1.26.2', '/usr/local/go/bin/go': 'go1.9' });
  expect(await findGo(world)).toEqual({ program: '/usr/lib/go-1.26/bin/go', version: 1.26 });
  expect(await program()).toBe('/usr/lib/go-1.26/bin/go');
});

test('an old Go fetches a newer one as a module, and checks it', async () => {
  const sum = 'h1:XriDgll2yv4W2YeUo2X/WuUuy+iGJkXGH0CQloMBEXo=';
  const { world, said, program } = machine({ go: 'go1.19.8' }, JSON.stringify({ Dir: '/modules/toolchain', Sum: sum }));
  expect(newEnough(await findGo(world))).toBe(false);
  expect(await program()).toBe('/modules/toolchain/bin/go');
  expect(said[0]).toMatch(/too old; fetching golang.org\/toolchain@v0\.0\.1-go1\.\d+\.\d+\.linux-amd64/);
  expect(world.commands.at(-1)).toBe('chmod -R a+x /modules/toolchain/bin /modules/toolchain/pkg/tool');
});

test('a toolchain with another checksum is refused', async () => {
  const { program } = machine({ go: 'go1.19.8' }, JSON.stringify({ Dir: '/modules/toolchain', Sum: 'h1:other' }));
  await expect(program()).rejects.toThrow(/checksum/);
});

test('no Go at all', async () => {
  const { world, program } = machine({});
  expect(await findGo(world)).toBeUndefined();
  await expect(program()).rejects.toMatchObject({ code: 'configuration' });
});
