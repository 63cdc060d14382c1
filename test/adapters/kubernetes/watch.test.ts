// A watch survives dropped connections and expired versions, loses nothing, and stops at refusals.
import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { connectCluster } from '../../../src/adapters/kubernetes/connect.ts';
import type { Cluster } from '../../../src/ports/cluster.ts';
import { apiServer, json, refuse } from './api-server.ts';

const query = { apiVersion: 'v1', kind: 'Pod', namespace: 'n', labelSelector: 'a=b' };
const pod = (name: string, resourceVersion: string, uid = name) => ({ metadata: { name, namespace: 'n', uid, resourceVersion } });
const list = (response: ServerResponse, resourceVersion: string, items: object[], more: object = {}) =>
  json(response, 200, { kind: 'PodList', apiVersion: 'v1', metadata: { resourceVersion, ...more }, items });

/** Sends watch events; `end`: the server closes, `drop`: the connection breaks. Otherwise it stays open. */
function send(response: ServerResponse, events: [string, object][], then?: 'end' | 'drop'): void {
  response.writeHead(200, { 'Content-Type': 'application/json' });
  response.write(events.map(([type, object]) => `${JSON.stringify({ type, object })}\n`).join(''), () => {
    if (then === 'end') response.end();
    if (then === 'drop') response.destroy();
  });
}

/** Serves lists and watches from two scripts, and collects the first `count` events. */
async function collect(
  count: number,
  lists: ((response: ServerResponse) => void)[],
  watches: ((response: ServerResponse) => void)[],
): Promise<{ told: string[]; versions: (string | null)[]; error: unknown }> {
  const versions: (string | null)[] = [];
  const api = await apiServer(({ url }, response) => {
    const watching = url.searchParams.has('watch');
    if (watching) versions.push(url.searchParams.get('resourceVersion'));
    const next = (watching ? watches : lists).shift();
    if (next) next(response);
    else if (watching) send(response, []);
    else refuse(response, 500, 'the test expects no further list');
  });
  const cluster: Cluster = await connectCluster({ kubeconfig: api.kubeconfig, env: {} });
  const stop = new AbortController();
  const told: string[] = [];
  let error: unknown;
  try {
    for await (const { type, object } of cluster.watch(query, stop.signal)) {
      told.push(object ? `${type} ${object.metadata.name}@${object.metadata.resourceVersion}` : type);
      if (told.length === count) stop.abort();
    }
  } catch (thrown) {
    error = thrown;
  }
  expect(api.requests.every((request) => request.includes('/api/v1/namespaces/n/pods?') && request.includes('labelSelector=a=b'))).toBe(
    true,
  );
  return { told, versions, error };
}

test('lists in pages, then follows from the version of the list', async () => {
  const { told, versions } = await collect(
    4,
    [(response) => list(response, '10', [pod('a', '1')], { continue: 'more' }), (response) => list(response, '10', [pod('b', '2')])],
    [(response) => send(response, [['MODIFIED', pod('a', '11')]])],
  );
  expect(told).toEqual(['ADDED a@1', 'ADDED b@2', 'SYNCED', 'MODIFIED a@11']);
  expect(versions).toEqual(['10']);
});

test('goes on from the last event or bookmark when the connection ends, breaks, or fails', async () => {
  const { told, versions } = await collect(
    4,
    [(response) => list(response, '10', [])],
    [
      (response) => send(response, [['ADDED', pod('a', '11')]], 'end'),
      (response) => send(response, [['BOOKMARK', pod('', '20')]], 'drop'),
      (response) => refuse(response, 503, 'shutting down'),
      (response) => send(response, [['MODIFIED', pod('a', '21')]], 'drop'),
      (response) => send(response, [['DELETED', pod('a', '22')]]),
    ],
  );
  expect(told).toEqual(['SYNCED', 'ADDED a@11', 'MODIFIED a@21', 'DELETED a@22']);
  expect(versions).toEqual(['10', '11', '20', '20', '21']);
});

test('ends with the signal, also within a list', async () => {
  const { told, error } = await collect(1, [(response) => list(response, '10', [pod('a', '1'), pod('b', '2')])], []);
  expect({ told, error }).toEqual({ told: ['ADDED a@1'], error: undefined });
});

test.for(['as an event', 'as an answer'])('a version that expired (%s) is followed by a new list, told as a difference', async (how) => {
  const gone = { kind: 'Status', status: 'Failure', code: 410, message: 'too old resource version' };
  const { told, versions } = await collect(
    9,
    [
      (response) => list(response, '10', [pod('stays', '1'), pod('changes', '2'), pod('goes', '3'), pod('reborn', '4', 'uid-1')]),
      (response) => list(response, '30', [pod('stays', '1'), pod('changes', '25'), pod('reborn', '26', 'uid-2')]),
    ],
    [(response) => (how === 'as an event' ? send(response, [['ERROR', gone]]) : refuse(response, 410, 'too old resource version'))],
  );
  expect(told.slice(0, 5)).toEqual(['ADDED stays@1', 'ADDED changes@2', 'ADDED goes@3', 'ADDED reborn@4', 'SYNCED']);
  expect(told.slice(5)).toEqual(['DELETED goes@3', 'DELETED reborn@4', 'MODIFIED changes@25', 'ADDED reborn@26']);
  expect(versions).toEqual(['10']);
});

test.for([
  [401, 'unauthorized'],
  [403, 'forbidden'],
  [404, 'not-found'],
] as const)('%i while following throws %s', async ([status, code]) => {
  const { told, error } = await collect(9, [(response) => list(response, '10', [])], [(response) => refuse(response, status, 'no')]);
  expect(told).toEqual(['SYNCED']);
  expect(error).toMatchObject({ code });
});

test('a first list that fails throws, whatever the reason', async () => {
  const { error } = await collect(9, [(response) => refuse(response, 503, 'starting')], []);
  expect(error).toMatchObject({ code: 'server-error' });
});

test('a line that is cut between two chunks, inside a character, is one event', async () => {
  const { told } = await collect(
    2,
    [(response) => list(response, '10', [])],
    [
      (response) => {
        const line = Buffer.from(`${JSON.stringify({ type: 'ADDED', object: pod('\u00fc\u2028', '11') })}\n`);
        const at = line.indexOf(0xc3) + 1;
        response.writeHead(200);
        response.write(line.subarray(0, at));
        setTimeout(() => response.write(line.subarray(at)), 30);
      },
    ],
  );
  expect(told).toEqual(['SYNCED', 'ADDED \u00fc\u2028@11']);
});
