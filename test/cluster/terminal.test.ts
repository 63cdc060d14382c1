// A person at a terminal: the question, the live list, Ctrl-C. `script` (of Debian's bsdutils) is the terminal.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { env, execPath } from 'node:process';
import { expect, test } from 'vitest';
import { newState, root } from './cli.ts';
import { describeOnLab } from './lab-under-test.ts';

interface Scene {
  /** When this stands on the screen... */
  when: string;
  /** ...this is typed. */
  type: string;
}

/** Plays scenes in their order; answers with exit code and everything that was drawn, without the terminal's own sequences. */
function play(args: string, scenes: readonly Scene[]): Promise<{ code: number | null; screen: string }> {
  const command = `stty cols 140 rows 50; '${execPath}' '${join(root, 'bin/sim.js')}' ${args}`;
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    cwd: root,
    env: { ...env, SIM_STATE: newState(), NO_COLOR: '', TERM: 'xterm' },
  });
  const waiting = [...scenes];
  let screen = '';
  child.stdout.on('data', (chunk: Buffer) => {
    screen += chunk.toString();
    const next = waiting[0];
    if (next === undefined || !screen.includes(next.when)) return;
    waiting.shift();
    // What is typed before the prompt listens is lost.
    setTimeout(() => child.stdin.write(next.type), 300);
  });
  const plain = () => screen.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '');
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, screen: plain() }));
  });
}

describeOnLab('at a terminal', () => {
  test('a run asks first, and no means no', async () => {
    const { code, screen } = await play('run web-shell --lab', [{ when: '(y/N)', type: 'n\r' }]);
    expect(screen).toMatch(/cluster +simlab.*creates +Namespace sim-.*Run this on simlab\?.*nothing was done/s);
    expect(code).toBe(0);
  });

  test('Ctrl-C at the question is no fault: nothing was done, 130', async () => {
    const { code, screen } = await play('run web-shell --lab', [{ when: '(y/N)', type: '\u0003' }]);
    expect(screen).toContain('interrupted: nothing was done');
    expect(screen).not.toContain('fault');
    expect(code).toBe(130);
  });

  test('without a name there is a menu; the live list shows steps, verdict and cleanup', async () => {
    const { code, screen } = await play('run --lab --allow-unverified', [
      { when: 'Which playbooks?', type: '\u001b[A \r' },
      { when: '(y/N)', type: 'y\r' },
    ]);
    expect(screen).toContain('Which playbooks? web-shell');
    const end = screen.slice(screen.lastIndexOf('Deploy the attacker'));
    expect(end).toMatch(
      /Ask who the web server runs as.*Verdict.*Possible Web Shell activity detected +detected after.*Clean up.*Summary.*exit 0/s,
    );
    expect(code).toBe(0);
  });

  test('Ctrl-C during a run is told in the list, cleans up, 130', async () => {
    const { code, screen } = await play('run reconnaissance --lab -y', [{ when: 'waiting for pod', type: '\u0003' }]);
    expect(screen).toContain('interrupted: cleaning up; once more to leave at once');
    expect(screen).toMatch(/not-executed.*Summary.*exit 130/s);
    expect(code).toBe(130);
  });
});
