// Text for people in lines that fit.

/** Breaks a paragraph at its spaces; a word that is longer than a line has one to itself. */
export function wrapped(content: string, columns: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of content.split(/\s+/).filter((each) => each !== '')) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join('\n');
}
