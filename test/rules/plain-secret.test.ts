import { expect, test } from 'vitest';
import { plainSecret } from '../../src/rules/plain-secret.ts';
import { playbookOf } from '../fakes/step-types.ts';
import { findingsOf, underlinedBy } from './findings.ts';

const ofText = (text: string) => playbookOf(`  - command:\n      pod: p\n      argv: [${JSON.stringify(text)}]\n`);
const ofValues = (values: string) => playbookOf(`  - install: {chart: x, values: ${values}}\n`);
// Put together here, so that no tool takes this file for one that holds secrets.
const joined = (...parts: string[]) => parts.join('');

test.each([
  ['an AWS access key', joined('AKIA', 'QWERTYUIOP234567')],
  ['a private key', joined('-----BEGIN OPENSSH ', 'PRIVATE KEY-----')],
  ['a private key', joined('-----BEGIN ', 'PRIVATE KEY-----')],
  ['a JSON Web Token', joined('eyJhbGciOiJIUzI1NiJ9', '.eyJzdWIiOiIxMjM0NTY3ODkwIn0', '.dozjgNryP4J3jVmNHl0w5N')],
  ['a GitHub token', joined('ghp_', '0123456789abcdefghijABCDEFGHIJ012345')],
  ['a GitLab token', joined('glpat-', '0123456789abcdefghij')],
  ['a Slack token', joined('xoxb-', '012345678901-abcdefghijkl')],
  ['a Google API key', joined('AIza', 'SyA0123456789abcdefghijABCDEFGHIJ012')],
  ['a bearer token', 'Authorization: Bearer 0123456789abcdef01234567'],
  ['a password in an address', 'postgres://admin:Tr0ub4dor@db.invalid/x'],
])('%s is known by its form', (what, text) => {
  expect(findingsOf(plainSecret, ofText(`x ${text} y`)).map((line) => line.replace(/^[\d:]+ warning: /, ''))).toEqual([
    `${what} is written out here`,
  ]);
});

test.each([
  ['DB_PASSWORD=Tr0ub4dor3 psql', 'Tr0ub4dor3'],
  ['mysql --password=Tr0ub4dor3', 'Tr0ub4dor3'],
  ['{"api_key": "a1b2c3d4e5f6"}', 'a1b2c3d4e5f6'],
])('what is given to a name that says so: %s', (text, value) => {
  expect(underlinedBy(plainSecret, ofText(text).replaceAll('\\"', "'"))).toEqual([value]);
});

test.each(['{password: correcthorse}', '{auth: {adminPassword: hunter2}}', '{apiToken: a1b2c3}', '{client_secret: a1b2c3d4}'])(
  'the value of a key that says so: %s',
  (values) => expect(findingsOf(plainSecret, ofValues(values))).toHaveLength(1),
);

test.each([
  '{password: "${{ inputs.p }}"}',
  '{password: ""}',
  '{password: not-a-secret}',
  '{password: changeme}',
  '{existingSecret: database-login}',
  '{imagePullSecret: regcred}',
  '{tokenFile: /var/run/token1234}',
  '{automountServiceAccountToken: true}',
  '{tokens: 30}',
  '{secretName: a1b2c3d4}',
])('%s is no secret', (values) => {
  expect(findingsOf(plainSecret, ofValues(values).replace('steps:', 'inputs: {p: {type: secret}}\nsteps:'))).toEqual([]);
});

test.each([
  'AKIAIOSFODNN7EXAMPLE',
  'token=$(cat /var/run/secrets/kubernetes.io/serviceaccount/token)',
  'Authorization: Bearer $TOKEN',
  'password: "$PASSWORD"',
  'curl -H "X-aws-ec2-metadata-token-ttl-seconds: 21600"',
  "curl -w 'token: http=%{http_code}'",
  'http://user:$PASSWORD@db/',
  'grep -r password: /etc',
  'the secret: kubernetes.io/service-account-token',
  'https://example.invalid:8080/a@b',
])('%s is no secret', (text) => expect(findingsOf(plainSecret, ofText(text))).toEqual([]));

test('what is looked for is none either', () => {
  const step = '  - command: {pod: p, argv: [x], expect: {stdout: {contains: "password=Tr0ub4dor3"}}}\n';
  expect(findingsOf(plainSecret, playbookOf(step))).toEqual([]);
});

test('a default of a secret is readable for everybody', () => {
  const find = (input: string) => findingsOf(plainSecret, playbookOf('  - install: {chart: x}\n', `inputs: {dbPassword: ${input}}\n`));
  expect(find('{type: secret, default: hunter2}')).toEqual([
    '4:46: warning: the secret `dbPassword` has a default, which everybody can read',
  ]);
  expect(find('{type: string, default: hunter2}')).toEqual(['4:46: warning: the value of `dbPassword` is written out here']);
  for (const input of ['{type: secret}', '{type: secret, default: ""}', '{type: string, default: example}'])
    expect(find(input)).toEqual([]);
});
