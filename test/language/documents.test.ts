// Manifest files, read as Kubernetes' own tools read them.
import { expect, test } from 'vitest';
import { readDocuments } from '../../src/language/documents.ts';

test.each([
  ['a: 1\n---\nb: 2\n', [{ a: 1 }, { b: 2 }]],
  ['---\n# nothing\n---\na: 1\n---\n', [{ a: 1 }]],
  ['', []],
  ['mode: 0644\non: yes\ntime: 22:22\nday: 2026-01-01\n', [{ mode: 420, true: true, time: '22:22', day: '2026-01-01' }]],
  ['a: &x {b: 1}\nc:\n  <<: *x\n', [{ a: { b: 1 }, c: { b: 1 } }]],
])('%j', (text, documents) => expect(readDocuments(text)).toEqual({ documents }));

test.each(['a: [', 'a: 1\n a: 2', 'a: 1\na: 2', 'a: *b'])('%j cannot be read', (text) => {
  expect(readDocuments(text)).toEqual({ documents: [], problem: expect.stringMatching(/^\S[^\n]+[^:]$/) });
});

test('aliases that multiply without end, and nesting without end, cannot be read', () => {
  const levels = Array.from({ length: 9 }, (_, level) => `l${level + 1}: &l${level + 1} [${Array(9).fill(`*l${level}`).join(', ')}]`);
  for (const text of [`l0: &l0 [x, x]\n${levels.join('\n')}\n`, '['.repeat(20_000)]) expect(readDocuments(text).problem).toBeTruthy();
});
