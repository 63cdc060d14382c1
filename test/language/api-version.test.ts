import { expect, test } from 'vitest';
import { load } from '../../src/language/load.ts';
import { playbookOf, stepTypes } from '../fakes/step-types.ts';

test('a playbook from before the freeze is told the new version, and mended by it', () => {
  const text = playbookOf('  - command: {pod: p, argv: [x]}\n');
  const old = text.replace('kubesim/v1', 'kubesim/v1alpha1');
  const [diagnostic, ...others] = load({ name: 'old.yaml', text: old }, stepTypes).diagnostics;
  expect(others).toEqual([]);
  expect(diagnostic?.hint).toContain('`sim lint --fix` writes it');
  const [edit] = diagnostic?.fix ?? [];
  expect(old.slice(0, edit?.start) + edit?.text + old.slice(edit?.end)).toBe(text);
});
