// Which configuration holds for which file: the pinned one for all, else the nearest `.sim-lint.yaml` between a file and its checkout's root.
import { dirname, join, relative, resolve, sep } from 'node:path';
import { matchesGlob } from '../language/glob.ts';
import { emptyConfig, type LintConfig, readLintConfig } from '../language/lint-config.ts';
import type { Policy } from '../language/policy.ts';
import { type Finding, locate } from '../language/source.ts';
import type { Checkout } from '../ports/checkout.ts';
import { knownRules } from '../rules/lint.ts';
import { LARGEST_FILE, sourceOf } from './read-source.ts';
import { UsageError } from './usage-error.ts';

const FILE = '.sim-lint.yaml';

export interface SettingsOptions {
  checkout: Checkout;
  /** The working directory, absolute. */
  folder: string;
  /** `--config`: the one configuration that holds. */
  pinned?: string;
  /** False for `--no-inline-disable`. */
  comments: boolean;
}

export interface LintSettings {
  /** How a file's findings are treated. `ignored`: it is passed over, unless it was named. */
  policyOf(file: string, named: boolean): Promise<{ policy: Policy; ignored: boolean }>;
  /** Where to look when no path is given, as paths from the working directory. */
  defaultPaths(): Promise<string[]>;
  /** What is wrong with the configurations that were read. */
  findings(): Finding[];
}

interface Placed {
  config: LintConfig;
  /** What its globs and paths count from. */
  base: string;
}

/** Throws UsageError where the pinned file is not there. */
export async function lintSettings({ checkout, folder, pinned, comments }: SettingsOptions): Promise<LintSettings> {
  const findings: Finding[] = [];
  const read = async (path: string, root: string): Promise<LintConfig | undefined> => {
    const found = sourceOf(relative(folder, path).split(sep).join('/'), await checkout.look(path, { root, limit: LARGEST_FILE }));
    if (found === undefined) return undefined;
    const { source, problem } = found;
    const { config, diagnostics } =
      problem === undefined
        ? readLintConfig(source.text, knownRules, pinned !== undefined)
        : { config: emptyConfig, diagnostics: [problem] };
    findings.push(...locate(source, diagnostics));
    return config;
  };

  const nearest = new Map<string, Promise<Placed | undefined>>();
  const nearestTo = (at: string, root: string): Promise<Placed | undefined> => {
    const known = nearest.get(at);
    if (known !== undefined) return known;
    const above = async () => (at === root || dirname(at) === at ? undefined : await nearestTo(dirname(at), root));
    const found = read(join(at, FILE), root).then(async (config) => (config === undefined ? await above() : { config, base: at }));
    nearest.set(at, found);
    return found;
  };

  let fixed: Placed | undefined;
  if (pinned !== undefined) {
    // The operator's own file: it may lie anywhere, and a link is theirs.
    const config = await read(resolve(folder, pinned), resolve('/'));
    if (config === undefined) throw new UsageError(`there is no configuration ${pinned}`);
    fixed = { config, base: folder };
  }

  return {
    async policyOf(file, named) {
      const path = resolve(folder, file);
      const { config, base } = fixed ??
        (await nearestTo(dirname(path), await checkout.rootOf(path))) ?? { config: emptyConfig, base: folder };
      const place = relative(base, path).split(sep).join('/');
      const left = !named && config.ignore.some((glob) => matchesGlob(glob, place));
      return {
        policy: {
          severities: config.severities,
          comments: !comments ? 'none' : config.inlineSecurity ? 'and-security' : 'rules',
          // A checkout may leave out files, but not hide from the security rules.
          securityOnly: left && fixed === undefined,
        },
        ignored: left && fixed !== undefined,
      };
    },
    async defaultPaths() {
      const root = await checkout.rootOf(join(folder, FILE));
      const { config, base } = fixed ?? (await nearestTo(folder, root)) ?? { config: emptyConfig, base: folder };
      if (config.paths.length > 0) return config.paths.map((path) => relative(folder, resolve(base, path)).split(sep).join('/') || '.');
      const { kind } = await checkout.look('playbooks', { root, limit: 0 });
      return [kind === 'folder' ? 'playbooks' : '.'];
    },
    findings: () => findings,
  };
}
