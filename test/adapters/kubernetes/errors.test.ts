// Every answer and broken connection becomes the right Failure, with a name for what refused and a hint.
import { expect, test } from 'vitest';
import {
  admissionControl,
  answerFailure,
  connectionFailure,
  credentialFailure,
  timeLimitFailure,
} from '../../../src/adapters/kubernetes/errors.ts';

const login = { context: 'prod' };
const answer = (status: number, message: string, more: object = {}) =>
  answerFailure('apply Pod sim-1/p', { status, body: { status: 'Failure', code: status, message, ...more } }, login);

test.for([
  // As kubernetes/kubernetes prints them (plugin/pkg/admission, apiserver/pkg/admission).
  [
    `pods "p" is forbidden: ValidatingAdmissionPolicy 'no-root' with binding 'all' denied request: failed expression: false`,
    422,
    'no-root',
  ],
  [`pods "p" is forbidden: ValidatingAdmissionPolicy 'no-root' with binding 'all' denied request: no`, 403, 'no-root'],
  [
    'pods "p" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "a" must set)',
    403,
    'PodSecurity restricted:latest',
  ],
  ['pods "p" is forbidden: exceeded quota: small, requested: pods=1, used: pods=1, limited: pods=1', 403, 'ResourceQuota small'],
  ['pods "p" is forbidden: failed quota: small: must specify limits.cpu for: a', 403, 'ResourceQuota small'],
  ['pods "p" is forbidden: maximum cpu usage per Container is 1, but limit is 2', 403, 'LimitRange per Container'],
  ['pods "p" is forbidden: [minimum memory usage per Pod is 1Gi, but request is 1Mi]', 403, 'LimitRange per Pod'],
  [
    'pods "p" is forbidden: unable to validate against any security context constraint: [provider anyuid]',
    403,
    'SecurityContextConstraints',
  ],
  ['pods "p" is forbidden: image policy webhook backend denied one or more images: bad', 403, 'ImagePolicyWebhook'],
  ['admission webhook "guard.example.com" denied the request: not today', 403, 'guard.example.com'],
  ['admission webhook "guard.example.com" denied the request without explanation', 400, 'guard.example.com'],
  [
    'admission webhook "validation.gatekeeper.sh" denied the request: [no-privileged] Privileged container is not allowed: a',
    403,
    'no-privileged',
  ],
  [
    'admission webhook "validate.kyverno.svc-fail" denied the request: \n\nresource Pod/sim-1/p was blocked due to the following policies \n\ndisallow-latest-tag:\n  require-image-tag: validation error',
    400,
    'disallow-latest-tag',
  ],
  [
    'admission webhook "validate.kyverno.svc-fail" denied the request: \n\npolicy Pod/sim-1/p for resource violation: \n\nno-host:\n  host: x',
    400,
    'no-host',
  ],
] as const)('%s', ([message, status, policy]) => {
  expect(answer(status, message)).toMatchObject({ code: 'admission-denied', details: { policy, status } });
});

test.for([
  [403, 'pods is forbidden: User "eve" cannot create resource "pods" in API group "" in the namespace "sim-1"', 'forbidden'],
  [
    403,
    'roles.rbac.authorization.k8s.io "r" is forbidden: user "eve" (groups=["a"]) is attempting to grant RBAC permissions not currently held',
    'forbidden',
  ],
  [403, 'pods "p" is forbidden: unable to create new content in namespace sim-1 because it is being terminated', 'conflict'],
  [403, 'pods "p" is forbidden: error looking up service account sim-1/x: serviceaccount "x" not found', 'not-found'],
  [400, 'the body of the request was in an unknown format', 'invalid'],
  [404, 'namespaces "sim-1" not found', 'not-found'],
  [409, 'Apply failed with 1 conflict: conflict with "kubectl"', 'conflict'],
  [410, 'too old resource version', 'conflict'],
  [422, 'Pod "p" is invalid: spec.containers: Required value', 'invalid'],
  [500, 'failed to create typed patch object (sim-1/p; /v1, Kind=Pod): .spek: field not declared in schema', 'invalid'],
  [500, 'etcdserver: leader changed', 'server-error'],
  [500, 'Internal error occurred: failed calling webhook "w.example.com": connection refused', 'server-error'],
  [503, 'apiserver is shutting down', 'server-error'],
  [504, 'Timeout: request did not complete within requested timeout', 'server-error'],
] as const)('%i %s is %s, and no admission control', ([status, message, code]) => {
  const failure = answer(status, message);
  expect(failure).toMatchObject({ code, details: { status }, message: expect.stringContaining(message) });
  expect(failure.details.policy).toBeUndefined();
});

test('a server error never counts as admission, whatever it quotes', () => {
  expect(answer(500, 'admission webhook "w" denied the request: x').code).toBe('server-error');
});

test('429 carries the seconds to wait, from the header or the body', () => {
  const body = { message: 'slow down', details: { retryAfterSeconds: 3 } };
  expect(answerFailure('list Pod', { status: 429, body }, login)).toMatchObject({ code: 'throttled', details: { retryAfter: 3 } });
  expect(answerFailure('list Pod', { status: 429, body, retryAfter: 7 }, login).details.retryAfter).toBe(7);
});

test('an answer without a Status is quoted, and cut', () => {
  const failure = answerFailure('list Pod', { status: 502, body: undefined, text: `<html>${'x'.repeat(1000)}` }, login);
  expect(failure.code).toBe('server-error');
  expect(failure.message).toHaveLength('list Pod: '.length + 500);
});

test('401 names the context, and when its credentials ended', () => {
  expect(answer(401, 'Unauthorized')).toMatchObject({ code: 'unauthorized', message: expect.stringContaining('"prod"') });
  const expired = answerFailure('list Pod', { status: 401, body: undefined }, { context: 'prod', expired: { what: 'token', at: 0 } });
  expect(expired.message).toContain('the token of context "prod" expired at 1970-01-01T00:00:00.000Z');
  expect(expired.details.hint).toContain('Log in');
});

test('the command to check with can be pasted into a shell, whatever the context is called', () => {
  const hintOf = (context: string) => answerFailure('list Pod', { status: 401, body: undefined }, { context }).details.hint;
  expect(hintOf('arn:aws:eks:eu-west-1:1:cluster/a_b@c')).toMatch(/kubectl --context arn:aws:eks:eu-west-1:1:cluster\/a_b@c auth whoami$/);
  expect(hintOf("it's $(mine)")).toMatch(/kubectl --context 'it'\\''s \$\(mine\)' auth whoami$/);
});

test('a missing permission leads to the command that shows them all', () => {
  expect(answer(403, 'pods is forbidden: User "eve" cannot list resource "pods"').details.hint).toContain('`sim doctor`');
});

test("silence of the server is no step's own time limit", () => {
  expect(timeLimitFailure('list Pod', 'https://10.0.0.1', 30_000)).toMatchObject({
    code: 'unreachable',
    message: 'list Pod: https://10.0.0.1 did not answer within 30 s',
  });
});

test('no control is found where none is named', () => {
  expect(admissionControl('pods "p" is forbidden: no PriorityClass with name x was found')).toBeUndefined();
});

test.for([
  ['ECONNREFUSED', 'nothing listens there'],
  ['ENOTFOUND', 'not known to DNS'],
  ['ETIMEDOUT', 'did not answer in time'],
  ['ENETUNREACH', 'no route'],
  ['CERT_HAS_EXPIRED', 'certificate has expired'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'for another name'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'not signed by the authority'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'TLS failed'],
] as const)('%s: %s', ([code, text]) => {
  const error = Object.assign(new Error('low level'), { code });
  for (const it of [error, new AggregateError([error, error]), new Error('outer', { cause: error })]) {
    const failure = connectionFailure('list Pod', 'https://10.0.0.1', it);
    expect(failure).toMatchObject({ code: 'unreachable', message: expect.stringContaining(text) });
    expect(failure.message).toContain('https://10.0.0.1');
    expect(failure.details.hint).toBeTruthy();
  }
});

test('an unknown connection error is quoted', () => {
  expect(connectionFailure('list Pod', 'https://x', new Error('odd')).message).toContain('odd');
});

test('a login program that is missing is named, with its own hint', () => {
  const missing = Object.assign(new Error('spawn kubelogin ENOENT'), { code: 'ENOENT' });
  expect(credentialFailure('prod', { command: 'kubelogin' }, missing)).toMatchObject({
    code: 'configuration',
    message: expect.stringContaining('"kubelogin"'),
    details: { hint: 'Install kubelogin, or put it on PATH.' },
  });
  expect(credentialFailure('prod', { command: 'kubelogin', installHint: 'see aka.ms/kubelogin\n' }, missing).details.hint).toBe(
    'see aka.ms/kubelogin',
  );
});

test('a login program that fails is quoted; a login without a program is configuration', () => {
  const failure = credentialFailure('prod', { command: 'kubelogin' }, new Error('AADSTS70043: expired\n'));
  expect(failure).toMatchObject({ code: 'unauthorized', message: expect.stringContaining('AADSTS70043') });
  expect(credentialFailure('prod', undefined, new Error('no such file')).code).toBe('configuration');
});
