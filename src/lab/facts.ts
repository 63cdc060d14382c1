// What other verbs need to know of a lab that is up.
import { join } from 'node:path';
import { Failure } from '../ports/failure.ts';
import type { Files } from '../ports/files.ts';
import type { LabRecord } from './driver.ts';
import { labFolders } from './folders.ts';

/** The lab's kubeconfig, helm and images. Throws Failure configuration where no lab is up. */
export async function labFacts(files: Pick<Files, 'read'>, env: Readonly<Record<string, string | undefined>>): Promise<LabRecord> {
  const record = await readRecord(files, recordPath(env));
  if (record === undefined) throw new Failure('configuration', 'the lab is not up', { hint: 'Start it with `sim lab up`.' });
  return record;
}

/** Where a lab that is up says what it is. */
export function recordPath(env: Readonly<Record<string, string | undefined>>): string {
  return join(labFolders(env).state, 'lab.json');
}

/** Undefined where there is none, or one of another version. */
export async function readRecord(files: Pick<Files, 'read'>, path: string): Promise<LabRecord | undefined> {
  try {
    const record = JSON.parse(await files.read(path)) as LabRecord;
    return record.version === 1 ? record : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || (error instanceof Failure && error.code === 'not-found')) return undefined;
    throw error;
  }
}
