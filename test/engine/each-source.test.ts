import { expect, test } from 'vitest';
import type { Registered } from '../../src/engine/attack-of.ts';
import { ofEachSource } from '../../src/engine/each-source.ts';
import { fakeSource } from '../fakes/alert-source.ts';

const hope = (alert: string): Registered => ({ expectation: { alert, count: 1 }, attack: { attack: undefined, absence: 'nothing ran' } });
const raised: Readonly<Record<string, string[]>> = { test: ['azure'], drift: ['azure', 'falco'] };
const raises = (alert: string, product: string) => raised[alert]?.includes(product) === true;

test('each source is asked for the first alert that its product raises, and for that alone', () => {
  const sources = ['azure', 'falco', 'unknown'].map((product) => fakeSource({ name: `my-${product}`, product }));
  const found = ofEachSource([hope('test'), hope('drift')], sources, raises);
  expect(found.map(({ expectation: { alert, source } }) => `${source}: ${alert}`)).toEqual([
    'my-azure: test',
    'my-falco: drift',
    'my-unknown: test',
  ]);
  expect(found[1]).toEqual({ ...hope('drift'), expectation: { alert: 'drift', count: 1, source: 'my-falco' } });
});

test('without an expectation nothing is asked', () => expect(ofEachSource([], [fakeSource()], raises)).toEqual([]));
