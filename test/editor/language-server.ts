// The real yaml-language-server over stdio, as an editor drives it: the Language Server Protocol, as much of it as completing, explaining
// and checking take (microsoft.github.io/language-server-protocol).
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { execPath } from 'node:process';
import type { Readable, Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';

interface Position {
  line: number;
  character: number;
}

/** A finding as editors underline it. */
export interface EditorFinding {
  range: { start: Position; end: Position };
  message: string;
}

export interface Completion {
  label: string;
  insertText?: string;
  documentation?: string | { value: string };
}

interface Message {
  id?: number;
  method?: string;
  params?: unknown;
  result?: unknown;
  error?: { message: string };
}

/** A file as it stands in the editor. */
export interface OpenFile {
  /** What is wrong in it. */
  findings: EditorFinding[];
  complete(position: Position): Promise<Completion[]>;
  hover(position: Position): Promise<string>;
}

export interface LanguageServer {
  /** Opens a new file in this folder (of the server's) with this text. */
  open(folder: string, text: string): Promise<OpenFile>;
  stop(): Promise<void>;
}

const require = createRequire(import.meta.url);
const program = require.resolve('yaml-language-server/bin/yaml-language-server');

/** The settings of an editor that knows no schemas of its own and asks no network for any. */
const SETTINGS = {
  yaml: { schemaStore: { enable: false }, kubernetesCRDStore: { enable: false }, validate: true, hover: true, completion: true },
};

export async function startLanguageServer(folder: string): Promise<LanguageServer> {
  const server = spawn(execPath, [program, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'], cwd: folder });
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  const checked = new Map<string, (findings: EditorFinding[]) => void>();
  let last = 0;
  let opened = 0;
  const send = (message: Message) => write(server, message);
  const request = (method: string, params: unknown) =>
    new Promise<unknown>((resolve, reject) => {
      last++;
      waiting.set(last, { resolve, reject });
      send({ id: last, method, params });
    });
  readMessages(server.stdout, ({ id, method, params, result, error }) => {
    if (method === 'textDocument/publishDiagnostics') {
      const { uri, diagnostics } = params as { uri: string; diagnostics: EditorFinding[] };
      checked.get(uri)?.(diagnostics);
    } else if (method === 'workspace/configuration') {
      const { items } = params as { items: { section: string }[] };
      send({ id: id as number, result: items.map(({ section }) => (SETTINGS as Record<string, unknown>)[section] ?? {}) });
    } else if (method !== undefined && id !== undefined) send({ id, result: null });
    else if (id !== undefined) {
      if (error === undefined) waiting.get(id)?.resolve(result);
      else waiting.get(id)?.reject(new Error(error.message));
      waiting.delete(id);
    }
  });
  await request('initialize', {
    processId: null,
    rootUri: pathToFileURL(folder).href,
    capabilities: {
      workspace: { configuration: true },
      textDocument: {
        completion: { completionItem: { snippetSupport: true, documentationFormat: ['markdown', 'plaintext'] } },
        hover: { contentFormat: ['markdown'] },
      },
    },
  });
  send({ method: 'initialized', params: {} });
  send({ method: 'workspace/didChangeConfiguration', params: { settings: SETTINGS } });

  return {
    async open(inside, text) {
      opened++;
      const uri = pathToFileURL(join(folder, inside, `draft-${opened}.yaml`)).href;
      const at = (position: Position) => ({ textDocument: { uri }, position });
      const findings = await new Promise<EditorFinding[]>((resolve) => {
        checked.set(uri, resolve);
        send({ method: 'textDocument/didOpen', params: { textDocument: { uri, languageId: 'yaml', version: 1, text } } });
      });
      return {
        findings,
        async complete(position) {
          const answer = await request('textDocument/completion', at(position));
          return (answer as { items: Completion[] } | null)?.items ?? [];
        },
        async hover(position) {
          const answer = await request('textDocument/hover', at(position));
          return (answer as { contents: { value: string } } | null)?.contents.value ?? '';
        },
      };
    },
    async stop() {
      const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
      await request('shutdown', null);
      send({ method: 'exit' });
      await ended;
    },
  };
}

function write({ stdin }: ChildProcessByStdio<Writable, Readable, null>, message: Message): void {
  const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }));
  stdin.write(`Content-Length: ${body.length}\r\n\r\n`);
  stdin.write(body);
}

/** Messages are framed as in HTTP: a header with the length, an empty line, the body. */
function readMessages(stream: Readable, take: (message: Message) => void): void {
  let pending = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    for (;;) {
      const end = pending.indexOf('\r\n\r\n');
      const length = Number(/Content-Length: (\d+)/i.exec(pending.subarray(0, Math.max(end, 0)).toString())?.[1]);
      if (end < 0 || pending.length < end + 4 + length) return;
      take(JSON.parse(pending.subarray(end + 4, end + 4 + length).toString()) as Message);
      pending = pending.subarray(end + 4 + length);
    }
  });
}
