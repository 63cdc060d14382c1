// A Go that can build the lab's programs: the machine's where it is new enough, else one fetched as a module with the machine's older Go.
import { join } from 'node:path';
import { Failure } from '../../ports/failure.ts';
import type { LabWorld } from '../driver.ts';
import type { StageContext } from '../stages.ts';
import { searchPath } from './supervisor.ts';

/** sensor/go.mod asks for this, lab/kubelab/go.mod for less. */
const NEEDED = 1.25;

/** The toolchain that is fetched where none is there, with the checksums that make it ours. */
const TOOLCHAIN = 'v0.0.1-go1.25.14';
const CHECKSUMS: Readonly<Record<string, string>> = {
  'linux-amd64': 'h1:XriDgll2yv4W2YeUo2X/WuUuy+iGJkXGH0CQloMBEXo=',
  'linux-arm64': 'h1:tccCYNAEolyjUyQVNxD/wJuly2Sx85m+OUkzGIhO1oY=',
};

/** Debian's package for a Go of any age. */
export const goPackage = 'golang-go';

export interface Go {
  program: string;
  version: number;
}

/** What Go keeps between builds, and where it works. */
export interface GoFolders {
  cache: string;
  temporary: string;
}

/** The environment of a build: static programs, modules as go.sum pins them, and nothing of the operator's settings. */
export function goEnvironment(world: LabWorld, { cache, temporary }: GoFolders): Record<string, string> {
  return {
    PATH: searchPath(world.env),
    HOME: world.env.HOME ?? '/root',
    CGO_ENABLED: '0',
    GOTOOLCHAIN: 'local',
    GOWORK: 'off',
    GOPATH: join(cache, 'go'),
    GOCACHE: join(cache, 'go-build'),
    GOMODCACHE: join(cache, 'go-mod'),
    GOTMPDIR: temporary,
    // The module's checksums are pinned in go.sum; the operator's flags could change what is built.
    GOFLAGS: '-mod=readonly',
  };
}

/** The newest Go on the machine, on PATH or where its installers put it; undefined without one. */
export async function findGo(world: LabWorld): Promise<Go | undefined> {
  const installed = (await world.files.list('/usr/lib')).filter((name) => /^go-\d/.test(name)).map((name) => `/usr/lib/${name}/bin/go`);
  const found: Go[] = [];
  for (const program of ['go', '/usr/local/go/bin/go', ...installed]) {
    const result = await world.process
      // Outside any module, and without fetching another version.
      .run([program, 'env', 'GOVERSION'], { cwd: '/', env: { PATH: searchPath(world.env), GOTOOLCHAIN: 'local' } })
      .catch((error: unknown) => {
        if (error instanceof Failure && error.code === 'command-not-found') return undefined;
        throw error;
      });
    const version = /^go(\d+)\.(\d+)/.exec(result?.stdout ?? '');
    if (version !== null) found.push({ program, version: Number(version[1]) + Number(version[2]) / 100 });
  }
  return found.sort((a, b) => b.version - a.version)[0];
}

/** Whether this Go can build the lab as it is. */
export function newEnough(go: Go | undefined): boolean {
  return go !== undefined && go.version >= NEEDED;
}

/** The program to build with. */
export async function goProgram(world: LabWorld, environment: Record<string, string>, { exec, say }: StageContext): Promise<string> {
  const go = await findGo(world);
  if (go === undefined) throw new Failure('configuration', 'there is no Go on this machine', { hint: 'Install Go 1.25 or later.' });
  if (newEnough(go)) return go.program;
  const target = `linux-${world.arch === 'x64' ? 'amd64' : world.arch}`;
  const module = `golang.org/toolchain@${TOOLCHAIN}.${target}`;
  say(`this machine's Go is too old; fetching ${module}`);
  // The checksum is compared here, so no checksum database needs to be reached.
  const { stdout } = await exec([go.program, 'mod', 'download', '-json', module], {
    cwd: '/',
    env: { ...environment, GOFLAGS: '', GO111MODULE: 'on', GONOSUMDB: 'golang.org/toolchain', GONOSUMCHECK: '1' },
  });
  const { Dir: folder, Sum: sum } = JSON.parse(stdout) as { Dir: string; Sum: string };
  if (CHECKSUMS[target] === undefined || sum !== CHECKSUMS[target]) {
    throw new Failure('internal', `${module} has the checksum ${sum}, not the one that this version of kubesim pins`);
  }
  // Modules hold no executable files; Go itself sets these modes when it switches toolchains.
  await exec(['chmod', '-R', 'a+x', join(folder, 'bin'), join(folder, 'pkg', 'tool')]);
  return join(folder, 'bin', 'go');
}
