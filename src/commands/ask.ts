// Questions to whoever sits at the terminal.
import type { Session } from './session.ts';

/** Yes or no; no is the default. */
export async function confirm(message: string, { interrupt }: Session): Promise<boolean> {
  const prompts = await import('@inquirer/prompts');
  return await prompts.confirm({ message, default: false }, { signal: interrupt });
}

/** Some of the names, at least one. */
export async function chooseSome(message: string, names: readonly string[], { interrupt }: Session): Promise<string[]> {
  const { checkbox } = await import('@inquirer/prompts');
  return await checkbox({ message, choices: [...names], required: true }, { signal: interrupt });
}
