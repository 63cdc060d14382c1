// How many columns of a terminal a text takes.

const WIDE =
  /(?![\u{1F1E6}-\u{1F1FF}])[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}\p{Script=Yi}\p{Emoji_Presentation}\u3000-\u303E\uFF01-\uFF60\uFFE0-\uFFE6]/u;
const NONE = /\p{Mn}|\p{Me}/u;

/** Of a text without controls: wide characters of East Asia and emoji take two columns, each half of a flag one, marks on the character before them none. */
export function width(text: string): number {
  // Nearly every line is of plain letters.
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let columns = 0;
  for (const character of text) columns += NONE.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return columns;
}
