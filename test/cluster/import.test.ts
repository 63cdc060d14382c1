// An imported atomic test runs: its prerequisite is fetched, its arguments arrive as they are, its cleanup runs at the end.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RunEvent } from '../../src/engine/events.ts';
import { newState, sim } from './cli.ts';
import { describeOnLab } from './lab-under-test.ts';

const ATOMIC = `attack_technique: T1082
display_name: System Information Discovery
atomic_tests:
- name: Tell a word
  supported_platforms: [containers]
  input_arguments:
    word: {description: What is told, type: string, default: plain}
    output_file: {description: Where it goes, type: path, default: ~/told.txt}
  dependencies:
  - description: A folder must exist
    prereq_command: |
      test -d "$HOME/#{word}"
    get_prereq_command: |
      mkdir -p "$HOME/#{word}"
  executor:
    name: bash
    command: |
      echo '#{word}' "#{word}" > #{output_file} && cat "$HOME/told.txt" && test "$(cat #{output_file})" = '#{word} #{word}'
    cleanup_command: |
      rm #{output_file} && rmdir "$HOME"/#{word}
`;

describeOnLab('an imported atomic test', () => {
  test.each(['plain', '$(touch x); `id` "quoted" \'too\''])('with %j', async (word) => {
    const folder = newState();
    const file = join(folder, 'tell.yaml');
    writeFileSync(join(folder, 'T1082.yaml'), ATOMIC);
    expect(await sim(['import', 'atomic', join(folder, 'T1082.yaml'), '-o', file])).toMatchObject({ code: 0, stderr: '' });
    // Telling a word is no attack that a detector would see.
    const { code, stdout, stderr } = await sim(
      ['run', file, '--lab', '--yes', '--alerts', 'none', '--allow-unverified', '--json', '--set', `word=${word}`],
      { SIM_STATE: newState() },
    );
    expect(stderr).toBe('');
    const ends = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as RunEvent)
      .flatMap((event) =>
        event.type === 'step-finished' ? [`${event.step.name}: ${event.end.status} ${event.end.problem?.message ?? ''}`.trim()] : [],
      );
    expect(ends).toEqual([
      'Deploy the target: succeeded',
      'Check: A folder must exist: succeeded',
      'Get: A folder must exist: succeeded',
      'Check again: A folder must exist: succeeded',
      'Tell a word: succeeded',
      'Clean up after the attack: succeeded',
    ]);
    expect(code).toBe(0);
  });
});
