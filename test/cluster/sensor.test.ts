// The sensor in the lab: what it sees of real processes, that it loses nothing, and that nobody forges its records.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { env, kill } from 'node:process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sensorSource } from '../../src/adapters/alert-sources/sensor-source.ts';
import { systemClock } from '../../src/adapters/clock.ts';
import { connectCluster } from '../../src/adapters/kubernetes/connect.ts';
import { labWorld } from '../../src/commands/lab-world.ts';
import { labFolders } from '../../src/lab/folders.ts';
import { findGo, goEnvironment } from '../../src/lab/native/go.ts';
import { openLab } from '../../src/lab/open.ts';
import { sensorRelease } from '../../src/lab/sensor.ts';
import type { AlertSource, SourceEvent } from '../../src/ports/alerts.ts';
import type { Observation } from '../../src/ports/observations.ts';
import { newState, root, sim } from './cli.ts';
import { describeOnLab, lab } from './lab-under-test.ts';
import { type SleepingPod, sleepingPod } from './pod.ts';

type Of<Kind extends Observation['kind']> = Extract<Observation, { kind: Kind }>;
type InContainer = Exclude<Observation, { kind: 'audit' }>;

const never = new AbortController().signal;
const LIMIT = 20_000;

describeOnLab('the sensor', () => {
  const end = new AbortController();
  const observed: Observation[] = [];
  const told: SourceEvent[] = [];
  let source: AlertSource;
  let pod: SleepingPod;

  const inPods = () => observed.filter((each): each is InContainer => each.kind !== 'audit');
  const gaps = () => told.filter((event) => event.type === 'gap');
  /** The first observation that is so. */
  const seen = async <T extends Observation>(is: (each: Observation) => each is T): Promise<T> => {
    await expect.poll(() => observed.some(is), { timeout: LIMIT, interval: 50 }).toBe(true);
    return observed.find(is) as T;
  };
  const program =
    (...argv: string[]) =>
    (each: Observation): each is Of<'process'> =>
      each.kind === 'process' && each.process.arguments.join('\0') === argv.join('\0');
  /** Until all that has happened so far is told. */
  const caughtUp = async () => {
    const now = Date.now();
    await expect
      .poll(() => told.some((event) => event.type === 'heartbeat' && event.at >= now), { timeout: LIMIT, interval: 50 })
      .toBe(true);
  };

  beforeAll(async () => {
    const cluster = await connectCluster({ kubeconfig: lab().kubeconfig, env });
    source = sensorSource(
      { name: 'lab' },
      {
        clock: systemClock(),
        cluster: async () => cluster,
        evaluate: (observation) => {
          observed.push(observation);
          return [];
        },
      },
    );
    const events = await source.open({ id: 'test', namespace: 'sim-test', since: Date.now() }, end.signal);
    void (async () => {
      for await (const event of events) told.push(event);
    })();
    pod = await sleepingPod({ kubeconfig: lab().kubeconfig, image: lab().images.victimImage });
  });
  afterAll(async () => {
    end.abort();
    await pod?.cluster.delete({ apiVersion: 'v1', kind: 'Namespace', name: pod.namespace }, {}, never);
  });

  test('is ready, and sees all that it can', async () => {
    const driver = await openLab(undefined, labWorld(env));
    expect((await driver.status()).sensor).toBe('ready');
    expect(source.capabilities).toEqual(['process', 'file', 'network', 'audit']);
    const checks = await source.check(never);
    expect(checks.map(({ title, result }) => `${title}: ${result}`).sort()).toEqual(['Audit log: ok', 'Sensor: ok']);
  });

  test('measures the clock of its node, which is ours', async () => {
    await caughtUp();
    const { offset, uncertainty } = told.findLast((event) => event.type === 'clock') ?? { offset: Number.NaN, uncertainty: 0 };
    expect(Math.abs(offset)).toBeLessThanOrEqual(uncertainty + 5);
  });

  test('names the pod and container of a process that lives for a moment, and those that began it', async () => {
    await pod.shell('sh -c "/usr/bin/true short-lived; exit 0" between; exit 0');
    const found = await seen(program('/usr/bin/true', 'short-lived'));
    expect(found.where).toMatchObject({
      namespace: pod.namespace,
      pod: 'pod',
      container: 'main',
      podUid: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(found.ancestors.map(({ arguments: argv }) => argv[0])).toEqual(['sh', 'sh']);
    expect(found).toMatchObject({ drift: false, process: { executable: '/usr/bin/true', uid: 0 } });
  });

  test('names the containers of a pod whose only process has ended before the API server knows of it', async () => {
    const image = lab().images.victimImage;
    const container = (name: string) => ({ name, image, imagePullPolicy: 'IfNotPresent', command: ['true', `only-${name}`] });
    const metadata = { namespace: pod.namespace, name: 'moment' };
    const spec = { restartPolicy: 'Never', terminationGracePeriodSeconds: 0, containers: [container('first'), container('second')] };
    await pod.cluster.apply({ apiVersion: 'v1', kind: 'Pod', metadata, spec }, {}, never);
    for (const name of ['first', 'second']) {
      expect((await seen(program('true', `only-${name}`))).where).toMatchObject({
        pod: 'moment',
        container: name,
        namespace: pod.namespace,
      });
    }
  });

  test('tells apart what came with the image and what was written in the container', async () => {
    await pod.shell('cp /usr/bin/true /tmp/copied; /tmp/copied drifted; /usr/bin/true of-the-image');
    expect(await seen(program('/tmp/copied', 'drifted'))).toMatchObject({ drift: true, process: { executable: '/tmp/copied' } });
    expect(await seen(program('/usr/bin/true', 'of-the-image'))).toMatchObject({ drift: false });
  });

  test('tells apart what was in a volume before the container and what came later', async () => {
    const image = lab().images.victimImage;
    const container = (name: string, script: string) => ({
      name,
      image,
      imagePullPolicy: 'IfNotPresent',
      command: ['sh', '-c', script],
      volumeMounts: ['disk', 'memory'].map((each) => ({ name: each, mountPath: `/${each}` })),
    });
    const metadata = { namespace: pod.namespace, name: 'volumes' };
    const spec = {
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 0,
      initContainers: [container('before', 'cp /usr/bin/true /disk/before')],
      containers: [
        container(
          'main',
          '/disk/before x; cp /usr/bin/true /disk/later; /disk/later x; cp /usr/bin/true /memory/later; /memory/later x; sleep 1',
        ),
      ],
      volumes: [
        { name: 'disk', emptyDir: {} },
        { name: 'memory', emptyDir: { medium: 'Memory' } },
      ],
    };
    await pod.cluster.apply({ apiVersion: 'v1', kind: 'Pod', metadata, spec }, {}, never);
    for (const [path, drift] of [
      ['/disk/before', false],
      ['/disk/later', true],
      ['/memory/later', true],
    ] as const) {
      expect(await seen(program(path, 'x')), path).toMatchObject({ drift, process: { executable: path }, where: { container: 'main' } });
    }
  });

  test('tells files of its list and connections', async () => {
    await pod.shell(
      'ln -s /etc/shadow /tmp/link; cat /tmp/link > /dev/null; cat /etc/hostname > /dev/null; curl -s -m 5 http://169.254.169.254/ > /dev/null',
    );
    const file = await seen((each): each is Of<'file'> => each.kind === 'file' && each.process.arguments[0] === 'cat');
    expect(file).toMatchObject({ path: '/etc/shadow', access: 'read', where: { pod: 'pod', container: 'main' } });
    const connection = await seen((each): each is Of<'connection'> => each.kind === 'connection' && each.process.arguments[0] === 'curl');
    expect(connection).toMatchObject({ address: '169.254.169.254', port: 80, protocol: 'tcp' });
    expect(observed.some((each) => each.kind === 'file' && each.path === '/etc/hostname')).toBe(false);
  });

  test('no argument passes for a record', async () => {
    const forged = {
      type: 'process',
      seq: 1,
      instance: 'forged',
      time: '2026-01-01T00:00:00Z',
      where: { namespace: 'forged' },
      drift: true,
    };
    const text = `\n${JSON.stringify(forged)}\n`;
    const hostile = [text, `"]}}${text}`, `\u2028${text}`, '', 'last'];
    await pod.cluster.exec({ namespace: pod.namespace, name: 'pod' }, ['true', ...hostile], { signal: never });
    expect((await seen(program('true', ...hostile))).where.namespace).toBe(pod.namespace);
    await pod.shell(`printf '\\377\\376${'\\n{"type":"process"}'}' | xargs -0 true invalid-utf-8`);
    await seen((each): each is Of<'process'> => each.kind === 'process' && each.process.arguments.includes('invalid-utf-8'));
    await caughtUp();
    expect(inPods().filter(({ where }) => where.namespace === 'forged')).toEqual([]);
  });

  test('masks secrets and keeps run ids', async () => {
    const jwt = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzeXN0ZW0ifQ.c2lnbmF0dXJl';
    await pod.shell(`/usr/bin/true redacted --token=${jwt} sim-k3x9`);
    const found = await seen((each): each is Of<'process'> => each.kind === 'process' && each.process.arguments.includes('redacted'));
    expect(found.process.arguments).toEqual(['/usr/bin/true', 'redacted', '--token=***', 'sim-k3x9']);
    expect(JSON.stringify(observed)).not.toContain('c2lnbmF0dXJl');
  });

  test('tells the API server’s audit log', async () => {
    const name = 'audited';
    await pod.cluster.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: pod.namespace } }, {}, never);
    await seen((each): each is Observation => each.kind === 'audit' && each.event.objectRef?.name === name && each.event.verb === 'patch');
  });

  test('loses none of 10,000 programs that two loops start as fast as they can', async () => {
    const { stdout } = await python(burst(2, 5000));
    const started = JSON.parse(stdout);
    expect(started.count).toBe(10_000);
    await caughtUp();
    const numbers = observed.flatMap((each) =>
      each.kind === 'process' && each.process.arguments[0] === 'burst' ? [each.process.arguments.join(' ')] : [],
    );
    expect(new Set(numbers).size, `at ${started.rate}/s`).toBe(10_000);
    expect(numbers).toHaveLength(10_000);
    expect(gaps()).toEqual([]);
  });

  test('sees the whole chain of the playbook crypto-mining', async () => {
    const from = observed.length;
    const { code, stderr } = await sim(['run', 'playbooks/crypto-mining.yaml', '--lab', '--yes', '--allow-unverified'], {
      SIM_STATE: newState(),
    });
    expect(code, stderr).toBe(0);
    await caughtUp();
    const events = observed.slice(from).filter((each): each is InContainer => each.kind !== 'audit' && each.where.pod === 'victim');
    const miner = events.find((each) => each.kind === 'process' && each.process.executable.endsWith('/xmrig'));
    expect(miner).toMatchObject({ drift: true, where: { container: 'victim', namespace: expect.stringMatching(/^sim-/) } });
    expect(miner?.ancestors.some(({ executable }) => /\/php-fpm[\d.]*$/.test(executable))).toBe(true);
    expect(miner?.ancestors.some(({ arguments: argv }) => argv.includes(miner.where.namespace))).toBe(true);
    const programs = events.flatMap((each) => (each.kind === 'process' ? [each.process.arguments[0]?.split('/').at(-1)] : []));
    expect(programs).toEqual(expect.arrayContaining(['curl', 'chmod', 'modprobe', 'touch', 'base64', 'xmrig']));
    expect(gaps()).toEqual([]);
  });

  describe.runIf(env.SIM_LAB_DRIVER !== 'kind')('when it is stopped', () => {
    test('for a while, that is said, and nothing is lost', async () => {
      const before = gaps().length;
      const pid = processOf(await uidOfSensor());
      kill(pid, 'SIGSTOP');
      try {
        await pod.shell('/usr/bin/true while-it-stood-still');
        await expect.poll(() => gaps().length, { timeout: LIMIT }).toBeGreaterThan(before);
      } finally {
        kill(pid, 'SIGCONT');
      }
      // Its readiness probe may be as fast as its heartbeats are missed.
      expect(gaps().at(-1)?.reason).toMatch(/^the sensor on node \S+ (gave no heartbeat for \d+ s|is not ready)$/);
      await seen(program('/usr/bin/true', 'while-it-stood-still'));
      await caughtUp();
    });

    test('for good, its successor is followed', async () => {
      kill(processOf(await uidOfSensor()), 'SIGKILL');
      await expect.poll(() => gaps().some(({ reason }) => reason.endsWith('was started anew')), { timeout: 60_000 }).toBe(true);
      await pod.shell('/usr/bin/true after-its-restart');
      await seen(program('/usr/bin/true', 'after-its-restart'));
    });
  });

  test('its own tests pass', async () => {
    const world = labWorld(env);
    const go = await findGo(world);
    const { cache } = labFolders(env);
    const out = execFileSync(go?.program ?? 'go', ['test', '-trimpath', '-buildvcs=false', './...'], {
      cwd: join(root, 'sensor'),
      env: { ...env, ...goEnvironment(world, { cache, temporary: newState() }) },
      encoding: 'utf8',
    });
    expect(out).toContain('internal/kernel');
  });

  async function uidOfSensor(): Promise<string> {
    const [found] = await pod.cluster.list({ apiVersion: 'v1', kind: 'Pod', namespace: sensorRelease.namespace }, never);
    return found?.metadata.uid ?? '';
  }

  /** The attacker's image has Python; a program that only ends is written in the container, as it takes least time to start. */
  async function python(script: string) {
    const metadata = { namespace: pod.namespace, name: 'burst' };
    const container = { name: 'main', image: lab().images.attackerImage, imagePullPolicy: 'IfNotPresent', command: ['sleep', '3600'] };
    await pod.cluster.apply(
      { apiVersion: 'v1', kind: 'Pod', metadata, spec: { terminationGracePeriodSeconds: 0, containers: [container] } },
      {},
      never,
    );
    for await (const { object } of pod.cluster.watch(
      { apiVersion: 'v1', kind: 'Pod', namespace: pod.namespace, fieldSelector: 'metadata.name=burst' },
      never,
    )) {
      if ((object?.status as { phase?: string } | undefined)?.phase === 'Running') break;
    }
    return await pod.cluster.exec(metadata, ['python3', '-'], { stdin: script, signal: AbortSignal.timeout(120_000) });
  }
});

/** The sensor's process on this machine, by its pod's cgroup. */
function processOf(uid: string): number {
  for (const id of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (
        readFileSync(`/proc/${id}/cgroup`, 'utf8').includes(uid) &&
        readFileSync(`/proc/${id}/cmdline`, 'utf8').startsWith('/sensor\0--ready')
      )
        return Number(id);
    } catch {
      // It has ended.
    }
  }
  throw new Error(`no process of the pod ${uid}`);
}

/** Python: so many workers start so many programs each, one after the other. */
const burst = (workers: number, each: number) => `
import json, os, struct, time
machine, text = {"x86_64": (62, b"\\x31\\xff\\xb8\\x3c\\0\\0\\0\\x0f\\x05"), "aarch64": (183, b"\\0\\0\\x80\\xd2\\xa8\\x0b\\x80\\xd2\\x01\\0\\0\\xd4")}[os.uname().machine]
size = 120 + len(text)
elf = b"\\x7fELF\\2\\1\\1" + bytes(9) + struct.pack("<HHIQQQIHHHHHH", 2, machine, 1, 0x400078, 64, 0, 0, 64, 56, 1, 0, 0, 0)
elf += struct.pack("<IIQQQQQQ", 1, 5, 0, 0x400000, 0x400000, size, size, 0x1000) + text
with open("/tmp/exit", "wb") as file: file.write(elf)
os.chmod("/tmp/exit", 0o755)
begin = time.time()
workers = []
for worker in range(${workers}):
    pid = os.fork()
    if pid == 0:
        for number in range(${each}):
            os.waitpid(os.posix_spawn("/tmp/exit", ["burst", str(worker), str(number)], {}), 0)
        os._exit(0)
    workers.append(pid)
for pid in workers: os.waitpid(pid, 0)
print(json.dumps({"count": ${workers} * ${each}, "rate": round(${workers} * ${each} / (time.time() - begin))}))
`;
