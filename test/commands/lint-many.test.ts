import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { localCheckout } from '../../src/adapters/checkout.ts';
import { startWorker } from '../../src/adapters/workers.ts';
import type { LintWorld } from '../../src/commands/lint-file.ts';
import { type CheckedSome, type HelperOptions, type LintHelper, lintMany, lintSome } from '../../src/commands/lint-many.ts';
import type { Target } from '../../src/commands/lint-paths.ts';
import { lintSettings } from '../../src/commands/lint-settings.ts';
import { stepTypes } from '../../src/steps/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubesim-many-'));
const options: HelperOptions = { folder, comments: true, catalogue: ['web-shell-activity'] };
const targets: Target[] = Array.from({ length: 130 }, (_, index) => ({ file: `p${index}.yaml`, named: index % 2 === 0 }));

beforeAll(() => {
  for (const [index, { file }] of targets.entries()) {
    const step = index % 7 === 0 ? 'wiat: {duration: 1s}' : `wait: {duration: ${index}s}`;
    const text = `apiVersion: kubesim/v1\nkind: Playbook\nmetadata: {name: p${index}, title: A title}\nsteps:\n  - ${step}\n`;
    // Some are none, and one is not there.
    if (index !== 50) writeFileSync(join(folder, file), index % 11 === 0 ? 'a: 1\n' : text);
  }
  writeFileSync(join(folder, '.sim-lint.yaml'), 'rules: {no-such-rule: off}\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

async function world(): Promise<LintWorld> {
  const checkout = localCheckout(folder);
  const settings = await lintSettings({ checkout, folder, comments: true });
  return { checkout, settings, context: { steps: stepTypes, catalogue: ['web-shell-activity'] } };
}

function helper(): LintHelper {
  const module = new URL('../../src/commands/lint-worker.ts', import.meta.url);
  const { ask, stop } = startWorker<readonly Target[], CheckedSome>(module, options);
  return { lint: ask, stop };
}

test('threads find what one finds, in the same order', async () => {
  const alone = await lintSome(targets, await world());
  expect(alone.checked.flatMap(({ findings }) => findings).length).toBeGreaterThan(15);
  expect(alone.configurations).toHaveLength(1);
  expect(await lintMany(targets, await world(), [helper(), helper()])).toEqual(alone);
});

test('each helper gets its share, and is stopped', async () => {
  const taken: string[] = [];
  let stopped = 0;
  const own = await world();
  const helpers = Array.from(
    { length: 2 },
    (): LintHelper => ({
      lint: async (some) => {
        taken.push(...some.map(({ file }) => file));
        return await lintSome(some, own);
      },
      stop: async () => {
        stopped++;
      },
    }),
  );
  await lintMany(targets, own, helpers);
  expect(taken.length).toBeGreaterThan(0);
  expect(new Set(taken).size).toBe(taken.length);
  expect(stopped).toBe(2);
});

test('a thread that fails is the end of it, and the others are stopped', async () => {
  let stopped = 0;
  const broken: LintHelper = {
    lint: () => Promise.reject(new Error('broken')),
    stop: async () => {
      stopped++;
    },
  };
  await expect(lintMany(targets, await world(), [broken])).rejects.toThrow('broken');
  expect(stopped).toBe(1);
  const none = startWorker(new URL('./no-such-worker.ts', import.meta.url), {});
  await expect(none.ask({})).rejects.toThrow('no-such-worker.ts');
});
