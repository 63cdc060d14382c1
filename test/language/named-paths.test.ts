// Every path that a playbook names is looked at once, also those of the files that it uses.
import { expect, test } from 'vitest';
import type { StepLanguage } from '../../src/language/definition.ts';
import { lookAtReferences } from '../../src/language/named-paths.ts';
import type { Referenced } from '../../src/language/references.ts';

const install: StepLanguage = {
  type: 'install',
  summary: 'Installs a chart.',
  schema: true,
  outputs: {},
  example: '',
  references: (body) => [{ path: ['chart'], file: (body as { chart: string }).chart, kind: 'chart' }],
};

async function lookedAt(text: string, files: Record<string, string>): Promise<string[]> {
  const looked: string[] = [];
  const look = async (path: string): Promise<Referenced> => {
    looked.push(path);
    return files[path] === undefined ? { kind: 'absent' } : { kind: 'file', text: files[path] };
  };
  const references = await lookAtReferences({ name: 'main.yaml', text }, [install], look);
  expect([...references.keys()]).toEqual(looked);
  return looked;
}

test('charts and used files, in groups and in used files, from their own folders', async () => {
  const text = `
steps:
  - install: {chart: ../charts/a}
  - parallel: [{uses: ./steps/one.yaml}, {uses: ./steps/two.yaml}]
finally:
  - install: {chart: "../charts/\${{ inputs.chart }}"}
  - uses: ./steps/one.yaml
`;
  expect(await lookedAt(text, { 'steps/one.yaml': 'steps: [{install: {chart: ../../charts/a}}, {uses: ./three.yaml}]' })).toEqual([
    '../charts/a',
    'steps/one.yaml',
    'steps/three.yaml',
    'steps/two.yaml',
  ]);
});

test('a circle ends', async () => {
  expect(
    await lookedAt('steps: [{uses: ./a.yaml}]', { 'a.yaml': 'steps: [{uses: ./b.yaml}]', 'b.yaml': 'steps: [{uses: ./a.yaml}]' }),
  ).toEqual(['a.yaml', 'b.yaml']);
});

test.each(['', '- a', 'steps: 3', 'steps: [3, {uses: [1]}, {uses: /etc/passwd}, {install: }]', '{'])('%j names nothing', async (text) => {
  const robust = { ...install, references: () => [] };
  expect([...(await lookAtReferences({ name: 'x', text }, [robust], async () => ({ kind: 'absent' }))).keys()]).toEqual([]);
});
