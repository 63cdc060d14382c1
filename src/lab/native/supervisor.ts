// Starts and ends the lab's programs, and remembers them by process id and start time, so that a later process of the same id is never ours.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Failure } from '../../ports/failure.ts';
import type { LabWorld } from '../driver.ts';
import { stageFailure } from '../stages.ts';
import { hasJoined, joining } from './cgroups.ts';
import type { Component } from './components.ts';
import type { Layout } from './layout.ts';

interface Started {
  pid: number;
  /** Field 22 of /proc/PID/stat. */
  started: string;
  /** Digest of the command and of the files that it reads at its start. */
  key: string;
}

const END_TIMEOUT = 10_000;

export type Supervisor = ReturnType<typeof supervisor>;

/** The programs of one lab; `cgroup` is where they live: who starts none needs none. */
export function supervisor(world: LabWorld, layout: Layout, cgroup = '') {
  const recordOf = (name: string) => join(layout.run, `${name}.json`);
  const logOf = (name: string) => join(layout.logs, `${name}.log`);

  const running = async (name: string): Promise<Started | undefined> => {
    const text = await world.files.read(recordOf(name)).catch(() => undefined);
    if (text === undefined) return undefined;
    const record = JSON.parse(text) as Started;
    return (await startOf(world, record.pid)) === record.started ? record : undefined;
  };

  const stop = async (name: string, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    const found = await running(name);
    if (found === undefined) return;
    world.process.kill(found.pid, signal);
    for (let waited = 0; (await startOf(world, found.pid)) === found.started; waited += 20) {
      if (waited === END_TIMEOUT) world.process.kill(found.pid, 'SIGKILL');
      if (waited > 2 * END_TIMEOUT) throw new Failure('timeout', `${name} (process ${found.pid}) does not end`);
      await world.clock.sleep(20);
    }
  };

  /** The last lines of a component's log. */
  const log = async (name: string): Promise<string[]> => {
    const text = await world.files.read(logOf(name)).catch(() => '');
    return text.trimEnd().split('\n').slice(-15);
  };

  return {
    running,
    stop,
    log,
    /** Whether it was ever started in this lab. */
    known: (name: string) => world.files.exists(recordOf(name)),
    /** Runs the component unless this very command with these inputs runs already. `holder`: whose namespaces to enter. True: it was started now. */
    async ensure(component: Component, inputs: string, holder?: number): Promise<boolean> {
      const { name } = component;
      const key = createHash('sha256')
        .update(JSON.stringify([component.command, inputs, holder]))
        .digest('hex');
      const now = await running(name);
      if (now?.key === key) return false;
      await stop(name);
      await world.files.remove(logOf(name));
      const enter = component.inside && holder !== undefined ? ['nsenter', `--target=${holder}`, '--net', '--mount', '--root', '--'] : [];
      const pid = await world.process.start(joining(cgroup, [...enter, ...component.command]), {
        log: logOf(name),
        env: environment(world, layout),
      });
      const started = await startOf(world, pid);
      const ended = async () => stageFailure(name, component.command, 'it ended at once', await log(name));
      if (started === undefined) throw await ended();
      await world.files.write(recordOf(name), JSON.stringify({ pid, started, key } satisfies Started));
      // Before it has joined nobody can find it there: a `down` that comes next would miss it.
      while (!(await hasJoined(world, cgroup, pid))) {
        if ((await startOf(world, pid)) === undefined) throw await ended();
        await world.clock.sleep(5);
      }
      return true;
    },
    /** Resolves when it is ready; throws where it ends before, or is not ready in time. */
    async untilReady(component: Component, holder: number, stage: string, signal: AbortSignal): Promise<void> {
      const { name, ready } = component;
      if (ready === undefined) return;
      const stop = new AbortController();
      const died = (async () => {
        while (!stop.signal.aborted) {
          if ((await running(name)) === undefined) throw stageFailure(stage, component.command, `${name} ended`, await log(name));
          await world.clock.sleep(100);
        }
        return undefined;
      })();
      const wait: [string, ...string[]] = [layout.kubelab, 'wait-http', '--timeout=90s', ready];
      const answered = world.process.run(component.inside ? ['nsenter', `--target=${holder}`, '--net', '--', ...wait] : wait, {
        signal: AbortSignal.any([signal, stop.signal]),
      });
      try {
        const result = await Promise.race([answered, died]);
        if (result !== undefined && result.exitCode !== 0)
          throw stageFailure(stage, component.command, result.stderr.trim(), await log(name));
      } finally {
        stop.abort();
        await Promise.allSettled([answered, died]);
      }
    },
  };
}

/** When a process started, as /proc says it; undefined where it has ended. */
async function startOf(world: LabWorld, pid: number): Promise<string | undefined> {
  if (!world.process.isAlive(pid)) return undefined;
  const text = await world.files.read(`/proc/${pid}/stat`).catch(() => '');
  // After the program's name, which stands in parentheses and may hold anything.
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
}

/** The components' environment: programs that the lab brought come first. */
export function environment(world: LabWorld, layout: Layout): Record<string, string> {
  return { PATH: [join(layout.tools, 'usr/bin'), join(layout.tools, 'usr/sbin'), searchPath(world.env)].join(':') };
}

/** PATH with the folders of administrators' programs, which a login as an ordinary user leaves out. */
export function searchPath(env: Readonly<Record<string, string | undefined>>): string {
  return [env.PATH || '/usr/local/bin:/usr/bin:/bin', '/usr/local/sbin', '/usr/sbin', '/sbin'].join(':');
}
