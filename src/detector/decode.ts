// What a command line says once the usual wrappers are taken off: base64, hexadecimal digits, escapes, quotes in the middle of words.

/** Of the texts that are decoded, together; a command line cannot be longer than 128 KiB for one argument. */
const MOST_TEXT = 64 * 1024;
/** A wrapper in a wrapper in a wrapper. */
const DEEPEST = 4;
const MOST_PIECES = 20;

const BASE64 = /[A-Za-z0-9+/_-]{16,}={0,2}/g;
/** Without one of these nothing is encoded. */
const HINT = /(?:^|[^A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{16}|[\\%]/;
const ESCAPES = /(?:(?:\\x[0-9A-Fa-f]{2}){4,}|(?:\\[0-3]?[0-7]{2}){6,}|(?:%[0-9A-Fa-f]{2}){4,})/g;

/**
 * The text, and below it, each on its own lines, what is encoded in it, in what that holds, and so on. A command such as
 * `echo d2hvYW1p... | base64 -d | bash` so shows what bash is told. Nothing is run, and what does not decode to text is left alone.
 */
export function seeThrough(text: string): string {
  if (!HINT.test(text)) return text;
  const seen = new Set([text]);
  let layer = [text];
  let left = MOST_TEXT;
  for (let depth = 0; depth < DEEPEST && layer.length > 0; depth++) {
    layer = layer.flatMap((each) => decodedIn(each)).filter((each) => !seen.has(each) && each.length <= left);
    for (const each of layer.splice(MOST_PIECES)) seen.delete(each);
    for (const each of layer) {
      if (each.length > left) break;
      left -= each.length;
      seen.add(each);
    }
  }
  return seen.size === 1 ? text : [...seen].join('\n');
}

function decodedIn(text: string): string[] {
  const found: string[] = [];
  const add = (decoded: string | undefined) => {
    if (decoded !== undefined && decoded !== text && found.length < MOST_PIECES) found.push(decoded);
  };
  // What has no long word without spaces holds nothing, and that is nearly everything.
  for (const word of text.match(BASE64) ?? []) {
    // A path or an option: what is encoded has digits or large letters among its first characters.
    if (!/[A-Z0-9]/.test(word)) continue;
    add(readable(Buffer.from(word, 'base64')));
    if (word.length % 2 === 0 && /^[0-9A-Fa-f]+$/.test(word)) add(readable(Buffer.from(word, 'hex')));
  }
  if (text.includes('\\') || text.includes('%')) {
    const unescaped = text.replace(ESCAPES, (run) => withoutEscapes(run));
    if (unescaped !== text) add(unescaped);
  }
  return found;
}

const withoutEscapes = (run: string): string =>
  run.replace(/\\x([0-9A-Fa-f]{2})|%([0-9A-Fa-f]{2})|\\([0-3]?[0-7]{2})/g, (_, hex?: string, url?: string, octal?: string) =>
    String.fromCharCode(octal === undefined ? Number.parseInt(hex ?? url ?? '', 16) : Number.parseInt(octal, 8)),
  );

/** Bytes that are text, else nothing: a key, a hash or an identifier decodes to noise. */
function readable(bytes: Buffer): string | undefined {
  if (bytes.length < 4) return undefined;
  let odd = 0;
  for (const byte of bytes)
    if (byte < 9 || (byte > 13 && byte < 32) || byte === 127) return undefined;
    else if (byte > 127) odd++;
  return odd * 10 > bytes.length ? undefined : bytes.toString('utf8');
}

/** A shell's words without what only hides them: `w'h'oami`, `who\ami`, `cat${IFS}/etc/passwd`. */
export const withoutTricks = (script: string): string =>
  script
    .replace(/\$\{?IFS(?:%\?\?)?\}?/g, ' ')
    .replace(/(?<=[\w./-])(?:''|""|\\|\$@|\$\{@\})(?=[\w./-])/g, '')
    .replace(/(?<![=\w])(['"])([\w./-]{1,3})\1(?=[\w./-])|(?<=[\w./-])(['"])([\w./-]{1,3})\3/g, '$2$4');
