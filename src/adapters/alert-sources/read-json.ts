// JSON of a stranger: bounded in depth and size, with whole numbers that a double cannot hold left as text.
import { Failure } from '../../ports/failure.ts';

const DEEPEST = 64;
const MOST_VALUES = 500_000;

/**
 * Reads a text that a product sent. Numbers beyond 2^53 (Falco's nanoseconds) come as text, keys that mean something to JavaScript are left
 * out. Throws Failure server-error: no JSON, too deep, too many values. `what` begins the message.
 */
export function readJson(text: string, what: string): unknown {
  const { depth, values } = measure(text);
  if (depth > DEEPEST) throw new Failure('server-error', `${what}: JSON nested more than ${DEEPEST} deep`);
  if (values > MOST_VALUES) throw new Failure('server-error', `${what}: JSON of more than ${MOST_VALUES} values`);
  try {
    return JSON.parse(text, keep);
  } catch (cause) {
    throw new Failure('server-error', `${what}: something that is no JSON`, { cause });
  }
}

/** `context` is newer than the types: tc39/proposal-json-parse-with-source, in Node since 21. */
function keep(key: string, value: unknown, context?: { source?: string }): unknown {
  if (key === '__proto__') return undefined;
  if (typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? '')) return context?.source;
  return value;
}

/** Before the parser sees it: its reviver calls itself for each level. */
function measure(text: string): { depth: number; values: number } {
  let [depth, deepest, values] = [0, 0, 1];
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x22: {
        for (at++; at < text.length && text.charCodeAt(at) !== 0x22; at++) if (text.charCodeAt(at) === 0x5c) at++;
        break;
      }
      case 0x5b:
      case 0x7b:
        deepest = Math.max(deepest, ++depth);
        break;
      case 0x5d:
      case 0x7d:
        depth--;
        break;
      case 0x2c:
        values++;
        break;
    }
  }
  return { depth: deepest, values };
}
