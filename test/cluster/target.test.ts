// Pods that exist already, on a real cluster: attacked only where the operator named their namespace, and left exactly as they were.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectCluster } from '../../src/adapters/kubernetes/connect.ts';
import type { RunEvent } from '../../src/engine/events.ts';
import type { Cluster } from '../../src/ports/cluster.ts';
import { newState, sim } from './cli.ts';
import { type ExistingPod, existingPod } from './existing-pod.ts';
import { inventory } from './inventory.ts';
import { describeOnLab, lab } from './lab-under-test.ts';

const NAMESPACE = 'existing-shop';

const playbookOf = (attack: string): string => `apiVersion: kubesim/v1
kind: Playbook
metadata: {name: existing, title: Existing}
inputs: {place: {type: string, default: ${NAMESPACE}}}
steps:
  - name: Name the victim
    id: shop
    target:
      namespace: "\${{ inputs.place }}"
      roles: {web: {selector: "app in (shop),tier!=cache", container: main}}
${attack}`;

const asking = `  - name: Ask who it runs as
    attack: [T1033]
    exec:
      pod: web
      command: [sh, -c, 'echo "on $(cat /etc/hostname), $1"', sh, "\${{ steps.shop.pods.web.ip }} \${{ steps.shop.pods.web.node }}"]
      expect: {stdout: {matches: "^on web, [0-9.]+ [a-z]"}}
  - name: The same by a selector
    exec: {pod: {selector: app=shop, namespace: "\${{ inputs.place }}"}, command: ["true"]}
`;

describeOnLab('a pod that exists already', () => {
  let cluster: Cluster;
  let shop: ExistingPod;
  beforeAll(async () => {
    cluster = await connectCluster({ kubeconfig: lab().kubeconfig, context: undefined, env: {} });
    shop = await existingPod(cluster, lab().images.victimImage, NAMESPACE);
  }, 180_000);
  afterAll(() => shop?.remove());

  const run = async (attack: string, args: string[] = []) => {
    const file = join(newState(), 'existing.yaml');
    writeFileSync(file, playbookOf(attack));
    return await sim(['run', file, '--lab', '--yes', '--json', ...args], { SIM_STATE: newState() });
  };
  const eventsOf = (stdout: string): RunEvent[] =>
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as RunEvent);
  /** What a run must not change: all of it but what the kubelet writes. */
  const state = async () => {
    const { metadata, spec } = (await shop.pod()) ?? { metadata: {}, spec: {} };
    return { metadata, spec, programs: await shop.programs() };
  };

  test.each([
    [[], 'nothing'],
    [['--allow-target', 'default'], 'another namespace'],
    [['--allow-target', `${NAMESPACE}-2`], 'a longer name'],
  ])('is left alone with %j: exit 2, and the words to add', async (args) => {
    const before = await inventory(cluster);
    const { code, stderr } = await run(asking, args);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(
        new RegExp(`attacks pods of the namespace ${NAMESPACE} that exist already\\n.*add --allow-target ${NAMESPACE}\\n`),
      ),
    });
    expect(await inventory(cluster)).toEqual(before);
  });

  test('a pattern is no name', async () => {
    const { code, stderr } = await run(asking, ['--allow-target', '*']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('name of one namespace') });
  });

  test('is attacked where its namespace is named, which the log keeps, and is the same afterwards', async () => {
    const before = { state: await state(), inventory: await inventory(cluster) };
    const { code, stdout, stderr } = await run(asking, ['--allow-target', NAMESPACE]);
    const events = eventsOf(stdout);
    const ends = events.flatMap((event) => (event.type === 'step-finished' ? [[event.end.status, event.end.problem?.message]] : []));
    expect({ code, stderr, ends }).toEqual({ code: 0, stderr: '', ends: Array(3).fill(['succeeded', undefined]) });
    expect(events[0]).toMatchObject({ overrides: [`--allow-target ${NAMESPACE}`] });
    expect({ state: await state(), inventory: await inventory(cluster) }).toEqual(before);
  });

  test('a program that a timed-out step left in it is ended, and the pod stays', async () => {
    const before = await state();
    const attack = '  - {name: Hang, attack: [T1033], timeout: 2s, exec: {pod: web, shell: "sleep 987 & sleep 986"}}\n';
    const { code, stdout } = await run(attack, ['--allow-target', NAMESPACE]);
    expect(code).toBe(4);
    const notes = eventsOf(stdout).flatMap((event) => (event.type === 'step-finished' ? (event.end.note ?? []) : []));
    expect(notes).toEqual([expect.stringMatching(/^ended by a second exec: \d+ process/)]);
    expect(await state()).toEqual(before);
  });

  test('what no pod matches is told with what there is', async () => {
    const { code, stdout } = await run('', ['--allow-target', 'default', '--set', 'place=default']);
    const problems = eventsOf(stdout).flatMap((event) => (event.type === 'step-finished' ? (event.end.problem?.message ?? []) : []));
    expect({ code, problems }).toEqual({ code: 3, problems: ['no ready pod for the role `web` in default: there is no such pod'] });
  });
});
