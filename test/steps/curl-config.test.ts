// What becomes curl's config: no value can be an option, a file or another header, and curl sends exactly what was asked.
import { execFile, spawnSync } from 'node:child_process';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import process from 'node:process';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addressOf, curlConfig, type HttpRequest, readCurlOutput } from '../../src/steps/curl-config.ts';

const boundary = '--b';
const limits = { boundary, seconds: 29 };
const get = (more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'GET',
  url: 'http://victim/ws.php',
  query: {},
  headers: {},
  ...more,
});

/** Lines of a config by curl's documented rules (curl.1, --config): `name` or `name = "value"`, with \\ \" \t \n \r \v in the quotes. */
function parseConfig(text: string): [string, string?][] {
  const escapes: Record<string, string> = { t: '\t', n: '\n', r: '\r', v: '\v' };
  return text
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => {
      const [, name, quoted] = /^([a-z-]+)(?: = "((?:[^"\\]|\\.)*)")?$/s.exec(line) ?? [];
      if (name === undefined) throw new Error(`not a line of a config: ${line}`);
      return quoted === undefined ? [name] : [name, quoted.replace(/\\(.)/gs, (_, found: string) => escapes[found] ?? found)];
    });
}

/** Text that looks for trouble: quotes, backslashes, line ends, what curl reads specially, any character but NUL. */
const nasty = fc
  .array(
    fc.oneof(
      fc.constantFrom('"', '\\', '\n', '\r\n', '\t', '\v', '@/etc/passwd', '-o', '%{http_code}', '&', '#', '?', '=', '{1,2}', '\u2028'),
      fc.string({ unit: 'grapheme' }),
    ),
  )
  .map((parts) => parts.join('').replaceAll('\0', ''));
const visible = nasty.map((text) => text.replace(/\p{Cc}/gu, ' ').trim());
const names = fc.stringMatching(/^X-[A-Za-z0-9!#$%&'*+.^_`|~-]{1,20}$/);
const map = (keys: fc.Arbitrary<string>, values: fc.Arbitrary<string>) =>
  fc.dictionary(keys, values, { maxKeys: 4, noNullPrototype: true });

test('a config says what it does', () => {
  const request = get({
    method: 'POST',
    query: { cmd: 'id; echo "a b"' },
    headers: { 'X-Sim-Token': 'abc', 'X-None': '' },
    body: '@/etc/passwd\n"',
  });
  expect(curlConfig(request, limits)).toBe(`silent
show-error
globoff
include
suppress-connect-headers
proto = "=http,https"
max-time = "29.000"
request = "POST"
url = "http://victim/ws.php?cmd=id%3B%20echo%20%22a%20b%22"
header = "X-Sim-Token: abc"
header = "X-None;"
data-raw = "@/etc/passwd\\n\\""
write-out = "\\n--b %{time_total}"
`);
});

test("read back by curl's rules, each value is whole, and there is no other option", () => {
  fc.assert(
    fc.property(nasty, map(nasty, nasty), map(names, visible), (body, query, headers) => {
      const request = get({ method: 'PUT', query, headers, body });
      const read = parseConfig(curlConfig(request, limits));
      const values = (name: string) => read.filter(([each]) => each === name).map(([, value]) => value);
      expect(values('url')).toEqual([addressOf(request)]);
      expect(values('data-raw')).toEqual(body === '' ? [] : [body]);
      const sent = Object.entries(headers).map(([name, value]) => (value === '' ? `${name};` : `${name}: ${value}`));
      expect(values('header')).toEqual(body === '' ? [...sent, 'Content-Length: 0'] : sent);
      const known = [
        'silent',
        'show-error',
        'globoff',
        'include',
        'suppress-connect-headers',
        'proto',
        'max-time',
        'request',
        'url',
        'header',
        'data-raw',
        'write-out',
      ];
      expect(read.filter(([name]) => !known.includes(name))).toEqual([]);
    }),
  );
});

test.each([
  ['a header with a line break', get({ headers: { A: 'b\r\nHost: evil' } }), 'the header `A` holds a line break'],
  ['a header named as a file', get({ headers: { '@/etc/passwd': 'b' } }), 'the header name "@/etc/passwd"'],
  ['a header name with a colon', get({ headers: { 'A: b\nurl': 'c' } }), 'characters that a name cannot have'],
  ['NUL in the body', get({ body: 'a\0b' }), 'cannot hold the character NUL'],
  ['NUL in the address', get({ url: 'http://a/\0' }), 'cannot hold the character NUL'],
  ['a body that curl cannot read', get({ body: 'x'.repeat(120_000) }), 'curl reads at most 100 KB'],
])('%s is refused', (_, request, message) => {
  expect(() => curlConfig(request, limits)).toThrow(
    expect.objectContaining({ code: 'invalid', message: expect.stringContaining(message) }),
  );
});

test.each([
  ['http://a/b', { c: 'd e', f: '&' }, 'http://a/b?c=d%20e&f=%26'],
  ['http://a/b?x=%20y', { c: '1' }, 'http://a/b?x=%20y&c=1'],
  ['http://a/b?', { c: '1' }, 'http://a/b?c=1'],
  ['http://a/b#top', { c: '\ud800' }, 'http://a/b?c=%EF%BF%BD#top'],
  ['http://a/b?x', {}, 'http://a/b?x'],
])('the query of %s with %j', (url, query, address) => expect(addressOf({ url, query })).toBe(address));

test.each([
  [
    'HTTP/1.1 200 OK\r\nA: 1\r\nB: 2\r\na: 3\r\n\r\nbody\n--b 0.012345',
    { status: 200, headers: { a: '1, 3', b: '2' }, body: 'body', seconds: 0.012345 },
  ],
  ['HTTP/1.1 100 Continue\r\n\r\nHTTP/2 201 \r\n\r\n\n--b 0,5', { status: 201, headers: {}, body: '', seconds: 0.5 }],
  [
    'HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 500 fake\r\n\r\nx\n--b 9\n--b 0.1',
    { status: 200, headers: {}, body: 'HTTP/1.1 500 fake\r\n\r\nx\n--b 9', seconds: 0.1 },
  ],
  ['HTTP/1.1 200 OK\r\n\r\ncut', { status: 200, headers: {}, body: 'cut' }],
  ['\n--b 0.001', { status: 0, headers: {}, body: '', seconds: 0.001 }],
])('the answer %j', (stdout, answer) => expect(readCurlOutput(stdout, boundary)).toEqual(answer));

const hasCurl = spawnSync('curl', ['--version']).status === 0;

describe.skipIf(!hasCurl)(`the curl of this machine${hasCurl ? '' : ' (skipped: there is none)'}`, () => {
  let server: Server;
  let asked: { method?: string | undefined; url?: string | undefined; headers: IncomingMessage['headers']; body: string }[] = [];
  let reply = { status: 200, headers: {}, body: Buffer.from('ok') };
  let base = '';

  beforeAll(async () => {
    server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      asked.push({ method: request.method, url: request.url, headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(reply.status, reply.headers).end(reply.body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => void server.close());

  /** As in the pod: nothing but the config on standard input. */
  const send = (request: HttpRequest): Promise<{ stdout: string; stderr: string }> =>
    new Promise((resolve, reject) => {
      const env = { PATH: process.env.PATH, HOME: '/nonexistent' };
      const child = execFile('curl', ['--config', '-'], { env }, (error, stdout, stderr) => {
        if (error?.code === 'ENOENT') reject(error);
        else resolve({ stdout, stderr });
      });
      child.stdin?.end(curlConfig(request, limits));
    });

  test('sends exactly what was asked', { timeout: 60_000 }, async () => {
    // Node's server takes header values as Latin-1, and knows no other characters in them.
    const latin = visible.map((text) => text.replace(/[^\x20-\x7e]/g, '').trim());
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'),
        nasty,
        map(nasty, nasty),
        map(names, latin),
        async (method, body, query, headers) => {
          asked = [];
          const { stdout, stderr } = await send({
            method,
            url: `${base}/a%20b/[x]{y}`,
            query,
            headers,
            ...(method === 'GET' ? {} : { body }),
          });
          expect(stderr).toBe('');
          expect(readCurlOutput(stdout, boundary)).toMatchObject({ status: 200, body: 'ok', seconds: expect.any(Number) });
          const [seen, ...more] = asked;
          expect(more).toEqual([]);
          expect(seen).toMatchObject({ method, body: method === 'GET' ? '' : body.toWellFormed() });
          const url = new URL(seen?.url ?? '', base);
          expect(seen?.url?.startsWith('/a%20b/[x]{y}')).toBe(true);
          expect([...url.searchParams]).toEqual(Object.entries(query).map((pair) => pair.map((text) => text.toWellFormed())));
          for (const [name, value] of Object.entries(headers)) expect(seen?.headers[name.toLowerCase()]).toBe(value);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('takes any body apart from the rest: with line ends, without, and in bytes that are no text', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          nasty.map((text) => Buffer.from(text)),
          fc.uint8Array().map((bytes) => Buffer.from(bytes)),
        ),
        async (body) => {
          reply = { status: 404, headers: { 'X-Twice': ['a', 'b'], 'Content-Type': 'text/plain' }, body };
          const answer = readCurlOutput((await send(get({ url: base }))).stdout, boundary);
          expect(answer).toMatchObject({
            status: 404,
            body: body.toString(),
            headers: { 'x-twice': 'a, b', 'content-type': 'text/plain' },
          });
        },
      ),
      { numRuns: 30 },
    );
  });

  test('HEAD has no body and does not wait for one; a redirect is not followed', async () => {
    reply = { status: 302, headers: { Location: `${base}/other`, 'Content-Length': '5' }, body: Buffer.from('hello') };
    asked = [];
    expect(readCurlOutput((await send(get({ method: 'HEAD', url: base }))).stdout, boundary)).toMatchObject({ status: 302, body: '' });
    expect(readCurlOutput((await send(get({ url: base }))).stdout, boundary)).toMatchObject({ status: 302, body: 'hello' });
    expect(asked.map(({ method, url }) => `${method} ${url}`)).toEqual(['HEAD /', 'GET /']);
  });

  test.each(['file:///etc/passwd', 'gopher://127.0.0.1:1/x'])('%s is no address', async (url) => {
    const { stdout, stderr } = await send(get({ url }));
    expect(stderr).toMatch(/^curl: \(1\) Protocol .*(not supported|disabled)/);
    expect(readCurlOutput(stdout, boundary)).toMatchObject({ status: 0, body: '' });
  });
});
