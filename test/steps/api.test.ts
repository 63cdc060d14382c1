// The step `api`: which request it makes and as whom, what it yields, and what it refuses before anything is sent.
import { beforeEach, describe, expect, test } from 'vitest';
import { checkBody } from '../../src/language/check-body.ts';
import type { ApiAnswer, ApiCall, KubernetesObject } from '../../src/ports/cluster.ts';
import { api } from '../../src/steps/api.ts';
import { namespace, runStep, type StepBench, stepBench } from './context.ts';

const account = { namespace, name: 'scout' };
const rbac = 'rbac.authorization.k8s.io';
const secret = (name: string, more: object = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace, annotations: { 'kubectl.kubernetes.io/last-applied-configuration': 'c2VjcmV0' }, ...more },
  data: { password: 'c2VjcmV0' },
});
const configMap = { apiVersion: 'v1', kind: 'ConfigMap' };

let bench: StepBench;
beforeEach(async () => {
  bench = await stepBench();
  const rules = [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }];
  const roleRef = { apiGroup: rbac, kind: 'ClusterRole', name: 'all' };
  for (const object of [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: account },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name: 'nobody' } },
    { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name: 'all' }, rules },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: 'all' },
      roleRef,
      subjects: [{ kind: 'ServiceAccount', ...account }],
    },
    secret('token'),
  ])
    bench.cluster.put(object);
});

const run = (body: object) => runStep(api, { serviceAccount: 'scout', ...body }, bench);
const callsOf = (): ApiCall[] => bench.cluster.calls.flatMap((call) => (call.verb === 'requestAs' ? [call.call] : []));
const asked = () => callsOf().map(({ method, path, query }) => `${method} ${path}?${new URLSearchParams(query)}`);
const answering = (answer: Partial<ApiAnswer>) => {
  bench.cluster.requestAs = async () => ({ status: 200, headers: {}, body: '', truncated: false, ...answer });
};

test.each([
  [{ verb: 'get', ...configMap, name: 'a' }, `GET /api/v1/namespaces/${namespace}/configmaps/a?`],
  [
    { verb: 'list', ...configMap, labelSelector: 'a=b', fieldSelector: 'c=d', limit: 5 },
    `GET /api/v1/namespaces/${namespace}/configmaps?labelSelector=a%3Db&fieldSelector=c%3Dd&limit=5`,
  ],
  [{ verb: 'list', ...configMap, allNamespaces: true }, 'GET /api/v1/configmaps?'],
  [{ verb: 'list', ...configMap, namespace: 'kube-system' }, 'GET /api/v1/namespaces/kube-system/configmaps?'],
  [{ verb: 'list', apiVersion: 'v1', kind: 'Node' }, 'GET /api/v1/nodes?'],
  [{ verb: 'get', apiVersion: `${rbac}/v1`, kind: 'ClusterRole', name: 'system:node' }, `GET /apis/${rbac}/v1/clusterroles/system%3Anode?`],
  [{ verb: 'get', apiVersion: 'v1', kind: 'Pod', name: 'a', subresource: 'log' }, `GET /api/v1/namespaces/${namespace}/pods/a/log?`],
  [{ verb: 'create', ...configMap, object: { metadata: { name: 'a' } } }, `POST /api/v1/namespaces/${namespace}/configmaps?`],
  [
    { verb: 'create', apiVersion: 'v1', kind: 'Pod', name: 'a', subresource: 'eviction' },
    `POST /api/v1/namespaces/${namespace}/pods/a/eviction?`,
  ],
  [{ verb: 'update', ...configMap, name: 'a', object: { data: {} } }, `PUT /api/v1/namespaces/${namespace}/configmaps/a?`],
  [
    { verb: 'patch', ...configMap, namespace: 'kube-system', name: 'coredns', patch: { data: {} }, dryRun: true },
    'PATCH /api/v1/namespaces/kube-system/configmaps/coredns?dryRun=All',
  ],
  [{ verb: 'delete', ...configMap, name: 'a' }, `DELETE /api/v1/namespaces/${namespace}/configmaps/a?`],
  [{ verb: 'deletecollection', apiVersion: 'v1', kind: 'Event' }, `DELETE /api/v1/namespaces/${namespace}/events?`],
  [{ verb: 'get', path: '/version' }, 'GET /version?'],
] as const)('%j is %s', async (body, request) => {
  expect(checkBody(api, { serviceAccount: 'scout', ...body })).toEqual([]);
  await run(body);
  expect(asked()).toEqual([request]);
});

test('it is made as the service account of the run, and says that it is sim, unless told otherwise', async () => {
  await run({ verb: 'get', path: '/version' });
  await run({ verb: 'get', path: '/version', userAgent: 'kubectl/v1.34.4' });
  expect(bench.cluster.calls).toMatchObject([
    { verb: 'requestAs', account, call: { userAgent: 'sim/sim-k3x9' } },
    { verb: 'requestAs', account, call: { userAgent: 'kubectl/v1.34.4' } },
  ]);
});

test('the answer is yielded, with its value where it is JSON', async () => {
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  const { outputs, mismatches } = await run({ verb: 'create', ...review, object: {} });
  expect(outputs).toMatchObject({ status: 201, json: { status: { userInfo: { username: `system:serviceaccount:${namespace}:scout` } } } });
  expect(mismatches).toEqual([]);
  answering({ body: 'ok' });
  expect((await run({ verb: 'get', path: '/healthz' })).outputs).toEqual({ status: 200, body: 'ok', json: null });
});

describe('expectations', () => {
  test('a status of 400 or more differs, with what the server said; one that is expected does not', async () => {
    const body = { serviceAccount: 'nobody', verb: 'list', ...configMap };
    expect((await run(body)).mismatches).toEqual([
      'status: expected that `value < 400`, but got `403`',
      expect.stringMatching(/^message: configmaps is forbidden: User "system:serviceaccount:sim-k3x9:nobody" cannot list/),
    ]);
    expect((await run({ ...body, expect: { status: 403 } })).mismatches).toEqual([]);
  });

  test('body and value', async () => {
    answering({ body: '{"items": []}' });
    const body = { verb: 'list', ...configMap };
    expect((await run({ ...body, expect: { body: { contains: 'items' }, json: { cel: 'value.items.size() == 0' } } })).mismatches).toEqual(
      [],
    );
    expect((await run({ ...body, expect: { json: { cel: 'value.items.size() > 0' } } })).mismatches).toEqual([
      'json: expected that `value.items.size() > 0`, but got `{"items":[]}`',
    ]);
  });

  test('what an admission control refuses was prevented, unless the refusal is expected', async () => {
    const message = 'pods "p" is forbidden: violates PodSecurity "restricted:latest"';
    answering({ status: 403, policy: 'PodSecurity restricted:latest', body: JSON.stringify({ message }) });
    const body = { verb: 'create', apiVersion: 'v1', kind: 'Pod', object: { metadata: { name: 'p' } } };
    await expect(run(body)).rejects.toMatchObject({
      code: 'admission-denied',
      message,
      details: { policy: 'PodSecurity restricted:latest' },
    });
    expect((await run({ ...body, expect: { status: 403 } })).mismatches).toEqual([]);
    expect(bench.created).toEqual([]);
  });

  test('a long answer is cut, and the note says so', async () => {
    answering({ body: '{"items', truncated: true });
    expect(await run({ verb: 'list', ...configMap })).toMatchObject({ outputs: { json: null }, mismatches: [] });
    expect(bench.notes).toEqual(['the answer is larger than 1 MiB: only its beginning was kept']);
  });
});

describe('secrets', () => {
  test('only their metadata is asked for, and what was applied is left out of it', async () => {
    const { outputs } = await run({ verb: 'list', apiVersion: 'v1', kind: 'Secret' });
    expect(callsOf()).toMatchObject([{ accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1' }]);
    expect(outputs).toMatchObject({ json: { items: [{ metadata: { name: 'token' } }] } });
    expect(JSON.stringify(outputs)).not.toContain('c2VjcmV0');
    await run({ verb: 'get', apiVersion: 'v1', kind: 'Secret', name: 'token' });
    expect(callsOf()[1]?.accept).toBe('application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1');
  });

  test('of an answer that was cut in the middle nothing is left', async () => {
    answering({ body: '{"items": [{"data": {"password": "c2Vj', truncated: true });
    expect((await run({ verb: 'list', apiVersion: 'v1', kind: 'Secret' })).outputs).toEqual({ status: 200, body: '', json: null });
  });

  test('other kinds are asked for whole', async () => {
    await run({ verb: 'list', ...configMap });
    expect(callsOf()[0]).not.toHaveProperty('accept');
  });
});

describe('what it creates', () => {
  const body = { verb: 'create', apiVersion: 'v1', kind: 'Secret', object: { metadata: { name: 'new' }, stringData: { a: 'b' } } };

  test('is adopted before the request and noted after it, with the UID that the server gave it', async () => {
    await run(body);
    expect(bench.adopted).toEqual([{ apiVersion: 'v1', kind: 'Secret', ...body.object }]);
    expect(callsOf()[0]?.body).toMatchObject({ metadata: { labels: { adopted: 'yes' } } });
    expect(bench.created).toMatchObject([
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'new', namespace, uid: expect.any(String) } },
    ]);
    expect(bench.changes).toEqual([]);
  });

  test('is created to the end and noted though the step is stopped: cleanup must find it', async () => {
    bench.cluster.intercept = ({ verb }) => {
      if (verb === 'requestAs') bench.abort('interrupted');
    };
    await expect(run(body)).rejects.toMatchObject({ code: 'interrupted' });
    expect(bench.created).toMatchObject([{ metadata: { name: 'new', uid: expect.any(String) } }]);
  });

  test('is not noted where the server refused it', async () => {
    await run({ ...body, serviceAccount: 'nobody' });
    expect([bench.adopted.length, bench.created.length]).toEqual([1, 0]);
  });

  test('nothing is created where it cannot be adopted', async () => {
    bench.context.adopt = () => Promise.reject(new Error('refused'));
    await expect(run(body)).rejects.toThrow('refused');
    expect(callsOf()).toEqual([]);
  });

  test('a dry run and a question create nothing that had to be taken away', async () => {
    await run({ ...body, dryRun: true });
    expect([bench.adopted, bench.created, bench.changes]).toEqual([[], [], []]);
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
    await run({ verb: 'create', ...review, object: {} });
    expect([bench.adopted, bench.created, bench.changes]).toEqual([[], [], [{ change: review }]]);
  });

  test('is in the plan, as far as it is known', async () => {
    expect(await api.objects?.({ serviceAccount: 'a', ...body }, bench.context)).toEqual(
      bench.adopted.concat([{ apiVersion: 'v1', kind: 'Secret', ...body.object }]),
    );
    for (const change of [
      { dryRun: true },
      { verb: 'update', name: 'new' },
      { name: 'a', subresource: 'token' },
      { object: '${{ steps.a.json }}' },
    ])
      expect(await api.objects?.({ serviceAccount: 'a', ...body, ...change }, bench.context)).toEqual([]);
  });
});

describe('what it changes', () => {
  test.each([
    [
      { verb: 'delete', ...configMap, namespace: 'kube-system', name: 'coredns' },
      { change: { ...configMap, namespace: 'kube-system', name: 'coredns' } },
    ],
    [{ verb: 'deletecollection', apiVersion: 'v1', kind: 'Event' }, { change: { apiVersion: 'v1', kind: 'Event', namespace } }],
    [
      { verb: 'patch', apiVersion: 'v1', kind: 'Node', name: 'n', patch: { a: 1 } },
      { change: { apiVersion: 'v1', kind: 'Node', name: 'n' }, content: { a: 1 } },
    ],
    [
      { verb: 'update', ...configMap, name: 'a', object: { data: {} } },
      { change: { ...configMap, namespace, name: 'a' }, content: { ...configMap, metadata: { name: 'a' }, data: {} } },
    ],
    // A dry run of these might do something all the same.
    [
      {
        verb: 'create',
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        namespace: 'default',
        name: 'default',
        subresource: 'token',
        dryRun: true,
      },
      { change: { apiVersion: 'v1', kind: 'ServiceAccount', namespace: 'default', name: 'default' } },
    ],
  ] as const)('%j is checked before anything is sent', async (body, check) => {
    await run(body);
    expect(bench.changes).toEqual([check]);
    bench.cluster.calls.length = 0;
    bench.context.checkChange = () => Promise.reject(new Error('refused'));
    await expect(run(body)).rejects.toThrow('refused');
    expect(callsOf()).toEqual([]);
  });

  test('a part of an object gets what belongs there, if the playbook does not say otherwise', async () => {
    const token = { verb: 'create', apiVersion: 'v1', kind: 'ServiceAccount', name: 'scout', subresource: 'token' };
    await run(token);
    await run({ ...token, object: { spec: { expirationSeconds: 900 } } });
    const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata: { name: 'scout' } };
    expect(callsOf().map(({ body }) => body)).toEqual([
      { ...request, spec: {} },
      { ...request, spec: { expirationSeconds: 900 } },
    ]);
    expect(bench.created).toEqual([]);
  });

  test('a patch is put in as kubectl does', async () => {
    const body = { verb: 'patch', ...configMap, name: 'a', patch: {} };
    await run(body);
    await run({ ...body, patchType: 'merge' });
    expect(callsOf().map(({ contentType }) => contentType)).toEqual([
      'application/strategic-merge-patch+json',
      'application/merge-patch+json',
    ]);
  });
});

test.each([
  [{ verb: 'list', apiVersion: 'example.com/v1', kind: 'Unheard' }, 'the cluster serves no example.com/v1 Unheard'],
  [{ verb: 'list', apiVersion: 'v1', kind: 'Node', namespace: 'default' }, 'Node is a kind outside of namespaces'],
  [
    { verb: 'create', ...configMap, object: { kind: 'Secret', metadata: { name: 'a' } } },
    '`object` is a v1 Secret, but the request is about a v1 ConfigMap',
  ],
])('%j is refused: %s', async (body, words) => {
  await expect(run(body)).rejects.toThrow(words);
  expect(callsOf()).toEqual([]);
});

test.each<readonly [body: object, words: RegExp]>([
  [{ verb: 'get', ...configMap }, /lacks the key `name`/],
  [{ verb: 'list', ...configMap, name: 'a' }, /`name` goes with get, create, update, patch, delete only/],
  [{ verb: 'list', apiVersion: 'v1' }, /needs `kind` beside it/],
  [{ verb: 'create', ...configMap }, /needs one of `object`, `subresource`/],
  [{ verb: 'patch', ...configMap, name: 'a', object: {} }, /lacks the key `patch`/],
  [{ verb: 'get', ...configMap, name: 'a', dryRun: true }, /`dryRun` goes with create/],
  [{ verb: 'delete', path: '/version' }, /`path` goes with get only/],
  [{ verb: 'get', path: '/version', namespace: 'a' }, /needs `kind` beside it/],
  ...[
    '/api/v1/secrets',
    '/apis/apps/v1/deployments',
    '/version/../api/v1/secrets',
    '/version?x',
    'version',
    '//api/v1/secrets',
    '/%61pi/v1/secrets',
  ].map((path) => [{ verb: 'get', path }, /`path` must be a path without objects/] as const),
  ...['..', 'a/b', 'a%2fb'].map((name) => [{ verb: 'get', ...configMap, name }, /`name` must be a name without/] as const),
  [{ verb: 'get', ...configMap, name: 'a', namespace: '..' }, /`namespace` must be a name without/],
  [{ verb: 'get', apiVersion: '../v1', kind: 'A', name: 'a' }, /`apiVersion` must be an API version/],
  [{ verb: 'get', apiVersion: 'v1', kind: 'Pod', name: 'a', subresource: 'exec' }, /those that are streams .* cannot be used/],
  [{ verb: 'get', path: '/version', userAgent: 'a\r\nImpersonate-User: admin' }, /`userAgent` must hold printable/],
  [{ verb: 'get', path: '/version', headers: {} }, /unknown key `headers`/],
  [{ verb: 'watch', ...configMap }, /`verb` cannot be the text `watch`/],
])('%j is no body of it', (body, words) => {
  expect(checkBody(api, { serviceAccount: 'scout', ...body }).join('\n')).toMatch(words);
});

test.each(['/version', '/api', '/api/v1', '/apis', '/apis/apps', '/apis/apps/v1', '/healthz/ping', '/openapi/v2', '/apisomething'])(
  '%s leads to no object',
  (path) => expect(checkBody(api, { serviceAccount: 'scout', verb: 'get', path })).toEqual([]),
);

test('its plan, and what it must be allowed', () => {
  const plan = (body: object) => api.plan({ serviceAccount: 'scout', ...body });
  expect(plan({ verb: 'list', apiVersion: 'v1', kind: 'Secret', namespace: 'kube-system' })).toBe(
    'as the service account scout, list Secret in kube-system',
  );
  expect(plan({ verb: 'list', apiVersion: 'v1', kind: 'Secret', allNamespaces: true })).toBe(
    'as the service account scout, list Secret in all namespaces',
  );
  expect(plan({ verb: 'create', ...configMap, object: { metadata: { name: 'a' } }, dryRun: true })).toBe(
    'as the service account scout, create ConfigMap a, dry run',
  );
  expect(plan({ verb: 'create', apiVersion: 'v1', kind: 'Pod', name: 'a', subresource: 'eviction' })).toBe(
    'as the service account scout, create Pod/eviction a',
  );
  expect(plan({ verb: 'get', path: '/version' })).toBe('as the service account scout, get /version');
  expect(api.permissions?.({})).toEqual([{ verb: 'create', group: '', resource: 'serviceaccounts/token' }]);
});
