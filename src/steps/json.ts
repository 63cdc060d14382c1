// Text that may be JSON, for outputs that expressions look into.

/** The value that the text is, or null where it is no JSON. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
