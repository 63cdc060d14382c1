// Patterns of paths (`**`, `*`, `?`, `[a-z]`, `{a,b}`) on the linear-time engine: they may stand in a checkout that nobody trusts.
import { finds, patternProblem } from './regex.ts';

const LONGEST = 200;

export const isGlob = (path: string): boolean => /[*?[\]{}]/.test(path);

/** What is wrong with a pattern, or undefined. */
export function globProblem(glob: string): string | undefined {
  if (glob.length > LONGEST) return `is longer than ${LONGEST} characters`;
  return patternProblem(toRegex(glob)) === undefined ? undefined : 'is no pattern of paths: a bracket or a brace in it is not closed';
}

/** Whether a path with `/` fits, or lies in a folder that does. Throws where globProblem has something to say. */
export function matchesGlob(glob: string, path: string): boolean {
  return finds(toRegex(glob), path.replace(/^\.\//, ''));
}

function toRegex(glob: string): string {
  const body = glob
    .replace(/^\.\//, '')
    .replace(/\/+$/, '')
    .replace(/\*\*\/|\*\*|\*|\?|\[[!^]?\]?[^\]]*\]|[{},]|[^*?{},[]+|\[/g, translate);
  return `\\A(?s:${body}(?:/.*)?)\\z`;
}

function translate(piece: string): string {
  switch (piece) {
    case '**/':
      return '(?:[^/]*/)*';
    case '**':
      return '.*';
    case '*':
      return '[^/]*';
    case '?':
      return '[^/]';
    case '{':
      return '(?:';
    case '}':
      return ')';
    case ',':
      return '|';
    default:
      if (piece.startsWith('[') && piece.length > 1) return piece.replace(/^\[!/, '[^').replaceAll('\\', '\\\\');
      return piece.replace(/[\\^$.|+()[\]]/g, '\\$&');
  }
}
