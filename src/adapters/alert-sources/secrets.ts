// Secrets of alert sources: out of the environment, or out of files that nobody else can read.
import { open } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { getuid } from 'node:process';
import { Failure } from '../../ports/failure.ts';
import type { SecretReference } from './source-type.ts';

const LARGEST = 64 * 1024;
const OTHERS = 0o077;

/** The secret without the line end that editors leave behind it. Throws Failure configuration, which never holds it. */
export async function readSecret(reference: SecretReference, env: Readonly<Record<string, string | undefined>>): Promise<string> {
  const value = 'fromEnv' in reference ? env[reference.fromEnv] : await readPrivateFile(reference.fromFile);
  const where = 'fromEnv' in reference ? `environment variable ${reference.fromEnv}` : `file "${reference.fromFile}"`;
  const secret = value?.replace(/[\r\n]+$/, '');
  if (secret === undefined) throw new Failure('configuration', `the ${where}, which should hold a secret, is not set`);
  if (secret === '') throw new Failure('configuration', `the ${where}, which should hold a secret, is empty`);
  // It would end a header early, or be refused by every server.
  if (/[\0-\x1f\x7f]/.test(secret)) throw new Failure('configuration', `the ${where} holds more than one line of plain text`);
  return secret;
}

/** A file that holds a secret. Throws Failure configuration where others could read it, or have written it. */
export async function readPrivateFile(path: string): Promise<string> {
  if (!isAbsolute(path))
    throw new Failure('configuration', `"${path}" must be an absolute path: a secret is no part of the working directory`);
  const file = await open(path, 'r').catch((cause: NodeJS.ErrnoException) => {
    throw new Failure('configuration', `the secret in "${path}" cannot be read: ${cause.code ?? cause.message}`, { cause });
  });
  try {
    // Of what was opened, not of what stands there now.
    const { mode, uid, size } = await file.stat();
    const me = getuid?.();
    if ((mode & OTHERS) !== 0)
      throw new Failure('configuration', `others than its owner may use "${path}", which holds a secret`, { hint: `chmod 600 ${path}` });
    if (me !== undefined && uid !== me && uid !== 0)
      throw new Failure('configuration', `"${path}", which holds a secret, belongs to another user`);
    if (size > LARGEST) throw new Failure('configuration', `"${path}" is too large for a secret`);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}
