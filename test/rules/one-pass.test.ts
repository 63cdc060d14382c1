// Mistakes of form and of meaning are told together; nothing is said to be missing that is only not read yet.
import { expect, test } from 'vitest';
import { locate } from '../../src/language/source.ts';
import { lint } from '../../src/rules/lint.ts';
import { stepTypes } from '../fakes/step-types.ts';

function findings(text: string): string[] {
  const source = { name: 'sample.yaml', text };
  const { playbook, diagnostics } = lint(source, { steps: stepTypes, catalogue: ['network-scanning-tool'] });
  expect(playbook).toBeUndefined();
  return locate(source, diagnostics).map(({ line, column, rule }) => `${line}:${column} ${rule}`);
}

test('a step without an error is judged though others have one', () => {
  const text = `apiVersion: kubesim/v1
kind: Playbook
metadata: {name: sample, title: Sample, description: What is done, color: red}
inputs: {port: {type: integer, default: 80, description: A port}}
steps:
  - {id: one, timeuot: 3s, attack: [T1046], command: {pod: p, argv: [nmap]}}
  - {id: two, attack: [T9999], command: {pod: p, argv: [sh, -c, "rm -rf /"], expect: {exitCode: 0}}}
  - {id: two, command: {pod: p, argv: ["\${{ inputs.port }}"]}}
  - parallel: [{command: {pod: p}}, {attack: [T8888], command: {pod: p, argv: [x], expect: {exitCode: 0}}}]
finally:
  - expect-something: {alert: network-scaning-tool}
`;
  expect(findings(text)).toEqual([
    '3:68 unknown-key',
    '6:15 unknown-key',
    '7:24 unknown-attack-technique',
    '7:66 dangerous-command',
    '8:10 duplicate-id',
    '9:17 missing-key',
    '11:31 unknown-alert',
  ]);
});

test.each(['steps: 3', 'steps: [3]\nmetadata: x', 'metadata: {name: [x]}\nsteps:\n  - command: {pod: p, argv: [x]}', '- x', 'inputs: 3'])(
  '%j is told and nothing else',
  (text) => expect(findings(text).filter((finding) => !/ (missing-key|wrong-type|wrong-value|unknown-key)$/.test(finding))).toEqual([]),
);
