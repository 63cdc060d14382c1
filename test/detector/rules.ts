// The rules that come with sim, for tests.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Detection } from '../../src/detector/detection.ts';
import { loadDetection } from '../../src/detector/load-detection.ts';
import { locate, type Source } from '../../src/language/source.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(repository, 'detections');

const alertIds = readdirSync(join(repository, 'alerts')).map((name) => name.replace(/\.yaml$/, ''));

/** The files of detections/. */
export const shippedDetectionTexts = (): Source[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));

/** The rules of detections/. Throws where one has an error. */
export function shippedDetections(): Detection[] {
  return shippedDetectionTexts().map((source) => {
    const { detection, diagnostics } = loadDetection(source, { alerts: alertIds });
    if (detection !== undefined && diagnostics.length === 0) return detection;
    const told = locate(source, diagnostics).map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`);
    throw new Error(told.join('\n'));
  });
}
