// The list of verbs. A new one is a file beside this and a line here; only the one that is asked for is loaded.
import type { Command } from 'commander';
import { localFiles } from '../adapters/files.ts';
import { loadCatalogue } from './package-files.ts';
import type { Session } from './session.ts';

/** In the order in which help shows them. */
export const verbs: Readonly<Record<string, (session: Session) => Promise<Command>>> = {
  run: async (session) => (await import('./run.ts')).runCommand(session),
  lint: async (session) => {
    const [{ lintCommand }, { lintDependencies }] = await Promise.all([import('./lint.ts'), import('./lint-dependencies.ts')]);
    return lintCommand(await lintDependencies(session));
  },
  verify: async (session) => (await import('./verify.ts')).verifyCommand(session),
  doctor: async (session) => (await import('./doctor.ts')).doctorCommand(session),
  cleanup: async (session) => (await import('./cleanup.ts')).cleanupCommand(session),
  lab: async (session) => (await import('./lab.ts')).labCommand(session),
  plan: async (session) => (await import('./plan.ts')).planCommand(session),
  list: async (session) => (await import('./list.ts')).listCommand(session),
  new: async (session) => (await import('./new.ts')).newCommand(session),
  detect: async (session) => (await import('./detect.ts')).detectCommand(session),
  import: async (session) => (await import('./import.ts')).importCommand(session),
  alerts: async (session) => (await import('./alerts.ts')).alertsCommand(session),
  explain: async (session) => (await import('./explain.ts')).explainCommand(session),
  schema: async ({ stdout, stderr, setExitCode }) => {
    const [{ schemaCommand }, { stepTypes }] = await Promise.all([import('./schema.ts'), import('../steps/index.ts')]);
    const files = localFiles();
    const configuration = async () => {
      const [{ configurationSchema }, { sourceTypes }] = await Promise.all([
        import('./configuration-schema.ts'),
        import('../adapters/alert-sources/index.ts'),
      ]);
      return configurationSchema(sourceTypes);
    };
    return schemaCommand({ files, steps: stepTypes, catalogue: () => loadCatalogue(files), configuration, stdout, stderr, setExitCode });
  },
};

/** The verbs that a command line is about: the one that it names, none where it only asks for the version, else all (help, suggestions). */
export function verbsOf(argv: readonly string[]): string[] {
  if (argv[0] === '-V' || argv[0] === '--version') return [];
  const [first, second] = argv.filter((word) => !word.startsWith('-'));
  const name = first === 'help' ? second : first;
  return name !== undefined && Object.hasOwn(verbs, name) ? [name] : Object.keys(verbs);
}
