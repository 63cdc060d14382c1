// The one way from a file to what lint says of it, for `sim lint` and `sim run`.
import type { Diagnostic } from '../language/diagnostic.ts';
import { isDetection } from '../language/is-detection.ts';
import { isPlaybook } from '../language/is-playbook.ts';
import type { Playbook } from '../language/playbook.ts';
import type { Policy } from '../language/policy.ts';
import type { Source } from '../language/source.ts';
import type { Checkout, Look } from '../ports/checkout.ts';
import { lint } from '../rules/lint.ts';
import type { RuleContext } from '../rules/rule.ts';
import type { Target } from './lint-paths.ts';
import type { LintSettings } from './lint-settings.ts';
import { decoded, LARGEST_FILE, type ReadSource, sourceOf } from './read-source.ts';
import { referencesOf } from './references.ts';

export interface LintWorld {
  checkout: Checkout;
  settings: LintSettings;
  context: Omit<RuleContext, 'references'>;
}

export interface Linted {
  source: Source;
  /** There exactly when no diagnostic is an error. */
  playbook?: Playbook;
  diagnostics: Diagnostic[];
  /** What it was checked with, to check it again; absent where it could not be read. */
  with?: { context: RuleContext; policy: Policy };
  /** Of a detection rule, its id, which no other rule may have. */
  detectionId?: string;
  /** Where its text really stands. */
  place?: { path: string; mode: number };
}

/** Undefined where there is no file, and for one that was only come upon and is no playbook, or is ignored. */
export async function lintFile({ file, named }: Target, world: LintWorld): Promise<Linted | undefined> {
  const { checkout, settings } = world;
  const look = await checkout.look(file, { root: await checkout.rootOf(file), limit: LARGEST_FILE });
  const read = sourceOf(file, look);
  if (read === undefined || !(named || mayBePlaybook(read, look))) return undefined;
  const { policy, ignored } = await settings.policyOf(file, named);
  if (ignored) return undefined;
  return { ...(await lintText(read, policy, world)), ...(look.kind === 'file' ? { place: { path: look.path, mode: look.mode } } : {}) };
}

/** A text that was read already. Of one without a name of its own nobody knows what its paths mean. */
export async function lintText({ source, problem }: ReadSource, policy: Policy, { checkout, context: known }: LintWorld): Promise<Linted> {
  if (problem !== undefined) return { source, diagnostics: [problem] };
  // Whoever has playbooks only does not load what rules need.
  if (isDetection(source)) return (await import('./lint-detection.ts')).lintDetection(source, policy, known);
  const context = source.name === '-' ? known : { ...known, references: await referencesOf(source, known.steps, checkout) };
  return { source, with: { context, policy }, ...lint(source, context, policy) };
}

/** What cannot be opened is told: it may be one. */
function mayBePlaybook({ source }: ReadSource, look: Look): boolean {
  if (look.kind === 'large') return isPlaybook(decoded('', look.start).source.text);
  return look.kind !== 'file' || isPlaybook(source.text);
}
