import { expect, test } from 'vitest';
import type { Diagnostic } from '../../src/language/diagnostic.ts';
import { applyPolicy, defaultPolicy, type Policy } from '../../src/language/policy.ts';

const info = (id: string, security?: true) => ({
  id,
  severity: 'warning' as const,
  summary: '',
  why: '',
  ...(security ? { security } : {}),
});
const known = {
  rules: new Map([
    ['latest-tag', info('latest-tag')],
    ['dangerous-command', info('dangerous-command', true)],
    ['unused-disable', info('unused-disable')],
  ]),
  locked: new Set(['unknown-key']),
  complete: true,
};
const text = '# sim-lint-disable-next-line latest-tag -- because\nx\n# sim-lint-disable-next-line latest-tag -- because\ny\n';
const finding = (rule: string, about: string): Diagnostic => ({
  rule,
  severity: rule === 'unknown-key' ? 'error' : 'warning',
  message: 'm',
  span: { start: text.indexOf(`\n${about}\n`) + 1, end: text.indexOf(`\n${about}\n`) + 2 },
});
const all = [finding('unknown-key', 'x'), finding('latest-tag', 'x'), finding('dangerous-command', 'x')];
const apply = (policy: Partial<Policy>) =>
  applyPolicy(text, all, { ...defaultPolicy, ...policy }, known).map(({ rule, severity }) => `${rule} ${severity}`);

test('by default only comments have their effect', () => {
  expect(apply({})).toEqual(['unknown-key error', 'dangerous-command warning', 'unused-disable warning']);
  expect(apply({ comments: 'none' })).toEqual(['unknown-key error', 'latest-tag warning', 'dangerous-command warning']);
});

test('severities are set for rules, and never for what makes a playbook unable to run', () => {
  const severities = new Map([
    ['dangerous-command', 'error'],
    ['unused-disable', 'off'],
    ['unknown-key', 'off'],
  ] as const);
  expect(apply({ severities })).toEqual(['unknown-key error', 'dangerous-command error']);
});

test('a file that the checkout itself ignores still shows what the security rules find', () => {
  expect(apply({ securityOnly: true })).toEqual(['dangerous-command warning']);
});
