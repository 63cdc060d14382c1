// The one sink against secrets: everything that is logged, shown or thrown passes through it.

const MASK = '***';
/** Shorter texts would mask ordinary words. */
export const SHORTEST_SECRET = 6;
/** From this length on a secret is random, and a piece of it is no ordinary word. */
const LONG = 24;
const PIECE = 8;
/** A JSON Web Token (RFC 7519): a service account's, for one. */
const JWT = /\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/g;

export interface Redactor {
  text(text: string): string;
  /** Every text inside, keys left as they are. Returns a new value. */
  value<T>(value: T): T;
}

/** Masks the given secrets (plain, base64, URL-encoded; of long ones also any larger piece) and JSON Web Tokens. */
export function redactor(secrets: readonly string[]): Redactor {
  const forms = [...new Set(secrets.filter((secret) => secret.length >= SHORTEST_SECRET).flatMap(formsOf))].sort(
    (a, b) => b.length - a.length,
  );
  const pieces = new Set(forms.filter((form) => form.length >= LONG).flatMap(piecesOf));
  const text = (given: string): string =>
    withoutPieces(
      forms.reduce((rest, form) => rest.replaceAll(form, MASK), given),
      pieces,
    ).replace(JWT, MASK);
  const value = (given: unknown): unknown => {
    if (typeof given === 'string') return text(given);
    if (Array.isArray(given)) return given.map(value);
    if (typeof given !== 'object' || given === null) return given;
    return Object.fromEntries(Object.entries(given).map(([key, item]) => [key, value(item)]));
  };
  return { text, value: <T>(given: T) => value(given) as T };
}

/** A secret as it may appear: in base64 at each of the three alignments only its middle is the same. */
function formsOf(secret: string): string[] {
  const bytes = new TextEncoder().encode(secret);
  const encoded = [0, 1, 2].map((shift) => {
    const padded = new Uint8Array([...new Array<number>(shift).fill(0), ...bytes]);
    const whole = padded.length - (padded.length % 3);
    const base64 = btoa(String.fromCharCode(...padded.subarray(0, whole)));
    return base64.slice(shift === 0 ? 0 : 4);
  });
  return [secret, encodeURIComponent(secret), ...encoded.filter((form) => form.length >= SHORTEST_SECRET)];
}

const piecesOf = (secret: string): string[] =>
  Array.from({ length: secret.length - PIECE + 1 }, (_, index) => secret.slice(index, index + PIECE));

/** Masks what is left of a secret that was cut somewhere on its way: runs of characters that stand in it so. */
function withoutPieces(text: string, pieces: ReadonlySet<string>): string {
  if (pieces.size === 0) return text;
  let masked = '';
  let kept = 0;
  for (let at = 0; at + PIECE <= text.length; at++) {
    if (!pieces.has(text.slice(at, at + PIECE))) continue;
    masked += `${text.slice(kept, at)}${MASK}`;
    let next = at + 1;
    while (pieces.has(text.slice(next, next + PIECE))) next++;
    kept = next + PIECE - 1;
    at = kept - 1;
  }
  return masked + text.slice(kept);
}
