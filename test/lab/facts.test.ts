import { expect, test } from 'vitest';
import { labFacts } from '../../src/lab/facts.ts';
import { fakeWorld } from './fake-world.ts';

test('what other verbs need of a lab that is up', async () => {
  const { files, contents } = fakeWorld();
  const record = { version: 1, driver: 'native', kubeconfig: '/k', helm: '/h', images: { attackerImage: 'a', victimImage: 'v' } };
  contents.set('/var/lib/kubesim/lab/lab.json', JSON.stringify(record));
  expect(await labFacts(files, {})).toEqual(record);
});

test.each([['nothing'], ['{"version": 2}'], ['{']])('no lab: %s', async (text) => {
  const { files, contents } = fakeWorld();
  if (text !== 'nothing') contents.set('/var/lib/kubesim/lab/lab.json', text);
  await expect(labFacts(files, {})).rejects.toMatchObject({ code: 'configuration', details: { hint: 'Start it with `sim lab up`.' } });
});
