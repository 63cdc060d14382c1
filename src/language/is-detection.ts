// Whether a YAML file is meant as a detection rule: it says so by its `kind`.
import { readSource } from './load.ts';
import type { Source } from './source.ts';
import { isMap } from './untyped.ts';

const LINE = /^(?:---[ \t]+)?["']?kind["']?[ \t]*:[ \t]*["']?Detection["']?[ \t\r]*(?:#.*)?$/m;

/** By its top-level `kind`, also where the text is no valid YAML. */
export function isDetection(source: Source): boolean {
  if (!source.text.includes('Detection')) return false;
  const { located } = readSource(source);
  return located === undefined ? LINE.test(source.text) : isMap(located.value) && located.value.kind === 'Detection';
}
