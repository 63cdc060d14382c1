// What `sim doctor` found, a line each.
import type { CheckStatus } from '../doctor/check.ts';
import type { Examined } from '../doctor/examine.ts';
import { type Colours, safe } from './format.ts';

/** Lines of all checks: mark, what was looked at, what was found, and what to do about it. */
export function doctorText(examined: readonly Examined[], paint: Colours): string {
  const mark: Record<CheckStatus, string> = {
    ok: paint.green('ok     '),
    warn: paint.yellow('warn   '),
    fail: paint.red('fail   '),
    unknown: paint.dim('unknown'),
  };
  const width = Math.max(...examined.map(({ title }) => title.length));
  return examined
    .flatMap(({ title, lines }) =>
      lines.flatMap(({ status, message, hint }) => [
        `${mark[status]} ${title.padEnd(width)}  ${safe(message)}`,
        ...(hint === undefined ? [] : [paint.dim(`${' '.repeat(width + 10)}${safe(hint)}`)]),
      ]),
    )
    .map((line) => `${line}\n`)
    .join('');
}
