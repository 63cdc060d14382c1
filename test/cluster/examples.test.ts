// The example of every step type runs: documentation that cannot rot.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectCluster } from '../../src/adapters/kubernetes/connect.ts';
import type { RunEvent } from '../../src/engine/events.ts';
import { stepTypes } from '../../src/steps/index.ts';
import { newState, root, sim } from './cli.ts';
import { type ExistingPod, existingPod } from './existing-pod.ts';
import { describeOnLab, lab } from './lab-under-test.ts';

/** The namespace that examples attack pods of which they have not made. */
const EXISTING = 'shop';

describeOnLab('the examples', () => {
  let shop: ExistingPod;
  beforeAll(async () => {
    const cluster = await connectCluster({ kubeconfig: lab().kubeconfig, context: undefined, env: {} });
    shop = await existingPod(cluster, lab().images.victimImage, EXISTING);
  }, 180_000);
  afterAll(() => shop?.remove());

  test.each(stepTypes.map(({ type, example }) => ({ type, example })))('$type', async ({ type, example }) => {
    // Beside the shipped playbooks an example names the chart as they do.
    const folder = newState();
    const file = join(folder, 'example.yaml');
    writeFileSync(file, example.replaceAll('../charts/', `${relativeTo(folder)}/charts/`));
    const args = ['run', file, '--lab', '--yes', '--json', '--allow-unverified', '--allow-target', EXISTING];
    const { code, stdout, stderr } = await sim(args, { SIM_STATE: newState() });
    expect(stderr).toBe('');
    const ends = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as RunEvent)
      .flatMap((event) =>
        event.type === 'step-finished' ? [`${event.step.name}: ${event.end.status} ${event.end.problem?.message ?? ''}`] : [],
      );
    expect(ends.filter((end) => !end.endsWith(': succeeded '))).toEqual([]);
    expect(ends.length).toBeGreaterThan(0);
    expect({ type, code }).toEqual({ type, code: 0 });
  });
});

const relativeTo = (folder: string): string => `${'../'.repeat(folder.split('/').length - 1)}${root.slice(1, -1)}`;
