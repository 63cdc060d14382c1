// A request as curl's config file, and curl's answer taken apart. Values are quoted here, so that none can become an option or another header.
import { Failure } from '../ports/failure.ts';

export interface HttpRequest {
  method: string;
  url: string;
  query: Readonly<Record<string, string>>;
  headers: Readonly<Record<string, string>>;
  body?: string;
}

export interface HttpAnswer {
  /** 0 where no answer came. */
  status: number;
  /** By name in small letters; repeated ones are joined with a comma. */
  headers: Record<string, string>;
  body: string;
}

/** A token of RFC 9110, section 5.6.2: `@` is none, so that curl cannot take a header for the name of a file with headers. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const CONTROL = /(?!\t)\p{Cc}/u;
/** Older versions of curl refuse a config with a longer line (MAX_CONFIG_LINE_LENGTH). */
const LONGEST_LINE = 100_000;

/** The address with the query encoded and added; what stands in it already stays as it is. */
export function addressOf({ url, query }: Pick<HttpRequest, 'url' | 'query'>): string {
  const encode = (text: string) => encodeURIComponent(text.toWellFormed());
  const added = Object.entries(query).map(([name, value]) => `${encode(name)}=${encode(value)}`);
  if (added.length === 0) return url;
  const [address = '', ...fragment] = url.split('#');
  const mark = !address.includes('?') ? '?' : /[?&]$/.test(address) ? '' : '&';
  return [`${address}${mark}${added.join('&')}`, ...fragment].join('#');
}

/** Throws Failure invalid for a header that HTTP does not allow: it would be dropped, or become two. */
export function checkHeaders(headers: HttpRequest['headers']): void {
  for (const [name, value] of Object.entries(headers)) {
    if (!HEADER_NAME.test(name))
      throw new Failure('invalid', `the header name ${JSON.stringify(name)} holds characters that a name cannot have`);
    if (CONTROL.test(value)) throw new Failure('invalid', `the header \`${name}\` holds a line break or another control character`);
  }
}

/**
 * The text for `curl --config -` (curl.se/docs/manpage.html, -K). curl follows no redirects, keeps to http and https, reads no file, and prints
 * the answer's headers, its body, and last a line with `boundary`. Throws Failure invalid for values that a config cannot carry.
 */
export function curlConfig(request: HttpRequest, { boundary, seconds }: { boundary: string; seconds: number }): string {
  const { method, headers, body } = request;
  checkHeaders(headers);
  const lines = [
    'silent',
    'show-error',
    'globoff',
    'include',
    'suppress-connect-headers',
    option('proto', '=http,https'),
    option('max-time', seconds.toFixed(3)),
    // curl would wait for the body of an answer to HEAD that it sends as a mere word.
    method === 'HEAD' ? 'head' : option('request', method),
    option('url', addressOf(request)),
    ...Object.entries(headers).map(([name, value]) => option('header', value.trim() === '' ? `${name};` : `${name}: ${value}`)),
    // `data-raw`, because `data` takes `@name` for a file. An empty one counts as missing.
    ...(body === undefined ? [] : body === '' ? [option('header', 'Content-Length: 0')] : [option('data-raw', body)]),
    option('write-out', `\n${boundary} %{time_total}`),
  ];
  for (const line of lines) {
    if (line.includes('\0')) throw new Failure('invalid', 'a request through curl cannot hold the character NUL');
    if (new TextEncoder().encode(line).length > LONGEST_LINE)
      throw new Failure('invalid', `curl reads at most ${LONGEST_LINE / 1000} KB for one value, but a value of this request is longer`);
  }
  return `${lines.join('\n')}\n`;
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\v': '\\v' };

const option = (name: string, value: string): string =>
  `${name} = "${value.replace(/[\\"\n\r\t\v]/g, (found) => ESCAPES[found] ?? found)}"`;

/** What curl printed, by the config above. `seconds` is missing where the output was cut. */
export function readCurlOutput(stdout: string, boundary: string): HttpAnswer & { seconds?: number } {
  const end = stdout.lastIndexOf(`\n${boundary} `);
  // Some languages write a decimal comma.
  const seconds =
    end === -1
      ? Number.NaN
      : Number(
          stdout
            .slice(end + boundary.length + 2)
            .trim()
            .replace(',', '.'),
        );
  const answer = readAnswer(end === -1 ? stdout : stdout.slice(0, end));
  return { ...answer, ...(Number.isNaN(seconds) ? {} : { seconds }) };
}

/** Answers of status 1xx come before the one that counts (RFC 9110, section 15.2); 101 is the last. */
function readAnswer(text: string): HttpAnswer {
  let rest = text;
  for (;;) {
    const [head, status] = /^HTTP\/[\d.]+ (\d{3})[^\n]*\n/.exec(rest) ?? [];
    const blank = /\r?\n\r?\n/.exec(rest);
    if (head === undefined || blank === null) return { status: 0, headers: {}, body: rest };
    const body = rest.slice(blank.index + blank[0].length);
    if (status?.startsWith('1') && status !== '101') rest = body;
    else return { status: Number(status), headers: readHeaders(rest.slice(head.length, blank.index)), body };
  }
}

function readHeaders(text: string): Record<string, string> {
  const headers: Record<string, string> = Object.create(null);
  for (const line of text.split(/\r?\n/)) {
    const [, name = '', value = ''] = /^([^:]+):\s*(.*?)\s*$/.exec(line) ?? [];
    const key = name.toLowerCase();
    if (key !== '') headers[key] = headers[key] === undefined ? value : `${headers[key]}, ${value}`;
  }
  return headers;
}
