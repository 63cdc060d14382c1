// What makes a finding the same one after the lines above it moved: forges compare by it from one commit to the next.
import type { Finding } from '../../language/source.ts';
import type { LintReport } from './report.ts';

/** One for each finding, in their order: a hash of rule, file and source line, and which one of those it is. */
export function fingerprints({ findings, pathOf, digest }: LintReport): { hash: string; occurrence: number }[] {
  const seen = new Map<string, number>();
  return findings.map(({ file, rule, excerpt }: Finding) => {
    const hash = digest(JSON.stringify([rule, pathOf(file), excerpt.text.trim()]));
    const occurrence = (seen.get(hash) ?? 0) + 1;
    seen.set(hash, occurrence);
    return { hash, occurrence };
  });
}
