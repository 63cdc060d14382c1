// Bytes to text: UTF-8, and where it stops being that.

/** The text, undecodable bytes as U+FFFD; `invalidAt` is the offset of the first of them in the text. A byte-order mark stays. */
export function decodeUtf8(bytes: Uint8Array): { text: string; invalidAt?: number } {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const encoder = new TextEncoder();
  let from = 0;
  let offset = 0;
  for (let at = text.indexOf('\uFFFD'); at !== -1; at = text.indexOf('\uFFFD', at + 1)) {
    offset += encoder.encode(text.slice(from, at)).length;
    // The mark itself may stand in the file: then it is these three bytes.
    if (bytes[offset] !== 0xef || bytes[offset + 1] !== 0xbf || bytes[offset + 2] !== 0xbd) return { text, invalidAt: at };
    from = at;
  }
  return { text };
}
