// Text of a playbook - names, values, excerpts - made harmless wherever lint prints it.

// What a terminal would obey instead of show: controls, and marks that reverse the order of the text; and halves of characters.
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** On one line, and nothing that a terminal or a CI runner's log obeys (`##[command]` and `##vso[...]` work anywhere in a line). */
export const plain = (text: string): string =>
  text
    .replaceAll('\t', ' ')
    .replace(UNSAFE, '\uFFFD')
    .replace(/##(?=\[|vso\[)/gi, '#\uFFFD');

/** A file's name at the start of a line, where `::` would begin a workflow command. */
export const plainName = (file: string): string => plain(/^\s*::/.test(file) ? `./${file}` : file);

/** JSON of only such characters as are shown as they are, and that means the same. */
export const plainJson = (value: unknown): string =>
  `${JSON.stringify(value, null, 2)
    .replace(/[^\P{C}\n]|[\p{Zl}\p{Zp}]/gu, escaped)
    .replace(/##(?=\[|vso\[)/gi, '#\\u0023')}\n`;

const escaped = (character: string): string =>
  Array.from({ length: character.length }, (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`).join('');
