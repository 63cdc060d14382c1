// The schema for editors is the one that the code uses.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { alertSchema } from '../../src/alerts/alert-schema.ts';

test('schemas/alert.schema.json is current', () => {
  const file = readFileSync(new URL('../../schemas/alert.schema.json', import.meta.url), 'utf8');
  expect(JSON.parse(file)).toEqual(alertSchema);
});
