// An HTTP answer as plain data: headers, and as much of the body as is wanted.
import type { IncomingMessage } from 'node:http';

/** Bytes kept of a body, where nobody says otherwise. */
export const BODY_LIMIT = 1024 * 1024;

export interface LimitedBody {
  body: string;
  /** True where it was longer than the limit. */
  truncated: boolean;
}

/** Headers by name in small letters; repeated ones are joined with a comma. */
export function headersOf(response: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(response.headersDistinct).map(([name, values = []]) => [name, values.join(', ')]));
}

/** The first `limit` bytes as text; a character that the limit cuts is left out whole. */
export async function limitedBody(response: IncomingMessage, limit: number): Promise<LimitedBody> {
  const decoder = new TextDecoder();
  let body = '';
  let room = limit;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    body += decoder.decode(chunk.subarray(0, room), { stream: true });
    room -= chunk.length;
    if (room < 0) return { body, truncated: true };
  }
  return { body: body + decoder.decode(), truncated: false };
}
