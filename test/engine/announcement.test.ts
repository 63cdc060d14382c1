import { expect, test } from 'vitest';
import { announcementOf, noticeAnnotations } from '../../src/engine/announcement.ts';

const announced = {
  run: { id: 'k3x9', namespace: 'sim-k3x9', marker: 'sim-k3x9' },
  playbook: { name: 'web-shell', title: 'Web shell', attack: ['T1505.003'] },
  cluster: { context: 'staging', server: 'https://10.0.0.1' },
  operator: 'alice@workstation',
  from: Date.UTC(2026, 0, 1, 12),
  to: Date.UTC(2026, 0, 1, 13),
};

test('before a run: who attacks what, and until when alerts of it may come', () => {
  const { from: _, to: __, ...facts } = announced;
  expect(announcementOf(announced)).toEqual({
    ...facts,
    version: 1,
    event: 'run-starting',
    text: 'Starting: attack simulation "Web shell" (run k3x9, namespace sim-k3x9) on staging by alice@workstation, until about 2026-01-01T13:00:00.000Z',
    window: { from: '2026-01-01T12:00:00.000Z', to: '2026-01-01T13:00:00.000Z' },
  });
});

test.each([
  [['detected', 'missed', 'detected'], '2 detected, 1 missed', { detected: 2, missed: 1 }],
  [[], 'no alert was expected', {}],
])('after it: how many alerts have which outcome (%j)', (outcomes, words, counted) => {
  const told = announcementOf(announced, outcomes);
  expect(told).toMatchObject({ event: 'run-finished', outcomes: counted });
  expect(told.text).toBe(
    `Finished: attack simulation "Web shell" (run k3x9, namespace sim-k3x9) on staging by alice@workstation: ${words}`,
  );
});

test('the namespace of a run says the same to whoever finds it', () => {
  expect(noticeAnnotations({ operator: 'alice@workstation', until: announced.to })).toEqual({
    'kubesim.io/purpose': 'attack simulation: alerts about this namespace are expected',
    'kubesim.io/operator': 'alice@workstation',
    'kubesim.io/expected-until': '2026-01-01T13:00:00.000Z',
  });
});
