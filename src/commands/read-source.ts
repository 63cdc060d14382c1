// From what stands at a path to a text that can be checked, or to the finding that says why there is none.
import { decodeUtf8 } from '../language/decode.ts';
import type { Diagnostic } from '../language/diagnostic.ts';
import { unreadableFile } from '../language/file-rules.ts';
import type { Source } from '../language/source.ts';
import type { Look } from '../ports/checkout.ts';

/** Bytes of the largest file that is read. */
export const LARGEST_FILE = 1024 * 1024;

export interface ReadSource {
  source: Source;
  /** Why the text is not to be trusted, or is not there. */
  problem?: Diagnostic;
}

/** What stands there as a text; undefined for nothing and for a folder. */
export function sourceOf(name: string, look: Look): ReadSource | undefined {
  const refused = (message: string, hint?: string): ReadSource => ({
    source: { name, text: '' },
    problem: whole(unreadableFile.id, message, hint),
  });
  switch (look.kind) {
    case 'file':
      return decoded(name, look.bytes);
    case 'large':
      return { source: { name, text: '' }, problem: whole('yaml-syntax', 'the file is larger than 1 MiB') };
    case 'outside':
      return refused('a symbolic link leads out of the checkout', 'it is not followed: put the file itself here');
    case 'special':
      return refused(`the file is ${look.what}, not a plain file`, 'it is not opened; `-` reads standard input');
    case 'unreadable':
      return refused(`the file cannot be read: ${look.reason}`);
    default:
      return undefined;
  }
}

/** Bytes as text, with a finding where they are no UTF-8 or too many. */
export function decoded(name: string, bytes: Uint8Array): ReadSource {
  if (bytes.length > LARGEST_FILE) return { source: { name, text: '' }, problem: whole('yaml-syntax', 'the file is larger than 1 MiB') };
  const { text, invalidAt } = decodeUtf8(bytes);
  const source = { name, text };
  if (invalidAt === undefined) return { source };
  const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  const problem: Diagnostic = {
    rule: 'yaml-syntax',
    severity: 'error',
    message: utf16 ? 'the file is UTF-16, not UTF-8' : 'this is not UTF-8',
    span: { start: invalidAt, end: invalidAt + 1 },
    hint: 'save the file as UTF-8',
  };
  return { source, problem };
}

const whole = (rule: string, message: string, hint?: string): Diagnostic => ({
  rule,
  severity: 'error',
  message,
  span: { start: 0, end: 0 },
  ...(hint === undefined ? {} : { hint }),
});
