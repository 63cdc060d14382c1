import { expect, test } from 'vitest';
import { parseCatalogue } from '../../src/alerts/catalogue.ts';
import type { RunEvent, StepEnd, Verdict } from '../../src/engine/events.ts';
import { colours, duration, safe, table } from '../../src/reporters/format.ts';
import { linesReporter } from '../../src/reporters/lines.ts';
import { summaryText } from '../../src/reporters/summary.ts';
import { lookFor, verdictText } from '../../src/reporters/verdict-text.ts';

const paint = colours(false);
const catalogue = parseCatalogue([
  {
    name: 'network-scanning-tool.yaml',
    text: `
id: network-scanning-tool
title: Network scanning tool
description: A scanner ran.
attack: [T1046]
needs: [process]
products:
  defender-for-cloud: {names: [Network scanning tool detected], delay: up to an hour}
  falco: {rules: [{name: Launch Suspicious Network Tool in Container, maturity: incubating}]}
`,
  },
]);
const verdict = (outcome: Verdict['outcome'], change: Partial<Verdict> = {}): Verdict => ({
  expectation: { alert: 'network-scanning-tool' },
  outcome,
  reason: 'because',
  ...change,
});
const end = (change: Partial<StepEnd>): StepEnd => ({ status: 'succeeded', startedAt: 0, milliseconds: 1234, ...change });
const step = { key: 'steps.0', name: 'Scan', attack: ['T1046'], kind: 'exec' };

function linesOf(events: RunEvent[], verbose = false, prefix = ''): string {
  let text = '';
  const observe = linesReporter({ write: (more) => (text += more), catalogue, paint, verbose, prefix });
  for (const event of events) observe(event);
  return text;
}

test.for([
  [0, '0 ms'],
  [999, '999 ms'],
  [1000, '1.0 s'],
  [59_940, '59.9 s'],
  [65_000, '1 min 5 s'],
] as const)('%i milliseconds are %s', ([milliseconds, text]) => {
  expect(duration(milliseconds)).toBe(text);
});

test('what a pod printed cannot steer the terminal', () => {
  expect(safe('a\u001b[2Jb\u202ec\rd\te\nf')).toBe('a\uFFFD[2Jb\uFFFDc\uFFFDd\te\nf');
});

test('columns line up', () => {
  expect(
    table([
      ['a', 'bb', 'c'],
      ['aaa', 'b', ''],
    ]),
  ).toBe('a    bb  c\naaa  b\n');
});

test('a step is told with its outcome, techniques and time; an attack without proof is not executed', () => {
  const events: RunEvent[] = [
    { type: 'step-finished', at: 0, step, end: end({}) },
    {
      type: 'step-finished',
      at: 0,
      step,
      end: end({
        status: 'failed',
        problem: { code: 'command-not-found', message: 'no nmap', hint: 'Install it.' },
        note: 'the pod was deleted',
      }),
    },
    {
      type: 'step-finished',
      at: 0,
      step: { ...step, attack: [] },
      end: end({ status: 'failed', problem: { code: 'timeout', message: 'too late' } }),
    },
    { type: 'step-finished', at: 0, step, end: end({ status: 'skipped', reason: 'its condition is false: x' }) },
  ];
  expect(linesOf(events)).toBe(
    [
      '  ok Scan T1046 1.2 s',
      '  not executed Scan T1046 1.2 s',
      '    no nmap (Install it.); the pod was deleted',
      '  failed Scan 1.2 s',
      '    too late',
      '  skipped Scan T1046 1.2 s',
      '    its condition is false: x',
      '',
    ].join('\n'),
  );
});

test('verbose shows what was printed, line by line, with a prefix where several run at once', () => {
  const events: RunEvent[] = [{ type: 'step-finished', at: 0, step, end: end({ outputs: { stdout: 'a\nb\n', exitCode: 0 } }) }];
  expect(linesOf(events, true, 'web: ')).toBe(
    'web:   ok Scan T1046 1.2 s\nweb:     | stdout: a\nweb:     | stdout: b\nweb:     | exitCode: 0\n',
  );
});

test('what is left behind is told with the reason', () => {
  const left = [
    { object: { apiVersion: 'v1', kind: 'Namespace', name: 'sim-a' }, result: 'failed' as const, reason: 'a finalizer holds it' },
  ];
  expect(linesOf([{ type: 'cleanup-finished', at: 0, milliseconds: 5000, left, kept: false }])).toBe(
    '  left behind: Namespace sim-a: a finalizer holds it\n',
  );
});

test('a verdict has a line per alert, under the name of the documentation', () => {
  expect(verdictText([verdict('detected', { milliseconds: 700 }), verdict('missed')], catalogue, paint)).toBe(
    '  Network scanning tool detected  detected after 700 ms  because\n  Network scanning tool detected  missed                 because\n',
  );
});

test('the times of the product stand beside the verdict, explanations below a miss, other alerts at the end', () => {
  const times = { from: 'process', activity: 0, generated: 200, visible: 700, clamped: ['activity'] } as const;
  const verdicts = [
    verdict('detected', { milliseconds: 700, times: { ...times, clamped: ['activity'] } }),
    verdict('missed', { explanations: ['a\u001b[2Jb'], kept: ['/s/evidence/pods.json', '/s/evidence/a.log'] }),
  ];
  const shell = { source: 'lab', id: 'x', name: 'Shell', rung: 'namespace', severity: 'low', count: 2 };
  const others = [shell, { ...shell, id: 'y', name: 'Scan' }, { ...shell, id: 'z', count: 1 }];
  expect(verdictText(verdicts, catalogue, paint, others)).toBe(
    [
      '  Network scanning tool detected  detected after 700 ms  because; activity after 0 ms, generated after 200 ms, by its clock before the attack, given as 0: activity',
      '  Network scanning tool detected  missed                 because',
      '    perhaps: a\uFFFD[2Jb',
      '    kept: /s/evidence/: pods.json, a.log',
      '  Other alerts of this run',
      '    Shell  lab, low, 3 times; known by its namespace',
      '    Scan   lab, low, 2 times; known by its namespace',
      '',
    ].join('\n'),
  );
});

test('the offset of a clock is told once', () => {
  const event = { type: 'source-clock', at: 0, source: 'lab', offset: -1200, uncertainty: 50 } as const;
  expect(linesOf([event, event])).toBe('  lab: its clock is 1.2 s behind ours (± 50 ms)\n');
});

test('alerts that nobody watched are listed with products, places and times; others are not', () => {
  const facts = { title: 'Recon', namespace: 'sim-a', marker: 'sim-a', from: 0, to: 60_000 };
  expect(lookFor([verdict('detected')], catalogue, facts)).toBe('');
  const text = lookFor([verdict('unverified'), verdict('unverified')], catalogue, facts);
  expect(text.match(/Network scanning tool detected; up to an hour/g)).toHaveLength(1);
  expect(text).toContain('Launch Suspicious Network Tool in Container [incubating rule]');
  expect(text).toMatch(/^Recon: nothing could say/);
  expect(text).toContain('the namespace sim-a');
  expect(text).toContain('from 1970-01-01T00:00:00Z to 1970-01-01T00:01:00Z');
});

test('the summary counts outcomes per playbook', () => {
  const runs = [
    {
      title: 'Recon',
      runId: 'k3x9',
      milliseconds: 9000,
      exitCode: 1,
      verdicts: [verdict('detected'), verdict('missed'), verdict('detected')],
      unexpected: 1,
    },
  ];
  expect(summaryText(runs, paint)).toBe('Recon  k3x9  2 detected, 1 missed; 1 other alert  9.0 s  exit 1\n');
  const detached = runs.map((run) => ({ ...run, exitCode: 0, verdicts: [], unexpected: 0, later: 3 }));
  expect(summaryText(detached, paint)).toBe('Recon  k3x9  3 to verify  9.0 s  exit 0\n');
});
