// The catalogue's own files, and what is said about a broken one.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { normaliseAlertName } from '../../src/alerts/alert-name.ts';
import { parseCatalogue } from '../../src/alerts/catalogue.ts';
import { Failure } from '../../src/ports/failure.ts';

const folder = new URL('../../alerts/', import.meta.url);
const files = readdirSync(folder).map((name) => ({ name, text: readFileSync(new URL(name, folder), 'utf8') }));
const valid = files.find(({ name }) => name === 'drift-binary.yaml')?.text ?? '';

const failureOf = (name: string, text: string): Failure => {
  try {
    parseCatalogue([{ name, text }]);
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

test('every file of alerts/ is a valid entry named as its file', () => {
  const catalogue = parseCatalogue(files);
  expect([...catalogue.keys()].map((id) => `${id}.yaml`)).toEqual(files.map(({ name }) => name));
});

test('each entry says what Defender for Cloud calls it, where that has a name for it, and what must hold for the alert to come', () => {
  for (const [id, { products }] of parseCatalogue(files)) {
    const { 'defender-for-cloud': defender, ...others } = products;
    if (defender !== undefined) expect(defender.names, id).not.toHaveLength(0);
    const preconditions = [defender, ...(defender === undefined ? Object.values(others) : [])].flatMap((each) => each?.preconditions ?? []);
    expect(preconditions, id).not.toHaveLength(0);
  }
});

test.each([
  'Possible Web Shell activity detected',
  'Suspicious Kubernetes service account operation detected',
  'Network scanning tool detected',
  'Access to cloud metadata service detected',
  'Sensitive files access detected',
  'Possible secret reconnaissance detected',
  'Kubernetes CPU optimization detected',
  'Command within a container accessed ld.so.preload',
  'Possible Crypto miners download detected',
  'A drift binary detected executing in the container',
  'Communication with test domain identified by threat intelligence',
  'Digital currency mining related behavior detected',
  'Suspicious access to workload identity token or service account token detected',
])('the documented alert "%s" belongs to exactly one entry', (documented) => {
  const owners = [...parseCatalogue(files).values()].filter(({ products }) =>
    products['defender-for-cloud']?.names?.some((name) => normaliseAlertName(name) === normaliseAlertName(documented)),
  );
  expect(owners).toHaveLength(1);
});

test('no name and no sure type id of a product belongs to two entries', () => {
  const owners = new Map<string, string>();
  for (const [id, { products }] of parseCatalogue(files)) {
    for (const [product, { names = [], types = [], rules = [] }] of Object.entries(products)) {
      const called = [...names, ...rules.map(({ name }) => name)].map(normaliseAlertName);
      const sure = types.filter(({ evidence }) => evidence !== 'inferred').map((type) => type.id);
      for (const key of new Set([...called, ...sure])) {
        expect(owners.get(`${product} ${key}`) ?? id, key).toBe(id);
        owners.set(`${product} ${key}`, id);
      }
    }
  }
});

test('a broken entry fails with the file and every fault', () => {
  const { code, message } = failureOf('drift-binary.yaml', valid.replace('T1105', 'X1105').replace('severity: high', 'severity: huge'));
  expect(code).toBe('invalid');
  expect(message).toContain('alert drift-binary.yaml: ');
  expect(message).toContain('/attack/0 must match pattern');
  expect(message).toContain('/severity must be equal to one of the allowed values');
});

test('an unknown key, a wrong file name and broken YAML fail', () => {
  expect(failureOf('drift-binary.yaml', `${valid}colour: red\n`).message).toContain('must NOT have additional properties');
  expect(failureOf('other.yaml', valid).message).toBe("alert other.yaml: its id is `drift-binary`, which is not the file's name");
  expect(failureOf('drift-binary.yaml', '{').code).toBe('invalid');
  expect(failureOf('drift-binary.yaml', '').message).toContain('must be object');
});
