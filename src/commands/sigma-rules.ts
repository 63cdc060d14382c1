// The Sigma rules below a folder, which whoever asks has fetched: as many as can be evaluated, and a word on the others.
import { join } from 'node:path';
import { cwd } from 'node:process';
import { localCheckout } from '../adapters/checkout.ts';
import type { Detector } from '../detector/detector.ts';
import { readSigmaRule, type SigmaRule, sigmaDetector } from '../detector/sigma/rule.ts';
import { decodeUtf8 } from '../language/decode.ts';
import { packageFolder } from './package-files.ts';
import { LARGEST_FILE } from './read-source.ts';
import { UsageError } from './usage-error.ts';

const MOST_NAMED = 5;

/** Throws UsageError where the folder has no rule that can be evaluated. */
export async function loadSigma(folder: string): Promise<{ detector: Detector; notes: string[] }> {
  const checkout = localCheckout(cwd(), packageFolder);
  const rules: SigmaRule[] = [];
  const refused = new Map<string, string[]>();
  const blind: string[] = [];
  const root = await checkout.rootOf(folder);
  const visit = async (path: string): Promise<void> => {
    for (const { name, kind } of await checkout.entries(path)) {
      const inside = join(path, name);
      if (kind === 'folder') await visit(inside);
      else if (/\.ya?ml$/.test(name)) {
        const look = await checkout.look(inside, { root, limit: LARGEST_FILE });
        const rule = look.kind === 'file' ? readSigmaRule(name.replace(/\.ya?ml$/, ''), decodeUtf8(look.bytes).text) : 'it cannot be read';
        if (typeof rule === 'string') refused.set(rule, [...(refused.get(rule) ?? []), name]);
        else {
          rules.push(rule);
          if (rule.blind.length > 0) blind.push(`${rule.rule.name} (${rule.blind.join(', ')})`);
        }
      }
    }
  };
  const { kind } = await checkout.look(folder, { root, limit: 0 });
  if (kind !== 'folder') throw new UsageError(`there is no folder ${folder}`);
  await visit(folder);
  if (rules.length === 0)
    throw new UsageError(`there is no Sigma rule in ${folder} that can be evaluated`, {
      hint: "SigmaHQ's sets are rules/application/kubernetes/audit and rules/linux/process_creation",
    });
  const some = (names: readonly string[]) => `${names.slice(0, MOST_NAMED).join(', ')}${names.length > MOST_NAMED ? ', ...' : ''}`;
  return {
    detector: sigmaDetector(rules),
    notes: [
      `${rules.length} Sigma rules are evaluated`,
      ...[...refused].map(([why, names]) => `${names.length} not, because ${why}: ${some(names)}`),
      ...(blind.length === 0 ? [] : [`${blind.length} read fields that no sensor tells: ${some(blind)}`]),
    ],
  };
}
