// The step `expect-alert`: nothing but an expectation.
import { expect, test } from 'vitest';
import { checkBody } from '../../src/language/check-body.ts';
import { expectAlert } from '../../src/steps/expect-alert.ts';

test.each([
  [{ alert: 'a' }, { alert: 'a' }],
  [
    { alert: 'a', of: 'scan' },
    { alert: 'a', of: ['scan'] },
  ],
  [
    { alert: 'a', of: ['x', 'y'], within: '1m30s' },
    { alert: 'a', of: ['x', 'y'], within: 90_000 },
  ],
  [
    { alert: 'a', count: 0, optional: true, where: 'alert.count > 1', source: 'falco', severity: 'high' },
    { alert: 'a', count: 0, optional: true, where: 'alert.count > 1', source: 'falco', severity: 'high' },
  ],
])('%j', (body, expectation) => {
  expect(checkBody(expectAlert, body)).toEqual([]);
  expect(expectAlert.expects?.(body)).toEqual(expectation);
});

test.each([
  [{}, 'lacks the key `alert`'],
  [{ alert: 'a', of: [] }, '`of` is empty'],
  [{ alert: 'a', within: '90' }, 'has no unit'],
  [{ alert: 'a', count: -1 }, 'must be at least 0'],
  [{ alert: 'a', severity: 'urgent' }, '`severity` cannot be'],
])('%j does not fit', (body, problem) => expect(checkBody(expectAlert, body)).toEqual([expect.stringContaining(problem)]));

test('it does not run', () => {
  expect(expectAlert.run).toBeUndefined();
  expect(expectAlert.plan({ alert: 'a' })).toBe('expect the alert a');
  expect(expectAlert.plan({ alert: 'a', count: 0 })).toBe('expect no alert a');
});
