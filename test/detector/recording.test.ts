// Recordings: what is written is read again, and what is none is told with its line.
import { expect, test } from 'vitest';
import { recordingHeader, recordingLine, recordingReader } from '../../src/detector/recording.ts';
import { observationsOf } from '../../src/detector/test-events.ts';
import { shippedDetections } from './rules.ts';

const lines = (text: string) => text.split('\n');

test('what is written is read again', () => {
  const all = shippedDetections().flatMap(({ tests }) => tests.detects.flatMap(({ events }) => observationsOf(events)));
  const read = recordingReader();
  const text = recordingHeader('1.2.3') + all.map(recordingLine).join('');
  expect(lines(text).flatMap((line) => read(line) ?? [])).toEqual(JSON.parse(JSON.stringify(all)));
  expect(new Set(all.map(({ kind }) => kind))).toEqual(new Set(['process', 'file', 'connection', 'audit']));
});

test.each([
  ['no header', '{"kind":"process"}', 1, 'begins with a line'],
  ['another version', '{"format":"kubesim-observations","version":9}', 1, 'version 9'],
  ['no JSON', `${recordingHeader('1')}{"kind"`, 2, 'not JSON'],
  ['an unknown kind', `${recordingHeader('1')}\n{"kind":"dns"}`, 3, 'process, file, connection, audit'],
  ['a field that is missing', `${recordingHeader('1')}{"kind":"process","time":1}`, 2, 'lacks the key `where`'],
  ['a list', `${recordingHeader('1')}[1]`, 2, '`kind` must be'],
])('%s', (_, text, line, message) => {
  const read = recordingReader();
  const problem = lines(text)
    .map((each) => read(each))
    .find((each) => each !== undefined);
  expect(problem).toEqual({ line, message: expect.stringContaining(message) });
});
