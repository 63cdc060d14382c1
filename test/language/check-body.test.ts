import { expect, test } from 'vitest';
import { checkBody } from '../../src/language/check-body.ts';
import { stepTypes } from '../fakes/step-types.ts';

const command = stepTypes.find(({ type }) => type === 'command') ?? expect.unreachable();

test('a body that fits', () => {
  expect(checkBody(command, { pod: 'victim', argv: ['nmap'], port: 443 })).toEqual([]);
});

test('what an expression gave is checked as if it had been written', () => {
  expect(checkBody(command, { pod: 'victim', argv: ['nmap', 443], port: '443', delay: '3', method: '${{ x }}' })).toEqual([
    'command.argv.1: item 2 of `argv` must be text, but is the number `443`',
    'command.method: `method` cannot be the text `${{ x }}` (allowed are: `GET`, `POST`)',
    'command.port: `port` must be a whole number, but is the text `443`',
    'command.delay: `delay` has no unit; write `3s` for seconds',
  ]);
  expect(checkBody(command, 'text')).toEqual(['command: `command` must be a map, but is the text `text`']);
});
