// The step `curl`: an HTTP request from inside a pod by its own curl, or by this tool through a port-forward to a pod.
import { type Matcher, matcherSchema, mismatch } from '../language/matcher.ts';
import { isMap } from '../language/untyped.ts';
import type { PodReference } from '../ports/cluster.ts';
import { type AnswerExpectation, answerMismatches, answerSchema } from './answer.ts';
import { checkHeaders, curlConfig, type HttpAnswer, type HttpRequest, readCurlOutput } from './curl-config.ts';
import { exampleOf } from './example.ts';
import { jsonOf } from './json.ts';
import { podPermissions, podSchema, podTargets, podText } from './pod-schema.ts';
import { requestThrough } from './port-forward-request.ts';
import { type PreventionBody, preventedSchema, preventionIn } from './prevention.ts';
import { defineStep, type PodSelector, type StepContext } from './step.ts';

type Scalar = string | number | boolean;

interface Body {
  pod: PodSelector;
  via?: 'portForward';
  port?: number;
  method?: string;
  url: string;
  query?: Record<string, Scalar>;
  headers?: Record<string, Scalar>;
  body?: Scalar;
  expect?: AnswerExpectation & { headers?: Record<string, Matcher> };
  prevented?: PreventionBody;
}

/** What came back; `problem` says why nothing, or not all, did. */
interface Exchange {
  answer: HttpAnswer;
  seconds: number;
  problem?: string;
}

const scalar = { type: ['string', 'number', 'boolean'] } as const;

const methodOf = ({ method, body }: Body): string => method ?? (body === undefined ? 'GET' : 'POST');

export const curl = defineStep<Body>({
  type: 'curl',
  summary: 'Makes an HTTP request from inside a pod, with the curl that is there.',
  otherNames: ['http', 'https', 'request', 'get', 'post', 'uri', 'fetch', 'wget'],
  defaultTimeout: 30_000,
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['pod', 'url'],
    'x-example': '{pod: attacker, url: "http://victim/"}',
    'x-instead': {
      data: 'did you mean `body`?',
      json: 'did you mean `body`? with `headers: {Content-Type: application/json}`',
      params: 'did you mean `query`?',
      uri: 'did you mean `url`?',
      address: 'did you mean `url`?',
      status: 'what should come back stands in `expect`, e.g. `expect: {status: 200}`',
    },
    dependentRequired: { via: ['port'], port: ['via'] },
    if: { required: ['via'] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { properties: { url: { type: 'string', pattern: '^/', 'x-says': 'must be a path such as `/login` beside `via`' } } },
    else: { properties: { url: { type: 'string', pattern: '^https?://[^/]', 'x-says': 'must begin with `http://` or `https://`' } } },
    properties: {
      pod: { ...podSchema, description: 'The pod whose curl makes the request; with `via`: the pod that gets it.' },
      via: {
        const: 'portForward',
        description: 'The tool itself makes the request, through the API server to `port` of the pod. It reaches no other address.',
      },
      port: { type: 'integer', minimum: 1, maximum: 65_535, description: 'Port of the pod, with `via`.' },
      method: {
        type: 'string',
        pattern: '^[A-Z]+$',
        'x-says': 'must be a method such as `GET` or `POST`',
        description: 'Method of the request. Absent: `GET`, or `POST` with a body.',
      },
      url: {
        type: 'string',
        minLength: 1,
        description: 'Where to: an http or https address; with `via`: a path. Redirects are not followed.',
      },
      query: { type: 'object', additionalProperties: scalar, description: 'Parameters that are encoded and added to the address.' },
      headers: { type: 'object', additionalProperties: scalar, 'x-example': '{Accept: text/html}', description: 'Headers of the request.' },
      body: { ...scalar, description: 'Body of the request, sent as it is. Name its type with the header `Content-Type`.' },
      expect: answerSchema({
        headers: {
          type: 'object',
          minProperties: 1,
          'x-example': '{Server: {contains: nginx}}',
          additionalProperties: matcherSchema,
          description: 'Headers of the answer, by name.',
        },
      }),
      prevented: preventedSchema({
        status: 'Status of the answer; 0 where none came.',
        body: 'Body of the answer.',
        error: 'What curl says where no whole answer came, e.g. that the connection timed out.',
      }),
    },
  },
  outputs: {
    status: { type: 'int', description: 'Status of the answer; 0 where none came.' },
    body: { type: 'string', description: 'Body of the answer as UTF-8 text, at most 1 MiB.' },
    headers: { type: 'map', description: 'Headers of the answer; names in small letters.' },
    json: { type: 'dyn', description: '`body` as a value where it is JSON, else null.' },
    time: { type: 'double', description: 'Seconds that the request took.' },
  },
  example: exampleOf(
    'curl',
    'Use a web shell',
    `
- name: Ask who the web server runs as
  id: whoami
  attack: [T1505.003, T1059.004, T1033]
  curl:
    pod: attacker
    url: http://victim/ws.php
    query: {cmd: "whoami # \${{ run.marker }}"}
    headers: {X-Sim-Token: "\${{ run.token }}"}
    expect: {status: 200, body: {contains: nginx}}
- expect-alert: {alert: web-shell-activity, of: whoami}
- name: Ask the web server from outside whether it is up
  curl: {pod: victim, via: portForward, port: 8080, url: /ready}
`,
  ),
  plan: (body) =>
    body.via === undefined
      ? `from ${podText(body.pod)}, request ${methodOf(body)} ${body.url}`
      : `through a port-forward to port ${body.port} of ${podText(body.pod)}, request ${methodOf(body)} ${body.url}`,
  // What a web shell is asked to run: parameters of that name mean nothing else in an attack.
  commands: ({ query }) =>
    Object.entries(isMap(query) ? query : {}).flatMap(([name, value]) =>
      /^(?:cmd|command|exec)$/.test(name) && typeof value === 'string' ? [{ path: ['query', name], script: value }] : [],
    ),
  permissions: ({ via, pod }) => podPermissions(via === undefined ? 'exec' : 'portforward', pod),
  targets: ({ pod }) => podTargets(pod),
  async run(body, context) {
    const pod = await context.pod(body.pod);
    const request = requestOf(body);
    const { answer, seconds, problem } =
      body.via === undefined ? await requestFrom(pod, request, context) : await requestThrough(pod, body.port ?? 0, request, context);
    const mismatches = problem === undefined ? differences(body.expect ?? {}, answer) : [problem];
    const prevented = mismatches.length === 0 ? undefined : preventionIn(body.prevented, { ...answer, error: problem ?? '' });
    return {
      outputs: { ...answer, json: jsonOf(answer.body), time: seconds },
      mismatches,
      ...(prevented === undefined ? {} : { prevented }),
    };
  },
});

function requestOf({ url, query = {}, headers = {}, body, ...rest }: Body): HttpRequest {
  const texts = (map: Record<string, Scalar>) => Object.fromEntries(Object.entries(map).map(([name, value]) => [name, String(value)]));
  const request = {
    method: methodOf({ url, ...rest, ...(body === undefined ? {} : { body }) }),
    url,
    query: texts(query),
    headers: texts(headers),
  };
  checkHeaders(request.headers);
  return { ...request, ...(body === undefined ? {} : { body: String(body) }) };
}

/** In the pod everything stands in curl's standard input: its command line is the same for all requests, and tells nothing. */
async function requestFrom(pod: PodReference, request: HttpRequest, context: StepContext): Promise<Exchange> {
  const boundary = `--${crypto.randomUUID()}`;
  // Somewhat less than the step has, so that curl ends by itself and says what it was waiting for.
  const seconds = Math.max(context.timeout - 1000, context.timeout / 2) / 1000;
  const started = context.clock.monotonic();
  const stdin = curlConfig(request, { boundary, seconds });
  try {
    const { stdout, stderr, exitCode, truncated } = await context.cluster.exec(pod, ['curl', '--config', '-'], {
      stdin,
      signal: context.signal,
    });
    const { seconds: took, ...answer } = readCurlOutput(stdout, boundary);
    if (truncated) context.note('the answer is larger than 1 MiB: only its beginning was kept');
    return {
      answer,
      seconds: took ?? (context.clock.monotonic() - started) / 1000,
      ...(exitCode === 0 ? {} : { problem: stderr.trim() || `curl: ended with exit code ${exitCode}` }),
    };
  } catch (error) {
    if (context.signal.aborted)
      context.note(`the curl in ${pod.namespace}/${pod.name} ends by itself, ${seconds} s after it began at the latest`);
    throw error;
  }
}

function differences({ headers = {}, ...expected }: NonNullable<Body['expect']>, answer: HttpAnswer): string[] {
  return [
    ...answerMismatches(expected, answer),
    ...Object.entries(headers).map(([name, matcher]) => mismatch(`header ${name}`, matcher, answer.headers[name.toLowerCase()])),
  ].filter((each) => each !== undefined);
}
