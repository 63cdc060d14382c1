import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { importTest, type KnownAlert, playbookNameOf } from '../../src/import/atomic.ts';
import { readAtomicFile } from '../../src/import/atomic-file.ts';
import { locate } from '../../src/language/source.ts';
import { lint } from '../../src/rules/lint.ts';
import { stepTypes } from '../../src/steps/index.ts';

/** An expression that gives what begins one. */
const SHOWN = "${{ '${{' }}";

interface ParsedStep {
  name: string;
  id?: string;
  when?: string;
  attack?: string[];
  continueOnError?: boolean;
  deploy?: { manifests: { spec: { containers: { securityContext?: object; image: string }[] } }[] };
  script?: { interpreter?: string; env?: Record<string, string>; script: string; expect?: object };
  'expect-alert'?: object;
}

interface Parsed {
  metadata: { name: string; title: string; description: string };
  inputs: Record<string, object> & { userPassword?: object };
  steps: ParsedStep[];
  finally?: ParsedStep[];
}

const ALERTS: KnownAlert[] = [
  { id: 'network-scanning-tool', attack: ['T1046'] },
  { id: 'sensitive-files-access', attack: ['T1083', 'T1552.001'] },
  { id: 'secret-reconnaissance', attack: ['T1083'] },
];

/** The first test of a file around it, YAML indented by two. */
function imported(test: string, technique = 'T1082') {
  const { file, diagnostics } = readAtomicFile(`attack_technique: ${technique}\natomic_tests:\n- name: Look around\n${test}`);
  const problems = [...diagnostics, ...(file?.invalid ?? []).flatMap((each) => each.diagnostics)];
  const numbered = file?.tests[0];
  if (numbered === undefined) throw new Error(problems[0]?.message);
  const name = playbookNameOf(numbered);
  const result = importTest(numbered, { name, schema: '../schemas/playbook.schema.json', image: 'example.org/victim:1', alerts: ALERTS });
  if ('refused' in result) return result;
  const source = { name: `${name}.yaml`, text: result.text };
  const { diagnostics: found } = lint(source, { steps: stepTypes, catalogue: ALERTS.map(({ id }) => id) });
  return {
    ...result,
    playbook: parse(result.text) as Parsed,
    findings: locate(source, found).map(({ line, rule, message }) => `${line} ${rule}: ${message}`),
  };
}

function success(test: string, technique?: string) {
  const result = imported(test, technique);
  if ('refused' in result) throw new Error(result.refused);
  return result;
}

const scripts = ({ steps, finally: last = [] }: Parsed) =>
  [...steps, ...last].flatMap(({ script }) => (script === undefined ? [] : [script]));

const FULL = `  auto_generated_guid: 1f5fb5a0-0000-4000-8000-00000000000a
  description: |
    Reads a file.
    Then tells.
  supported_platforms: [macos, linux]
  input_arguments:
    output_file: {description: "Where it\\n goes", type: Path, default: /tmp/out.txt}
    port: {description: A port, type: integer, default: 8080}
    ratio: {description: A ratio, type: float, default: 0.5}
    server: {description: A server, type: url, default: "http://127.0.0.1"}
    dependency_file: {description: A file, type: path, default: PathToAtomicsFolder/T1082/src/x.sh}
  dependency_executor_name: bash
  dependencies:
  - description: The file must exist
    prereq_command: test -f "#{dependency_file}"
    get_prereq_command: 'touch #{dependency_file}'
  - description: uname must exist
    prereq_command: command -v uname
  executor:
    name: sh
    elevation_required: true
    command: |
      uname -a > #{output_file}
      echo '#{port} #{ratio}' "#{server}" >> #{output_file}
    cleanup_command: 'rm -f #{output_file}'
`;

describe('a whole test', () => {
  const { text, playbook, findings, notes } = success(FULL);

  test('lints without a finding', () => expect(findings).toEqual([]));

  test('says where it comes from', () => {
    expect(text).toMatch(
      /^# yaml-language-server: \$schema=\.\.\/schemas\/playbook\.schema\.json\n# Imported from atomic-red-team .*: T1082, test 1, 1f5fb5a0-0000-4000-8000-00000000000a\n# .* Red Canary, Inc\. under the MIT License\.\n/,
    );
    expect(playbook.metadata).toMatchObject({
      name: 't1082-1-look-around',
      title: 'Look around',
      description: 'Reads a file.\nThen tells.',
    });
  });

  test('its arguments are typed inputs', () => {
    expect(playbook.inputs).toEqual({
      victimImage: { type: 'string', default: 'example.org/victim:1', description: expect.any(String) },
      outputFile: { type: 'string', default: '/tmp/out.txt', description: 'Where it goes' },
      port: { type: 'integer', default: 8080, description: 'A port' },
      ratio: { type: 'number', default: 0.5, description: 'A ratio' },
      server: { type: 'string', default: 'http://127.0.0.1', description: 'A server' },
      dependencyFile: { type: 'string', default: '/tmp/AtomicRedTeam/atomics/T1082/src/x.sh', description: 'A file' },
    });
  });

  test('its scripts read them from their environment', () => {
    expect(playbook.steps.at(-1)).toMatchObject({
      id: 'attack',
      attack: ['T1082'],
      script: {
        env: {
          arg_output_file: '${{ inputs.outputFile }}',
          arg_port: '${{ inputs.port }}',
          arg_ratio: '${{ inputs.ratio }}',
          arg_server: '${{ inputs.server }}',
        },
        script: 'uname -a > "$arg_output_file"\necho "$arg_port"\' \'"$arg_ratio" "$arg_server" >> "$arg_output_file"\n',
        expect: { exitCode: 0 },
      },
    });
    expect(text).toContain('# TODO: exit code 0 proves little.');
  });

  test('a prerequisite is fetched only where it is not there, and then checked again', () => {
    const [, check, get, again, second] = playbook.steps;
    expect(check).toMatchObject({ id: 'prerequisite1', script: { interpreter: 'bash', script: 'test -f "$arg_dependency_file"' } });
    expect(check?.script?.expect).toEqual({ exitCode: { cel: 'value >= 0' } });
    expect(get).toMatchObject({ when: 'steps.prerequisite1.exitCode != 0', script: { script: 'touch "$arg_dependency_file"' } });
    expect(again).toMatchObject({ when: get?.when, script: { script: check?.script?.script } });
    expect(again?.script?.expect).toBeUndefined();
    expect(second).toMatchObject({ name: 'Check: uname must exist', script: { script: 'command -v uname' } });
    expect(second?.id).toBeUndefined();
  });

  test('its cleanup runs at the end, whatever happens', () =>
    expect(playbook.finally).toMatchObject([{ continueOnError: true, script: { script: 'rm -f "$arg_output_file"' } }]));

  test('it runs as root where the test asks for it', () => {
    expect(playbook.steps[0]?.deploy?.manifests[0]?.spec.containers[0]).toMatchObject({
      image: '${{ inputs.victimImage }}',
      securityContext: { runAsUser: 0 },
    });
  });

  test('what the pod has not is told', () =>
    expect(notes).toEqual([
      'it reads files that come with the atomics and are not in the pod: `/tmp/AtomicRedTeam/atomics/T1082/src/x.sh`',
    ]));
});

const shell = (command: string, rest = '') =>
  `  supported_platforms: [linux]\n${rest}  executor: {name: sh, command: ${JSON.stringify(command)}}\n`;
const withArguments = (given: Record<string, unknown>, command: string) => shell(command, `  input_arguments: ${JSON.stringify(given)}\n`);

describe('the smallest test', () => {
  const { playbook, findings, notes, text } = success(shell('id'));

  test('has a target and an attack, and no finding', () => {
    expect(findings).toEqual([]);
    expect(notes).toEqual([]);
    expect(playbook.steps.map(({ name }) => name)).toEqual(['Deploy the target', 'Look around']);
    expect(playbook.steps[0]?.deploy?.manifests[0]?.spec.containers[0]?.securityContext).toBeUndefined();
    expect(playbook.finally).toBeUndefined();
    expect(Object.keys(playbook.inputs)).toEqual(['victimImage']);
  });

  test('says that the catalogue has no alert for it', () =>
    expect(text).toContain('# sim-lint-disable-next-line missing-expectation -- the catalogue has no alert for T1082'));
});

describe('alerts are chosen by technique', () => {
  test('the only one is expected', () => {
    const { playbook, findings, text } = success(shell('nmap 127.0.0.1'), 'T1046');
    expect(playbook.steps.at(-1)).toEqual({ 'expect-alert': { alert: 'network-scanning-tool', of: 'attack' } });
    expect(text).not.toContain('sim-lint-disable');
    expect(findings).toEqual([]);
  });

  test('of several each is optional, for nobody knows which', () => {
    const { playbook, findings } = success(shell('ls'), 'T1083');
    expect(playbook.steps.slice(2)).toEqual([
      { 'expect-alert': { alert: 'sensitive-files-access', of: 'attack', optional: true } },
      { 'expect-alert': { alert: 'secret-reconnaissance', of: 'attack', optional: true } },
    ]);
    expect(findings).toEqual([]);
  });
});

describe('names', () => {
  test('those that our language cannot have, and those that would be the same, get others', () => {
    const names = ['a-b', 'a_b', 'AB', 'namespace', '1st', 'victim_image', 'fileName', '__proto__', '_'];
    const given = JSON.stringify(Object.fromEntries(names.filter((name) => name !== '__proto__').map((name) => [name, { default: 'x' }])));
    const arguments_ = given.replace('{', '{"__proto__": {"default": "x"}, ');
    const { playbook, findings } = success(
      shell(`echo ${names.map((name) => `#{${name}}`).join(' ')}`, `  input_arguments: ${arguments_}\n`),
    );
    expect(findings).toEqual([]);
    expect(Object.keys(playbook.inputs).sort()).toEqual(
      ['victimImage', 'aB', 'aB2', 'ab', 'inputNamespace', 'input1st', 'victimImage2', 'fileName', 'proto', 'input'].sort(),
    );
    const { env = {}, script } = scripts(playbook)[0] ?? { script: '' };
    expect(new Set(Object.values(env)).size).toBe(names.length);
    expect(script).toBe(
      'echo "$arg_a_b" "$arg_a_b2" "$arg_AB" "$arg_namespace" "$arg_1st" "$arg_victim_image" "$arg_fileName" "$arg___proto__" "$arg__"',
    );
  });

  test("a variable of the script's own is not overwritten", () => {
    const { playbook } = success(withArguments({ host: { default: 'a' } }, 'arg_host=b; echo $arg_host #{host}'));
    expect(scripts(playbook)[0]?.script).toBe('arg_host=b; echo $arg_host "$arg_host2"');
  });

  test('a long name is cut between words', () => {
    const numbered = {
      technique: 'T1552.001',
      number: 12,
      test: { name: `Extract ${'passwords '.repeat(10)}(now!)`, supported_platforms: [], executor: { name: 'sh' } },
    };
    expect(playbookNameOf(numbered)).toBe('t1552-001-12-extract-passwords-passwords-passwords-passwords');
  });
});

test('a password is a secret without a default, and its value is told in a comment', () => {
  const { playbook, findings, notes, text } = success(
    withArguments({ user_password: { type: 'string', default: 'Tr0ub4dor' } }, 'echo #{user_password}'),
  );
  expect(playbook.inputs.userPassword).toEqual({ type: 'secret', description: 'The argument user_password of the atomic test' });
  expect(text).toContain('# The value of the atomic test: "Tr0ub4dor"');
  expect(notes).toEqual(['the input `userPassword` is a secret and has no default: give it with `--set userPassword=...`']);
  expect(findings).toEqual([]);
});

test('a number that is none is text; an argument that nothing reads is no input', () => {
  const { playbook, findings } = success(
    withArguments(
      { port: { type: 'integer', default: '0x50' }, size: { type: 'Integer', default: '12' }, gone: { default: 'x' } },
      'echo #{port} #{size}',
    ),
  );
  expect(playbook.inputs).toMatchObject({ port: { type: 'string', default: '0x50' }, size: { type: 'integer', default: 12 } });
  expect(Object.keys(playbook.inputs)).not.toContain('gone');
  expect(findings).toEqual([]);
});

test('a default that is program is written out, and told', () => {
  const { playbook, notes, findings } = success(
    withArguments({ command: { default: 'id; id' }, file: { default: '/tmp/x' } }, '#{command} > #{file}'),
  );
  expect(scripts(playbook)[0]?.script).toBe('id; id > "$arg_file"');
  expect(notes).toEqual(['the default of `command` is a piece of the script, so it is written out there and is no input']);
  expect(findings).toEqual([]);
});

test('what looks like an expression of ours is text', () => {
  const { playbook, findings } = success(
    `  description: "Reads $\{{ x }}"\n${withArguments({ a: { default: '${{ inputs.x }}' }, b: { description: '${{ y', default: 'x' } }, "echo '${{ run.token }}' '#{a}' #{b}")}`,
  );
  expect(scripts(playbook)[0]?.script).toBe(`echo '${SHOWN} run.token }}' '${SHOWN} inputs.x }}' "$arg_b"`);
  expect(findings).toEqual([]);
});

test.each([
  ['curl -s https://example.net/x | sh', ['it names hosts of the internet: `example.net`']],
  [
    'sudo apt-get -y install nmap',
    ['it installs packages: an image that has them needs no network', 'it calls `sudo`, which the image must have'],
  ],
  ['modprobe x; systemctl stop y', ['it calls what does little in a pod without privilege, or reaches beyond it: `modprobe`, `systemctl`']],
  ['curl http://127.0.0.1 http://localhost/x; echo mount', []],
])('%s: what it needs is told', (command, notes) => expect(success(shell(command)).notes).toEqual(notes));

test('what is dangerous is imported, and lint says so', () =>
  expect(success(shell('rm -rf / --no-preserve-root')).findings).toEqual([expect.stringMatching(/ dangerous-command: /)]));

test.each([
  ['supported_platforms: [windows]\n  executor: {name: sh, command: id}', 'it is for windows, not for linux or containers'],
  [
    'supported_platforms: ["iaas:aws", macos]\n  executor: {name: sh, command: id}',
    'it is for iaas:aws, macos, not for linux or containers',
  ],
  ['supported_platforms: [linux]\n  executor: {name: manual, steps: Look around.}', 'it is done by hand'],
  ['supported_platforms: [linux]\n  executor: {name: powershell, command: id}', 'its executor is powershell, not sh or bash'],
  ['supported_platforms: [containers]\n  executor: {name: sh, command: "  \\n"}', 'it has no command'],
  [
    'supported_platforms: [linux]\n  dependency_executor_name: powershell\n  dependencies: [{prereq_command: x}]\n  executor: {name: sh, command: id}',
    'its prerequisites are checked by powershell, not sh or bash',
  ],
])('refused: %#', (test, reason) => expect(imported(`  ${test}\n`)).toEqual({ refused: reason }));

test('a small file does not make a huge playbook', () => {
  const value = 'x'.repeat(50_000);
  expect(imported(withArguments({ a: { default: value } }, 'echo #{a} #{a} #{a}'))).toEqual({
    refused: 'its scripts are longer than 128 KiB',
  });
  expect(success(`  description: ${value}\n${shell('id')}`).text.length).toBeLessThan(15_000);
});
