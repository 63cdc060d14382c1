// The rules of a folder, ready to be used, or a clear word on what is wrong with them.
import { join } from 'node:path';
import type { Detection } from '../detector/detection.ts';
import { loadDetection } from '../detector/load-detection.ts';
import { locate } from '../language/source.ts';
import type { Files } from '../ports/files.ts';
import { lintText } from '../reporters/lint/text.ts';
import { alertIds, packageFolder } from './package-files.ts';
import { UsageError } from './usage-error.ts';

/** Those that ship with the package. */
export const detectionsFolder = `${packageFolder}detections`;

/** Every rule of the folder's YAML files. Throws UsageError with the findings where one has an error, or two have the same id. */
export async function loadDetections(folder: string, files: Pick<Files, 'list' | 'read'>, { colour = false } = {}): Promise<Detection[]> {
  const names = (await files.list(folder)).filter((name) => /\.ya?ml$/.test(name));
  if (names.length === 0) throw new UsageError(`there is no detection rule in ${folder}`);
  const alerts = await alertIds(files);
  const byId = new Map<string, Detection>();
  for (const name of names) {
    const source = { name: join(folder, name), text: await files.read(join(folder, name)) };
    const { detection, diagnostics } = loadDetection(source, { alerts });
    if (detection === undefined)
      throw new UsageError(`${source.name} is no detection rule that can be used`, {
        findings: lintText({ findings: locate(source, diagnostics), colour }),
      });
    const other = byId.get(detection.id);
    if (other !== undefined) throw new UsageError(`the rules \`${other.name}\` and \`${detection.name}\` have the same id`);
    byId.set(detection.id, detection);
  }
  return [...byId.values()];
}
