// Questions to whoever sits at the terminal.
import { Failure } from '../ports/failure.ts';
import type { Session } from './session.ts';

/** Yes or no; no is the default. Throws Failure interrupted. */
export async function confirm(message: string, session: Session): Promise<boolean> {
  const prompts = await import('@inquirer/prompts');
  return await answered(prompts.confirm({ message, default: false }, { signal: session.interrupt }));
}

/** Some of the names, at least one. Throws Failure interrupted. */
export async function chooseSome(message: string, names: readonly string[], session: Session): Promise<string[]> {
  const { checkbox } = await import('@inquirer/prompts');
  return await answered(checkbox({ message, choices: [...names], required: true }, { signal: session.interrupt }));
}

/** While a question stands, Ctrl-C is a key that the prompt reads, and no signal. */
async function answered<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Error && /^(ExitPrompt|AbortPrompt|CancelPrompt)Error$/.test(error.name))
      throw new Failure('interrupted', 'interrupted: nothing was done');
    throw error;
  }
}
