// The six scenarios against what the official tool's documentation and commands say.
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { modes, readPlaybook, requestsOf, scriptOf } from './requests.ts';
import { scenarios } from './scenarios.ts';

const each = scenarios.flatMap((scenario) => modes.map((mode) => ({ ...scenario, mode })));

test('playbooks/ holds the six scenarios', () => {
  const names = readdirSync(new URL('../../playbooks/', import.meta.url));
  expect(names).toEqual(expect.arrayContaining(scenarios.map(({ name }) => `${name}.yaml`)));
});

test.each(each)('$name, $mode: expects exactly the documented alerts, each of a step of this mode', ({ name, mode, alerts }) => {
  const playbook = readPlaybook(name);
  const expectations = playbook.steps.flatMap((step) => step['expect-alert'] ?? []);
  expect(expectations.map(({ alert }) => alert)).toEqual(alerts);
  const ids = requestsOf(playbook, mode).map(({ id }) => id);
  for (const { alert, of } of expectations)
    expect(
      of.filter((id) => ids.includes(id)),
      alert,
    ).toHaveLength(1);
});

test.each(each)('$name, $mode: all official commands, in their order', ({ name, mode, commands }) => {
  const sent = requestsOf(readPlaybook(name), mode)
    .map(({ command }) => scriptOf(command) ?? command)
    .join('\n');
  const places = commands.map((command) => sent.indexOf(command));
  for (const [index, command] of commands.entries()) expect(places[index], command).toBeGreaterThanOrEqual(0);
  expect(places).toEqual([...places].sort((a, b) => a - b));
});

test.each(each)('$name, $mode: each request carries the token, the marker, a technique and an effect check', ({ name, mode }) => {
  const requests = requestsOf(readPlaybook(name), mode);
  expect(requests).not.toHaveLength(0);
  for (const { id, attack, pod, url, command, headers, expect: effect } of requests) {
    expect({ pod, url }, id).toEqual({ pod: 'attacker', url: 'http://victim/ws.php' });
    expect(headers, id).toEqual({ 'X-Sim-Token': '0123456789abcdef0123456789abcdef' });
    expect(command, id).toMatch(/ sim-k3x9$/);
    expect(attack, id).not.toHaveLength(0);
    expect(effect.status, id).toBe(200);
    expect(effect.body, id).toBeTypeOf('object');
  }
});

test.each(scenarios)('$name: faithful is one request that covers every technique of the split steps', ({ name }) => {
  const playbook = readPlaybook(name);
  const [faithful, ...more] = requestsOf(playbook, 'faithful');
  expect(more).toEqual([]);
  const techniques = requestsOf(playbook, 'split').flatMap(({ attack }) => attack);
  expect(faithful?.attack).toEqual(expect.arrayContaining(techniques));
});

test.each(each)('$name, $mode: no command fits less than the web server takes, and none waits without end', ({ name, mode }) => {
  for (const { id, command } of requestsOf(readPlaybook(name), mode)) {
    expect(encodeURIComponent(command).length, id).toBeLessThan(48 * 1024);
    for (const line of (scriptOf(command) ?? '').split('\n').filter((text) => /\bcurl -s/.test(text))) {
      for (const call of line.split('curl -s').slice(1)) expect(call, id).toMatch(/ (--max-time|-m) [0-9]+\b/);
    }
  }
});
