import { expect, test } from 'vitest';
import { formerTechniqueOf, techniqueOf, techniques } from '../../src/language/attack.ts';
import { ATTACK_VERSION, FORMER_TECHNIQUES } from '../../src/language/attack-data.ts';

test('version 18.1 has 216 techniques and 475 sub-techniques', () => {
  expect(ATTACK_VERSION).toBe('18.1');
  const ids = [...techniques().keys()];
  expect(ids.filter((id) => !id.includes('.'))).toHaveLength(216);
  expect(ids.filter((id) => id.includes('.'))).toHaveLength(475);
  expect(ids).toEqual([...ids].sort());
});

test('a technique has its name, its tactics in the order of the matrix, and its platform', () => {
  expect(techniqueOf('T1046')).toEqual({
    id: 'T1046',
    name: 'Network Service Discovery',
    tactics: [{ id: 'TA0007', name: 'Discovery' }],
    containers: true,
  });
  expect(techniqueOf('T1053.007')).toEqual({
    id: 'T1053.007',
    name: 'Scheduled Task/Job: Container Orchestration Job',
    tactics: [
      { id: 'TA0002', name: 'Execution' },
      { id: 'TA0003', name: 'Persistence' },
      { id: 'TA0004', name: 'Privilege Escalation' },
    ],
    containers: true,
  });
  expect(techniqueOf('T1552.005')?.containers).toBe(false);
  expect(techniqueOf('T9999')).toBeUndefined();
  expect(techniqueOf('constructor')).toBeUndefined();
});

test('every technique has a tactic, and every sub-technique its technique', () => {
  for (const { id, name, tactics } of techniques().values()) {
    expect(tactics, id).not.toHaveLength(0);
    expect(name, id).toMatch(/^[A-Z./]/);
    expect(techniques().has(id.split('.')[0] ?? ''), id).toBe(true);
  }
});

test('an id that was given up leads to its successor, and never to another one that was', () => {
  expect(formerTechniqueOf('T1086')).toEqual({ id: 'T1086', name: 'PowerShell', successor: 'T1059.001' });
  expect(formerTechniqueOf('T1064')).toEqual({ id: 'T1064', name: 'Scripting' });
  expect(formerTechniqueOf('T1046')).toBeUndefined();
  for (const line of FORMER_TECHNIQUES.split('\n')) {
    const [id = '', successor = ''] = line.split('|');
    expect(techniqueOf(id), id).toBeUndefined();
    if (successor !== '') expect(techniqueOf(successor), id).toBeDefined();
  }
});
