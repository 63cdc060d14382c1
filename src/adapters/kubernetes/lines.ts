// Text lines out of a byte stream.
import { StringDecoder } from 'node:string_decoder';

/**
 * Splits at "\n" only (node:readline also splits at U+2028, which JSON and logs may contain), and decodes UTF-8 across
 * chunks. A last line without an end counts.
 */
export async function* linesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of stream) {
    const parts = decoder.write(chunk).split('\n');
    parts[0] = rest + parts[0];
    rest = parts.pop() ?? '';
    yield* parts;
  }
  rest += decoder.end();
  if (rest !== '') yield rest;
}
