// Three projects: `unit` needs nothing but this checkout; `products` runs programs of Debian, which its tests fetch; `cluster` runs on the lab,
// which its global set-up brings up.
import { defineConfig } from 'vitest/config';
import { closingLine } from './test/closing-line.ts';

const needProducts = ['test/products/**/*.test.ts'];
const needLab = ['test/cluster/**/*.test.ts', 'test/images/**/*.test.ts', 'test/charts/**/*.test.ts'];

export default defineConfig({
  test: {
    // Named, so that what surrounds a run does not choose another one.
    reporters: ['default', closingLine()],
    projects: [
      {
        // A property test has thousands of cases: the limit is against hanging, not for speed.
        test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: [...needLab, ...needProducts], testTimeout: 60_000 },
      },
      {
        test: { name: 'products', include: needProducts, testTimeout: 60_000, hookTimeout: 300_000 },
      },
      {
        test: {
          name: 'cluster',
          include: needLab,
          globalSetup: 'test/cluster/global-setup.ts',
          // One cluster for all: one file after the other, after the unit tests.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
