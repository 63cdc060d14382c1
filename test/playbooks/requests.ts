// Reads what a playbook of ours would send to the victim, in each mode, without running it.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { evaluate, resolveVariables } from '../../src/language/expression.ts';
import type { Matcher } from '../../src/language/matcher.ts';

export interface Request {
  id: string;
  attack: string[];
  pod: string;
  url: string;
  command: string;
  headers: Record<string, string>;
  expect: { status: number; body: Matcher };
}

interface RawStep {
  id?: string;
  attack?: string[];
  when?: string;
  uses?: string;
  with?: Record<string, unknown>;
  curl?: { pod: string; url: string; query: { cmd: string }; headers: Record<string, string>; expect: Request['expect'] };
  'expect-alert'?: { alert: string; of: string[] };
}

interface RawPlaybook {
  metadata: { name: string };
  inputs: Record<string, { default?: unknown; values?: string[] }>;
  variables?: Record<string, unknown>;
  steps: RawStep[];
}

export type Mode = 'split' | 'faithful';
export const modes: Mode[] = ['split', 'faithful'];

const anyRun = { id: 'k3x9', token: '0123456789abcdef0123456789abcdef' };

export const readPlaybook = (name: string): RawPlaybook =>
  parse(readFileSync(new URL(`../../playbooks/${name}.yaml`, import.meta.url), 'utf8')) as RawPlaybook;

/** The web shell's requests of one mode, all expressions resolved. Conditions on earlier outputs are taken to hold. */
export function requestsOf(playbook: RawPlaybook, mode: Mode, { id, token } = anyRun): Request[] {
  const marker = `sim-${id}`;
  const scope = { inputs: { mode }, run: { id, token, marker, namespace: marker, playbook: playbook.metadata.name } };
  const variables = resolveVariables(playbook.variables ?? {}, scope);
  const webShell = readPlaybook('steps/web-shell-command');
  const [request] = webShell.steps;
  return playbook.steps
    .filter(({ uses, when }) => uses === './steps/web-shell-command.yaml' && when?.includes(`inputs.mode == "${mode}"`))
    .map(({ id: step = '', attack = [], with: given }) => {
      const defaults = Object.fromEntries(Object.entries(webShell.inputs).map(([name, input]) => [name, input.default]));
      const inputs = { ...defaults, ...(evaluate(given, { ...scope, variables }) as object) };
      const { pod, url, query, headers, expect } = evaluate(request?.curl, { ...scope, inputs }) as NonNullable<RawStep['curl']>;
      return { id: step, attack, pod, url, headers, expect, command: query.cmd };
    });
}

/** The script inside `echo <base64>| base64 -d| bash -s <marker>`; undefined for any other command. */
export function scriptOf(command: string): string | undefined {
  const encoded = /^echo ([A-Za-z0-9+/]+=*)\| base64 -d\| bash -s sim-k3x9$/.exec(command)?.[1];
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8');
}
