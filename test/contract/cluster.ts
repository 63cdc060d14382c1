// What every Cluster must do: run against the fake (unit tests) and against a real cluster (test/cluster).
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApiCall, Cluster, KubernetesObject, PodReference, WatchEvent } from '../../src/ports/cluster.ts';

export interface ClusterUnderTest {
  cluster: Cluster;
  /** An image with sh, cat, echo, printf, true, false and sleep; undefined leaves out the tests that need running pods. */
  image: string | undefined;
  /** Makes a pod print lines where its own program cannot (the fake's). */
  print?(pod: PodReference, lines: string[]): void;
}

const WAIT = 60_000;

/** Registers the tests. Each works in a namespace of its own, and takes it away. */
export function clusterContract(name: string, open: () => Promise<ClusterUnderTest>, { pods = true } = {}): void {
  describe(`${name} keeps the contract of a cluster`, { timeout: WAIT }, () => {
    const namespace = `sim-contract-${randomBytes(4).toString('hex')}`;
    const signal = new AbortController().signal;
    let under: ClusterUnderTest;
    let cluster: Cluster;

    const configMap = (name: string, data: Record<string, string> = {}, labels: Record<string, string> = {}): KubernetesObject => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace, labels },
      data,
    });
    const reference = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', name, namespace });

    beforeAll(async () => {
      under = await open();
      cluster = under.cluster;
      await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, {}, signal);
    }, WAIT);
    afterAll(async () => {
      await cluster?.delete({ apiVersion: 'v1', kind: 'Namespace', name: namespace }, {}, signal);
    }, WAIT);

    test('says its version and platform', async () => {
      const version = await cluster.version(signal);
      expect(version.gitVersion).toMatch(/^v\d/);
      expect(version.platform).toMatch(/^linux\//);
    });

    test('an object that is not there is undefined', async () => {
      expect(await cluster.get(reference('nothing'), signal)).toBeUndefined();
    });

    test('what was applied can be read and listed by label, with its type', async () => {
      const applied = await cluster.apply(configMap('one', { a: '1' }, { group: 'listed' }), {}, signal);
      expect(applied.metadata.uid).toBeTruthy();
      expect(await cluster.get(reference('one'), signal)).toMatchObject({ data: { a: '1' }, metadata: { uid: applied.metadata.uid } });
      const query = { apiVersion: 'v1', kind: 'ConfigMap', labelSelector: 'group=listed' };
      for (const scope of [{}, { namespace }]) {
        const found = (await cluster.list({ ...query, ...scope }, signal)).filter((it) => it.metadata.namespace === namespace);
        expect(found).toMatchObject([{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'one' } }]);
      }
      expect(await cluster.list({ ...query, namespace, labelSelector: 'group notin (listed),group' }, signal)).toEqual([]);
      expect(await cluster.list({ ...query, namespace, fieldSelector: 'metadata.name=one' }, signal)).toHaveLength(1);
    });

    test('applying again changes the same object', async () => {
      const first = await cluster.apply(configMap('again', { a: '1' }), {}, signal);
      const second = await cluster.apply(configMap('again', { b: '2' }), { force: true }, signal);
      expect(second.metadata.uid).toBe(first.metadata.uid);
      expect(second.data).toEqual({ b: '2' });
    });

    test('creating makes an object that is not there, and applies to one that is', async () => {
      const first = await cluster.apply(configMap('made', { a: '1' }), { creating: true }, signal);
      const second = await cluster.apply(configMap('made', { a: '1', b: '2' }), { creating: true }, signal);
      const third = await cluster.apply(configMap('made', { a: '3', b: '2' }), { force: true }, signal);
      expect([second, third].map(({ metadata }) => metadata.uid)).toEqual([first.metadata.uid, first.metadata.uid]);
      expect((await cluster.get(reference('made'), signal))?.data).toEqual({ a: '3', b: '2' });
    });

    test('a dry run stores nothing', async () => {
      expect(await cluster.apply(configMap('dry'), { dryRun: true }, signal)).toMatchObject({ metadata: { name: 'dry' } });
      expect(await cluster.get(reference('dry'), signal)).toBeUndefined();
    });

    test.for([
      ['a namespace that is not there', 'not-found', { metadata: { name: 'x', namespace: 'sim-contract-none' } }],
      ['no name', 'invalid', { metadata: { namespace: 'default' } }],
      ['no namespace', 'invalid', { metadata: { name: 'x' } }],
      ['a kind that is not served', 'not-found', { kind: 'Unheard', metadata: { name: 'x', namespace: 'default' } }],
    ] as const)('applying with %s fails with %s', async ([, code, change]) => {
      await expect(cluster.apply({ apiVersion: 'v1', kind: 'ConfigMap', ...change } as KubernetesObject, {}, signal)).rejects.toMatchObject(
        { code },
      );
    });

    test('an object of a kind that is not served does not exist, and cannot be listed', async () => {
      const unheard = { apiVersion: 'example.com/v1', kind: 'Unheard' };
      expect(await cluster.get({ ...unheard, name: 'x', namespace }, signal)).toBeUndefined();
      expect(await cluster.delete({ ...unheard, name: 'x', namespace }, {}, signal)).toBe(false);
      await expect(cluster.list(unheard, signal)).rejects.toMatchObject({ code: 'not-found' });
    });

    test('deletes once, and only the object with the given UID', async () => {
      const { metadata } = await cluster.apply(configMap('short'), {}, signal);
      expect(await cluster.delete({ ...reference('short'), uid: 'another' }, {}, signal)).toBe(false);
      expect(await cluster.get(reference('short'), signal)).toBeDefined();
      expect(await cluster.delete({ ...reference('short'), uid: metadata.uid ?? '' }, {}, signal)).toBe(true);
      await gone(cluster, reference('short'));
      expect(await cluster.delete(reference('short'), {}, signal)).toBe(false);
    });

    test('a finalizer holds an object that is deleted', async () => {
      const held = configMap('held');
      await cluster.apply({ ...held, metadata: { ...held.metadata, finalizers: ['kubesim.test/hold'] } }, {}, signal);
      expect(await cluster.delete(reference('held'), {}, signal)).toBe(true);
      expect((await cluster.get(reference('held'), signal))?.metadata.deletionTimestamp).toBeTruthy();
      await cluster.apply(held, { force: true }, signal);
      await gone(cluster, reference('held'));
    });

    test('a watch tells what is there, that it is synced, and what happens; then ends quietly', async () => {
      await cluster.apply(configMap('w-old', {}, { watched: 'yes' }), {}, signal);
      await cluster.apply(configMap('w-other', {}, { watched: 'no' }), {}, signal);
      const stop = new AbortController();
      const query = { apiVersion: 'v1', kind: 'ConfigMap', namespace, labelSelector: 'watched=yes' };
      const told: string[] = [];
      const changes: (() => Promise<unknown>)[] = [
        () => cluster.apply(configMap('w-new', {}, { watched: 'yes' }), {}, signal),
        () => cluster.apply(configMap('w-new', { a: '1' }, { watched: 'yes' }), {}, signal),
        // Stops matching: for this watch it is gone.
        () => cluster.apply(configMap('w-new', { a: '1' }, { watched: 'no' }), { force: true }, signal),
        () => cluster.delete(reference('w-old'), {}, signal),
      ];
      for await (const { type, object } of cluster.watch(query, stop.signal)) {
        // The fake marks an object as deleted before it takes it out; the API server may do so too.
        if (type === 'MODIFIED' && object?.metadata.deletionTimestamp) continue;
        told.push(`${type} ${object?.metadata.name ?? ''}`.trim());
        if (type === 'ADDED' && object?.metadata.name === 'w-old') continue;
        const change = changes.shift();
        if (change) await change();
        else stop.abort();
      }
      expect(told).toEqual(['ADDED w-old', 'SYNCED', 'ADDED w-new', 'MODIFIED w-new', 'DELETED w-new', 'DELETED w-old']);
    });

    test('a watch whose signal has aborted ends at once', async () => {
      const events: WatchEvent[] = [];
      for await (const event of cluster.watch({ apiVersion: 'v1', kind: 'ConfigMap', namespace }, AbortSignal.abort())) events.push(event);
      expect(events).toEqual([]);
    });

    test('a call rejects with the reason of its signal', async () => {
      const reason = new Error('enough');
      await expect(cluster.get(reference('one'), AbortSignal.abort(reason))).rejects.toBe(reason);
    });

    test('a deleted namespace takes no new content, and takes its content along', async () => {
      const name = `${namespace}-brief`;
      const inside = { ...configMap('inside'), metadata: { name: 'inside', namespace: name } };
      await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, {}, signal);
      await cluster.apply(inside, {}, signal);
      expect(await cluster.delete({ apiVersion: 'v1', kind: 'Namespace', name }, {}, signal)).toBe(true);
      const late = { ...inside, metadata: { ...inside.metadata, name: 'late' } };
      await expect(cluster.apply(late, {}, signal)).rejects.toMatchObject({ code: expect.stringMatching(/^(conflict|not-found)$/) });
      await gone(cluster, { apiVersion: 'v1', kind: 'ConfigMap', name: 'inside', namespace: name });
      await gone(cluster, { apiVersion: 'v1', kind: 'Namespace', name });
    });

    test('says what is allowed, and which kinds there are', async () => {
      expect(await cluster.canI({ verb: 'create', group: '', resource: 'pods/exec', namespace }, signal)).toMatchObject({ allowed: true });
      const resources = await cluster.resources(signal);
      expect(resources).toContainEqual(
        expect.objectContaining({ apiVersion: 'v1', kind: 'Namespace', resource: 'namespaces', namespaced: false }),
      );
      expect(resources).toContainEqual(expect.objectContaining({ apiVersion: 'apps/v1', kind: 'Deployment', namespaced: true }));
      expect(resources.filter(({ resource, verbs }) => resource.includes('/') || !verbs.includes('list'))).toEqual([]);
    });

    test('knows a kind that cannot be listed, and says where there is none', async () => {
      const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
      expect(await cluster.resource(review, signal)).toMatchObject({
        resource: 'selfsubjectreviews',
        namespaced: false,
        verbs: ['create'],
      });
      expect(await cluster.resource({ apiVersion: 'v1', kind: 'Secret' }, signal)).toMatchObject({ resource: 'secrets', namespaced: true });
      expect(await cluster.resource({ apiVersion: 'example.com/v1', kind: 'Unheard' }, signal)).toBeUndefined();
    });

    describe('as a service account', () => {
      const account = { namespace, name: 'reader' };
      const secrets = `/api/v1/namespaces/${namespace}/secrets`;
      const ask = (call: Partial<ApiCall> = {}) =>
        cluster.requestAs(account, { method: 'GET', path: secrets, userAgent: 'sim/contract', signal, ...call });
      const secret = (name: string) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData: { a: 'b' } });

      beforeAll(async () => {
        await cluster.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: account }, {}, signal);
      });

      test('it is that account, and nobody else', async () => {
        const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
        const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
        const { status, body, truncated, headers } = await ask({ method: 'POST', path, body: review });
        expect({ status, truncated, type: headers['content-type'] }).toEqual({ status: 201, truncated: false, type: 'application/json' });
        expect(JSON.parse(body)).toMatchObject({ status: { userInfo: { username: `system:serviceaccount:${namespace}:reader` } } });
      });

      test('what it may not do is an answer', async () => {
        const { status, body } = await ask();
        expect(status).toBe(403);
        expect(JSON.parse(body)).toMatchObject({
          kind: 'Status',
          message: `secrets is forbidden: User "system:serviceaccount:${namespace}:reader" cannot list resource "secrets" in API group "" in the namespace "${namespace}"`,
        });
      });

      test('what it may do is done', async () => {
        const rbac = 'rbac.authorization.k8s.io';
        const rules = [{ apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list', 'create', 'patch', 'delete'] }];
        const role = { apiVersion: `${rbac}/v1`, kind: 'Role', metadata: { name: 'reader', namespace }, rules };
        const roleRef = { apiGroup: rbac, kind: 'Role', name: 'reader' };
        await cluster.apply(role, {}, signal);
        await cluster.apply(
          { ...role, kind: 'RoleBinding', rules: undefined, roleRef, subjects: [{ kind: 'ServiceAccount', ...account }] },
          {},
          signal,
        );
        // The authoriser learns of a binding a moment later.
        while ((await ask()).status === 403) await new Promise((resolve) => setTimeout(resolve, 50));
        expect(await ask({ method: 'POST', query: { dryRun: 'All' }, body: secret('dry') })).toMatchObject({ status: 201 });
        expect(await ask({ path: `${secrets}/dry` })).toMatchObject({ status: 404 });
        expect(await ask({ method: 'POST', body: secret('one') })).toMatchObject({ status: 201 });
        expect(await ask({ method: 'POST', body: secret('one') })).toMatchObject({ status: 409 });
        const patch = { method: 'PATCH', contentType: 'application/merge-patch+json', body: { metadata: { labels: { a: 'b' } } } } as const;
        expect(await ask({ ...patch, path: `${secrets}/one` })).toMatchObject({ status: 200 });
        expect(JSON.parse((await ask({ path: `${secrets}/one` })).body)).toMatchObject({ metadata: { name: 'one', labels: { a: 'b' } } });
        expect(JSON.parse((await ask()).body)).toMatchObject({ kind: 'SecretList', items: [{ metadata: { name: 'one' } }] });
        expect(await ask({ method: 'DELETE', path: `${secrets}/one` })).toMatchObject({ status: 200 });
        await gone(cluster, { apiVersion: 'v1', kind: 'Secret', name: 'one', namespace });
      });

      test('a path without objects, and no more of the answer than is wanted', async () => {
        expect(await ask({ path: '/version', limit: 5 })).toMatchObject({
          status: 200,
          body: expect.stringMatching(/^.{5}$/s),
          truncated: true,
        });
      });

      test('an account that is not there is not-found', async () => {
        const call = { method: 'GET', path: '/version', userAgent: 'sim', signal } as const;
        await expect(cluster.requestAs({ namespace, name: 'nobody' }, call)).rejects.toMatchObject({ code: 'not-found' });
      });

      test('a request rejects with the reason of its signal', async () => {
        const reason = new Error('enough');
        await expect(ask({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
      });
    });

    test('exec in a pod that is not there is not-found', async () => {
      await expect(cluster.exec({ namespace, name: 'nobody' }, ['true'], { signal })).rejects.toMatchObject({ code: 'not-found' });
    });

    test('a request to a pod that is not there is not-found', async () => {
      const request = { method: 'GET', path: '/', signal };
      await expect(cluster.request({ namespace, name: 'nobody' }, 80, request)).rejects.toMatchObject({ code: 'not-found' });
    });

    describe.skipIf(!pods)('with a running pod', () => {
      const pod: PodReference = { namespace, name: 'worker', container: 'main' };
      const exec = (command: string[], options: object = {}) => cluster.exec(pod, command, { signal, ...options });

      beforeAll(async () => {
        await cluster.apply(
          {
            apiVersion: 'v1',
            kind: 'Pod',
            metadata: { name: pod.name, namespace },
            spec: {
              terminationGracePeriodSeconds: 0,
              containers: [
                {
                  name: 'main',
                  image: under.image,
                  imagePullPolicy: 'IfNotPresent',
                  command: ['sh', '-c', 'echo "first line"; echo "zweite \u00fc\u2028Zeile"; exec sleep 600'],
                },
              ],
            },
          },
          {},
          signal,
        );
        await ready(cluster, pod);
        under.print?.(pod, ['first line', 'zweite \u00fc\u2028Zeile']);
      }, WAIT);

      test('runs a program with its arguments as they are', async () => {
        const result = await exec(
          ['printf', '%s', 'a b;$HOME "c" \u00fc\u{1F600}'].filter((it) => under.image !== undefined || it !== '%s'),
        );
        expect(result).toEqual({ stdout: 'a b;$HOME "c" \u00fc\u{1F600}', stderr: '', exitCode: 0, truncated: false });
      });

      test('passes standard input through, however large', async () => {
        const input = '\u00e4\u20ac\u{1F600}x'.repeat(60_000);
        const heard: string[] = [];
        const onOutput = (_: string, text: string) => heard.push(text);
        const result = await exec(['cat'], { stdin: input, limit: 2_000_000, onOutput });
        expect(result.stdout === input).toBe(true);
        expect(heard.join('') === input).toBe(true);
      });

      test('keeps output up to the limit, without half a character', async () => {
        expect(await exec(['cat'], { stdin: 'ab\u20accd', limit: 4 })).toEqual({ stdout: 'ab', stderr: '', exitCode: 0, truncated: true });
        expect(await exec(['cat'], { stdin: 'ab\u20ac', limit: 5 })).toMatchObject({ stdout: 'ab\u20ac', truncated: false });
      });

      test('a program that ends without reading its input is no failure', async () => {
        // More than a pipe holds (64 KiB) and containerd 1.6 waits now and then for somebody to read it: only the time limit ends that.
        expect(await exec(['false'], { stdin: 'x'.repeat(60_000) })).toMatchObject({ exitCode: 1 });
      });

      test('an exit code other than 0 is a result', async () => {
        expect(await exec(['false'])).toEqual({ stdout: '', stderr: '', exitCode: 1, truncated: false });
      });

      test('a program that does not exist is command-not-found', async () => {
        await expect(exec(['no-such-program', '-v'])).rejects.toMatchObject({
          code: 'command-not-found',
          message: expect.stringContaining('no-such-program'),
        });
      });

      test('aborting rejects with the reason', async () => {
        const stop = new AbortController();
        const reason = new Error('enough');
        const running = exec(['sleep', '600'], { signal: stop.signal });
        setTimeout(() => stop.abort(reason), 200);
        await expect(running).rejects.toBe(reason);
      });

      test('a request to a port where nothing listens has no answer, and says why', async () => {
        const answer = await cluster.request(pod, 81, { method: 'GET', path: '/', signal });
        expect(answer).toEqual({ status: 0, headers: {}, body: '', truncated: false, problem: expect.stringContaining('refused') });
      });

      test('a request rejects with the reason of its signal', async () => {
        const reason = new Error('enough');
        await expect(cluster.request(pod, 81, { method: 'GET', path: '/', signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
      });

      test('reads the log in lines, and follows it until the signal', async () => {
        const lines: string[] = [];
        for await (const line of cluster.logs(pod, { signal })) lines.push(line);
        expect(lines).toEqual(['first line', 'zweite \u00fc\u2028Zeile']);
        const stop = new AbortController();
        const followed: string[] = [];
        for await (const line of cluster.logs(pod, { follow: true, signal: stop.signal })) {
          followed.push(line);
          if (followed.length === 2) setTimeout(() => stop.abort(), 50);
        }
        expect(followed).toEqual(lines);
      });

      test('reads as much of the log as is asked for', async () => {
        const read = async (options: object) => {
          const lines: string[] = [];
          for await (const line of cluster.logs(pod, { signal, ...options })) lines.push(line);
          return lines;
        };
        expect(await read({ tailLines: 1 })).toEqual(['zweite \u00fc\u2028Zeile']);
        expect(await read({ tailLines: 0 })).toEqual([]);
        expect(await read({ sinceSeconds: 3600, tailLines: 9 })).toHaveLength(2);
        await expect(read({ previous: true })).rejects.toMatchObject({ code: 'not-found' });
      });

      test('exec in a pod that has ended is pod-failed', async () => {
        const ended = { namespace, name: 'ended' };
        const spec = {
          restartPolicy: 'Never',
          containers: [{ name: 'main', image: under.image, imagePullPolicy: 'IfNotPresent', command: ['true'] }],
        };
        await cluster.apply(
          { apiVersion: 'v1', kind: 'Pod', metadata: { ...ended, annotations: { 'kubesim.test/phase': 'Succeeded' } }, spec },
          {},
          signal,
        );
        await phase(cluster, ended, 'Succeeded');
        await expect(cluster.exec(ended, ['true'], { signal })).rejects.toMatchObject({ code: 'pod-failed' });
      });
    });
  });
}

async function gone(cluster: Cluster, reference: Parameters<Cluster['get']>[0]): Promise<void> {
  const signal = new AbortController().signal;
  const stop = new AbortController();
  const { apiVersion, kind, name, namespace } = reference;
  const query = { apiVersion, kind, fieldSelector: `metadata.name=${name}`, ...(namespace === undefined ? {} : { namespace }) };
  for await (const _ of cluster.watch(query, stop.signal)) {
    if ((await cluster.get(reference, signal)) === undefined) stop.abort();
  }
}

async function ready(cluster: Cluster, pod: PodReference): Promise<void> {
  await until(cluster, pod, (status) => status.conditions?.some((it) => it.type === 'Ready' && it.status === 'True') === true);
}

async function phase(cluster: Cluster, pod: PodReference, wanted: string): Promise<void> {
  await until(cluster, pod, (status) => status.phase === wanted);
}

async function until(
  cluster: Cluster,
  { namespace, name }: PodReference,
  holds: (status: { phase?: string; conditions?: { type: string; status: string }[] }) => boolean,
): Promise<void> {
  const stop = new AbortController();
  for await (const { object } of cluster.watch(
    { apiVersion: 'v1', kind: 'Pod', namespace, fieldSelector: `metadata.name=${name}` },
    stop.signal,
  )) {
    if (object && holds((object.status ?? {}) as object)) stop.abort();
  }
}
