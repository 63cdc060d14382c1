// What announcements send, to whom they do not, and what is said where they are not taken.
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { announcementUrl, postAnnouncement } from '../../src/adapters/announcements.ts';

const { signal } = new AbortController();

interface Received {
  method: string | undefined;
  url: string | undefined;
  type: string | undefined;
  body: string;
}

async function listening(answer: (response: http.ServerResponse) => void = (response) => void response.writeHead(204).end()) {
  const received: Received[] = [];
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method, url, headers } = request;
    received.push({ method, url, type: headers['content-type'], body: Buffer.concat(chunks).toString() });
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

test('one POST with the announcement as JSON', async () => {
  const { received, url } = await listening();
  await postAnnouncement(`${url}/hooks/T0/B0?a=b`, { event: 'run-starting', text: 'Starting: Grüße' }, signal);
  expect(received).toEqual([
    { method: 'POST', url: '/hooks/T0/B0?a=b', type: 'application/json', body: '{"event":"run-starting","text":"Starting: Grüße"}' },
  ]);
});

test.each([
  'http://chat.example.com/hook',
  'http://127.0.0.1.example.com/',
  'http://10.0.0.1/',
  'ftp://127.0.0.1/',
  'file:///etc/passwd',
  'chat',
  '',
])('nothing goes to "%s"', async (address) => {
  const why = { code: 'configuration', message: expect.stringContaining('https:// address') };
  await expect(postAnnouncement(address, {}, signal)).rejects.toMatchObject(why);
});

test.each(['https://chat.example.com/hook', 'http://localhost:8080/', 'http://127.0.0.1/', 'http://[::1]:1/'])(
  '%s is an address for it',
  (address) => expect(announcementUrl(address).href).toBe(address),
);

test('a redirect is not followed: what was announced to one host is not for another one', async () => {
  const other = await listening();
  const { url } = await listening((response) => void response.writeHead(307, { Location: `${other.url}/elsewhere` }).end());
  await expect(postAnnouncement(url, {}, signal)).rejects.toMatchObject({ code: 'server-error', message: expect.stringContaining('307') });
  expect(other.received).toEqual([]);
});

test('what goes wrong names the host and not the path, which is a secret', async () => {
  const { url } = await listening((response) => void response.writeHead(403).end('no'));
  const refused = await postAnnouncement(`${url}/hooks/secret-path`, {}, signal).catch((error: Error) => error.message);
  expect(refused).toBe(`${new URL(url).host} did not take the announcement: HTTP 403`);
  const gone = await listening((response) => response.socket?.destroy());
  const broken = await postAnnouncement(`${gone.url}/hooks/secret-path`, {}, signal).catch((error: Error) => error.message);
  expect(broken).toMatch(/^127\.0\.0\.1:\d+ cannot be told: /);
  expect(broken).not.toContain('secret-path');
});

test('an interruption ends it with its own reason', async () => {
  const stop = new AbortController();
  const { url } = await listening(() => stop.abort(new Error('interrupted')));
  await expect(postAnnouncement(url, {}, stop.signal)).rejects.toThrow('interrupted');
});
