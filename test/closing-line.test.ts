// The closing line must not look better than the run was.
import { expect, test } from 'vitest';
import type { TestModule } from 'vitest/node';
import { closingText, totals } from './closing-line.ts';

/** As much of a test file's report as is read. */
function file(states: ('passed' | 'failed' | 'skipped')[], errors = 0, suiteErrors = 0): TestModule {
  const broken = (count: number) => ({ errors: () => Array.from({ length: count }, () => ({ message: 'broken' })) });
  return {
    ...broken(errors),
    children: {
      allTests: (state: string) => states.filter((it) => it === state),
      allSuites: () => [broken(suiteErrors)],
    },
  } as unknown as TestModule;
}

const lineOf = (files: TestModule[], unhandled = 0) =>
  closingText(
    totals(
      files,
      Array.from({ length: unhandled }, () => ({ message: 'unhandled' })),
    ),
  );

test('tests are counted over all files', () => {
  expect(lineOf([file(['passed', 'passed', 'failed']), file(['passed'])])).toBe('3 passed, 1 failed');
});

test('skipped tests are named where there are some', () => {
  expect(lineOf([file(['passed', 'skipped', 'skipped'])])).toBe('1 passed, 0 failed, 2 skipped');
});

test.each([
  ['a file that cannot be loaded', lineOf([file(['passed']), file([], 1)]), '1 passed, 1 failed'],
  ['a hook of a suite that throws', lineOf([file(['passed', 'skipped'], 0, 1)]), '1 passed, 1 failed, 1 skipped'],
  ["an error of nobody's test", lineOf([file(['passed'])], 1), '1 passed, 1 failed'],
  ['a run in which no test came to be known', lineOf([]), '0 passed, 1 failed'],
])('%s is a failure', (_, line, expected) => {
  expect(line).toBe(expected);
});
