// Whether a YAML file that was come upon is meant as a playbook; other YAML is none of our business.
import { readYaml } from './located.ts';

const LINE = /^(?:---[ \t]+)?["']?apiVersion["']?[ \t]*:[ \t]*["']?kubesim\//m;

/** By its top-level `apiVersion`, also where the text is no valid YAML. An unusual spelling of it does not hide a playbook. */
export function isPlaybook(text: string): boolean {
  if (LINE.test(text)) return true;
  // Without the word itself only an escape in a quoted text can give it.
  if (!text.includes('kubesim/') && !text.includes('\\')) return false;
  const { located } = readYaml(text);
  if (located === undefined) return /apiVersion.{0,20}kubesim\//s.test(text);
  const { apiVersion } = (located.value ?? {}) as { apiVersion?: unknown };
  return typeof apiVersion === 'string' && apiVersion.startsWith('kubesim/');
}
