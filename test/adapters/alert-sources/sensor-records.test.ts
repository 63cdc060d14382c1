import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readSensorRecord } from '../../../src/adapters/alert-sources/sensor-records.ts';
import { sensorLines } from './sensor-lines.ts';

const at = Date.parse('2026-11-25T01:02:03.004Z');

describe('lines of a sensor', () => {
  const lines = sensorLines();

  test('a program that was started, with the fractions of its time', () => {
    expect(readSensorRecord(lines.process(at, { drift: true }))).toEqual({
      type: 'observation',
      seq: 1,
      instance: 'a1',
      time: at + 0.25,
      observation: {
        kind: 'process',
        time: at + 0.25,
        where: { node: 'n1', namespace: 'sim-k3x9', pod: 'victim', podUid: 'u', container: 'victim', containerId: 'c' },
        process: {
          pid: 7,
          executable: '/usr/bin/nmap',
          arguments: ['nmap', '-Pn'],
          uid: 101,
          startedAt: expect.closeTo(Date.parse('2026-11-25'), 3),
        },
        ancestors: [expect.objectContaining({ pid: 7 })],
        drift: true,
      },
    });
  });

  test('files, connections, and what the sensor says of itself', () => {
    expect(readSensorRecord(lines.file(at))).toMatchObject({ observation: { kind: 'file', path: '/etc/shadow', access: 'read' } });
    expect(readSensorRecord(lines.connection(at))).toMatchObject({
      observation: { address: '169.254.169.254', port: 80, protocol: 'tcp' },
    });
    expect(readSensorRecord(lines.start(at))).toMatchObject({ type: 'start', node: 'n1', capabilities: ['process', 'file', 'network'] });
    expect(readSensorRecord(lines.heartbeat(at, { capabilities: ['process', 'of-a-later-version'] }))).toMatchObject({
      type: 'heartbeat',
      complete: at + 0.25,
      lost: 0,
      capabilities: ['process'],
    });
    expect(readSensorRecord(lines.heartbeat(at, { complete: '2026-11-25T01:02:01Z' }))).toMatchObject({ complete: at - 2004 });
  });

  test('an event of the audit log', () => {
    const event = {
      auditID: 'a',
      stage: 'ResponseComplete',
      verb: 'create',
      requestURI: '/api/v1/namespaces/x/pods',
      user: { username: 'system:admin' },
      requestReceivedTimestamp: '2026-11-25T01:02:03.000001Z',
      stageTimestamp: '2026-11-25T01:02:03.000001Z',
    };
    const line = (given: object) =>
      JSON.stringify({ type: 'audit', seq: 1, instance: 'x', time: '2026-11-25T01:02:03.000001Z', node: 'n1', event: given });
    expect(readSensorRecord(line(event))).toMatchObject({ observation: { kind: 'audit', node: 'n1', event: { auditID: 'a' } } });
    expect(readSensorRecord(line({ ...event, user: {} }))).toEqual({ type: 'unreadable', reason: 'event.user.username is no text' });
  });

  test.each([
    ['', 'it is no JSON'],
    ['null', 'the record is no object'],
    ['{"type":"process"}', 'seq is no whole number'],
    ['{"type":"process","seq":1,"instance":"x","time":"yesterday"}', 'time is no time as RFC 3339 in UTC'],
    ['{"type":"alert","seq":1,"instance":"x","time":"2026-11-25T01:02:03Z"}', 'its type is none that is known'],
    ['{"type":"process","seq":1,"instance":"x","time":"2026-11-25T01:02:03Z","where":[]}', 'where is no object'],
    [
      '{"type":"heartbeat","seq":1,"instance":"x","time":"2026-11-25T01:02:03Z","seen":1,"lost":-1,"capabilities":[]}',
      'lost is no whole number',
    ],
  ])('%s is none', (line, reason) => {
    expect(readSensorRecord(line)).toEqual({ type: 'unreadable', reason });
  });

  test('whatever stands in a line, it is read or refused', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (line) => void readSensorRecord(line)));
    const valid = JSON.parse(lines.process(at));
    const leaf = fc.constantFrom(...Object.keys(valid));
    fc.assert(
      fc.property(leaf, fc.jsonValue(), (name, value) => {
        const { type } = readSensorRecord(JSON.stringify({ ...valid, [name]: value }));
        expect(['observation', 'unreadable', 'start', 'heartbeat']).toContain(type);
      }),
    );
  });

  test('the documented examples are what the reader takes', () => {
    const page = readFileSync(new URL('../../../sensor/README.md', import.meta.url), 'utf8');
    const examples = [...page.matchAll(/^\{"type".*$/gm)].map(([line]) => readSensorRecord(line));
    expect(examples.map(({ type }) => type)).toEqual(['start', 'heartbeat', 'observation', 'observation', 'observation', 'observation']);
  });
});
