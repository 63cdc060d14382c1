// Brings the cluster to life: namespaces, components in their order, the node ready, DNS answering.
import { join } from 'node:path';
import { Failure } from '../../ports/failure.ts';
import type { Cloud, LabWorld } from '../driver.ts';
import { type Stage, type StageContext, stageFailure } from '../stages.ts';
import { components } from './components.ts';
import { removeContainers, untilContainerd } from './containers.ts';
import { firstPort, type Layout, network, nodeName } from './layout.ts';
import { makeMountPoints } from './mount-points.ts';
import type { Supervisor } from './supervisor.ts';
import { writeConfiguration } from './templates.ts';

/** What the stages hand to each other. */
interface Shared {
  holder: number;
  parts: ReturnType<typeof components>;
  /** Changes with any configuration file: a component that runs with an older one starts again. */
  inputs: string;
}

/**
 * The stages from the namespaces to a cluster that is ready, by the supervisor's programs; `after` names those that bring programs and tools.
 * `held`: the lab's first process runs. Throws Failure where it has ended meanwhile: what is left of the lab must not go on in other namespaces.
 */
export function clusterStages(
  world: LabWorld,
  layout: Layout,
  programs: Supervisor,
  { cloud, held }: { cloud: Cloud; held: boolean },
  bring: { programs: string; tools: string; after: string[] },
): Stage[] {
  let shared: Shared;

  const start = async (name: string, { signal }: StageContext): Promise<boolean> => {
    const { parts, inputs, holder } = shared;
    const component = parts[name];
    if (component === undefined) throw new Error(`there is no component ${name}`);
    const started = await programs.ensure(component, inputs, holder);
    await programs.untilReady(component, holder, name, signal);
    return started;
  };
  const kubectl = (...args: string[]): [string, ...string[]] => [
    layout.kubelab,
    'kubectl',
    `--kubeconfig=${layout.kubeconfig}`,
    // Never in the operator's home.
    `--cache-dir=${layout.kubectlCache}`,
    ...args,
  ];

  return [
    {
      name: 'Namespaces',
      after: bring.after,
      async run(context) {
        for (const [target, path] of [
          [join(bring.programs, 'kubelab'), layout.kubelab],
          ['kubelab', layout.helm],
          [join(bring.programs, 'pause'), layout.pause],
          [bring.tools, layout.tools],
        ] as const) {
          await world.files.link(target, path);
        }
        await writeConfiguration(world, layout);
        const holder = held ? await heldBy(programs) : await holdNamespaces(world, layout, programs, context);
        const port = await choosePort(world, layout);
        const inputs = await world.files.digest([layout.config]);
        // The link is always the same; what it leads to is not.
        shared = {
          holder,
          inputs: `${inputs} ${bring.programs} ${bring.tools}`,
          parts: components(layout, { cloud, port, holder }),
        };
        if (await world.files.exists(layout.pki)) return undefined;
        const addresses = ['127.0.0.1', network.nodeAddress, network.apiService].join(',');
        await context.exec([
          layout.kubelab,
          'pki',
          `--folder=${layout.pki}`,
          `--node=${nodeName}`,
          `--addresses=${addresses}`,
          `--outside=https://127.0.0.1:${port}`,
        ]);
        return undefined;
      },
    },
    {
      name: 'Container runtime',
      after: ['Namespaces'],
      async run(context) {
        const fresh = !(await programs.known('kubelet'));
        const begin = async () => {
          await start('containerd', context);
          if (!(await untilContainerd(world, layout, context.signal))) {
            throw stageFailure('Container runtime', ['containerd'], 'containerd does not answer', await programs.log('containerd'));
          }
        };
        await begin();
        // Left by a lab that ended with its machine: containerd has them in mind until it starts anew.
        if (fresh && (await removeContainers(world, layout))) {
          await programs.stop('containerd');
          await begin();
        }
        return undefined;
      },
    },
    {
      name: 'Control plane',
      after: ['Namespaces'],
      async run(context) {
        await start('etcd', context);
        await start('kube-apiserver', context);
        await Promise.all(['kube-controller-manager', 'kube-scheduler', 'forward', 'cloud-stub'].map((name) => start(name, context)));
        return undefined;
      },
    },
    {
      name: 'Node',
      after: ['Control plane', 'Container runtime'],
      async run(context) {
        await start('kubelet', context);
        await context.exec(kubectl('apply', '--server-side', '--force-conflicts', `--filename=${join(layout.config, 'cluster-dns.yaml')}`));
        await Promise.all(['kube-proxy', 'coredns'].map((name) => start(name, context)));
        await context.exec(kubectl('wait', '--for=create', '--timeout=60s', `node/${nodeName}`));
        await context.exec(kubectl('wait', '--for=condition=Ready', '--timeout=60s', `node/${nodeName}`));
        // Pods cannot be made before their namespace has its account.
        await context.exec(kubectl('wait', '--for=create', '--timeout=60s', 'serviceaccount/default'));
        return undefined;
      },
    },
  ];
}

async function heldBy(programs: Supervisor): Promise<number> {
  const holder = await programs.running('namespaces');
  if (holder === undefined) throw new Failure('internal', 'the process that holds the namespaces of the lab has ended');
  return holder.pid;
}

/** Starts the process that holds the lab's namespaces. */
async function holdNamespaces(world: LabWorld, layout: Layout, programs: Supervisor, { signal }: StageContext): Promise<number> {
  const ready = join(layout.run, 'namespace-ready');
  await world.files.remove(ready);
  for (const folder of ['log', 'kubelet', 'cni', 'audit']) await world.files.makeFolder(join(layout.state, folder));
  await makeMountPoints(world, layout);
  const command: [string, ...string[]] = [
    'unshare',
    '--net',
    '--mount',
    '--propagation',
    'slave',
    '--',
    'sh',
    join(layout.config, 'namespace.sh'),
  ];
  command.push(layout.state, layout.pause, network.nodeAddress, network.outsideAddress, network.serviceRange);
  await programs.ensure({ name: 'namespaces', inside: false, command }, '');
  for (let tries = 0; tries < 500; tries++) {
    const started = await programs.running('namespaces');
    if (started === undefined) throw stageFailure('Namespaces', command, 'it ended', await programs.log('namespaces'));
    if (await world.files.exists(ready)) return started.pid;
    await world.clock.sleep(20, signal);
  }
  throw stageFailure('Namespaces', command, 'it is not ready after 10 s', await programs.log('namespaces'));
}

/** The host's loopback port of this lab, chosen once. */
async function choosePort(world: LabWorld, layout: Layout): Promise<number> {
  const file = join(layout.run, 'port');
  const chosen = Number(await world.files.read(file).catch(() => '0'));
  if (chosen > 0) return chosen;
  const taken = new Set<number>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    const lines = (await world.files.read(table).catch(() => '')).split('\n');
    // State 0A listens; connections of an earlier lab that wait to be forgotten are no hindrance.
    for (const line of lines) taken.add(Number.parseInt(/^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) \S+ 0A /.exec(line)?.[1] ?? '0', 16));
  }
  for (let port = firstPort; port < firstPort + 100; port++) {
    if (taken.has(port)) continue;
    await world.files.write(file, String(port));
    return port;
  }
  throw new Failure('configuration', `all ports from ${firstPort} to ${firstPort + 99} are taken`);
}
