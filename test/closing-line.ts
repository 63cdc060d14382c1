// Closes a test run with one plain line, "N passed, N failed", which .ci/run and people read alike.
import type { Reporter, SerializedError, TestModule, Vitest } from 'vitest/node';

export interface Totals {
  passed: number;
  failed: number;
  skipped: number;
}

/** The line itself; what was skipped is only named where something was. */
export const closingText = ({ passed, failed, skipped }: Totals): string =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;

/**
 * Tests by how they ended. A file or suite that broke outside its tests counts as one failure, as does an error of nobody's test and
 * a run in which no test came to be known (the global set-up failed): a number that looks good must be true.
 */
export function totals(modules: readonly TestModule[], unhandled: readonly SerializedError[]): Totals {
  const count = (state: 'passed' | 'failed' | 'skipped') =>
    modules.reduce((sum, { children }) => sum + [...children.allTests(state)].length, 0);
  const suites = modules.flatMap((module) => [module, ...module.children.allSuites()]);
  const broken = suites.filter((suite) => suite.errors().length > 0).length;
  const [passed, failed, skipped] = [count('passed'), count('failed') + broken + unhandled.length, count('skipped')];
  return { passed, skipped, failed: passed + failed + skipped === 0 ? 1 : failed };
}

export function closingLine(): Reporter {
  let vitest: Vitest | undefined;
  return {
    onInit: (started) => {
      vitest = started;
    },
    onTestRunEnd: (modules, unhandled) => vitest?.logger.log(closingText(totals(modules, unhandled))),
  };
}
