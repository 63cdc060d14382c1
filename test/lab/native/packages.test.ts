import { expect, test } from 'vitest';
import { aptSources, installPackages, missingPackages } from '../../../src/lab/native/packages.ts';
import { runStages } from '../../../src/lab/stages.ts';
import { Failure } from '../../../src/ports/failure.ts';
import { type FakeWorld, fakeWorld } from '../fake-world.ts';

const never = new AbortController().signal;
const stage = (world: FakeWorld, run: Parameters<typeof runStages>[0][number]['run']) =>
  runStages([{ name: 'Packages', after: [], run }], world, world.report, never);
const installed = (line: string) =>
  line.startsWith('dpkg-query') ? { exitCode: 1, stdout: 'nftables installed\niproute2 config-files\n' } : undefined;

test('only what is missing is installed, after saying so', async () => {
  const world = fakeWorld(installed);
  expect(await missingPackages(world, ['nftables', 'iproute2', 'buildah'])).toEqual(['iproute2', 'buildah']);
  await stage(world, (context) => installPackages(world, ['nftables', 'iproute2', 'buildah'], context));
  expect(world.events).toContainEqual(expect.objectContaining({ type: 'note', text: 'installing with apt: iproute2 buildah' }));
  expect(world.commands.at(-1)).toMatch(/^apt-get install --yes --no-install-recommends .* iproute2 buildah$/);
});

test('with stale lists they are fetched anew, once', async () => {
  let tries = 0;
  const world = fakeWorld((line) => (line.startsWith('apt-get install') && tries++ === 0 ? { exitCode: 100 } : installed(line)));
  await stage(world, (context) => installPackages(world, ['buildah'], context));
  expect(world.commands.filter((line) => line.startsWith('apt-get')).map((line) => line.split(' ')[1])).toEqual([
    'install',
    'update',
    'install',
  ]);
});

test('an installation that was cut short is finished first', async () => {
  const world = fakeWorld((line) => (line === 'dpkg --audit' ? { stdout: 'half configured' } : installed(line)));
  await stage(world, (context) => installPackages(world, ['buildah'], context));
  expect(world.commands).toContain('dpkg --configure -a');
});

test('a machine without dpkg', async () => {
  const world = fakeWorld(() => new Failure('command-not-found', 'no dpkg-query'));
  await expect(missingPackages(world, ['nftables'])).rejects.toMatchObject({ code: 'configuration' });
});

test("only the suite's own sources, and only how they are reached", async () => {
  const world = fakeWorld((line) => {
    if (line.startsWith('apt-config'))
      return { stdout: 'Acquire "";\nAcquire::http "";\nAcquire::http::Proxy "http://cache:3142";\nAcquire::cdrom::mount "/media";\n' };
    return {
      stdout: [
        'http://mirror/debian/ bookworm main Debian',
        'http://mirror/debian-security/ bookworm-security main Debian',
        'http://mirror/debian/ trixie main Debian',
        'http://elsewhere/ bookworm stable Other',
      ].join('\n'),
    };
  });
  await stage(world, async (context) => {
    expect(await aptSources('bookworm', context)).toEqual({
      sources: 'deb http://mirror/debian-security/ bookworm-security main\ndeb http://mirror/debian/ bookworm main',
      options: 'Acquire::http::Proxy "http://cache:3142";',
    });
    return undefined;
  });
});
