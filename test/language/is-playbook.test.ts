import { expect, test } from 'vitest';
import { isPlaybook } from '../../src/language/is-playbook.ts';

test.each([
  ['a playbook', 'apiVersion: kubesim/v1\nkind: Playbook\n'],
  ['after comments', '# hello\n---\napiVersion: kubesim/v1\n'],
  ['in quotes', '"apiVersion": "kubesim/v1"\n'],
  ['one with a mistake in it', 'apiVersion: kubesim/v1\n\tsteps: [\n'],
  ['flow style', '{kind: Playbook, apiVersion: kubesim/v1}'],
  ['broken flow style', '{kind: Playbook, apiVersion: kubesim/v1'],
  ['indented as a whole', '  apiVersion: kubesim/v1\n  kind: Playbook\n'],
  ['the value on its own line', 'apiVersion:\n  kubesim/v1\n'],
  ['an explicit key', '? apiVersion\n: kubesim/v1\n'],
  ['escapes in the key', '"api\\u0056ersion": kubesim/v1\n'],
  ['escapes in the value', 'apiVersion: "kubesi\\u006d/v1alpha1"\n'],
  ['an anchor', 'apiVersion: &v kubesim/v1\n'],
])('%s is one', (_, text) => expect(isPlaybook(text)).toBe(true));

test.each([
  ['nothing', ''],
  ['a manifest', 'apiVersion: v1\nkind: Pod\n'],
  ['a manifest that holds one', 'apiVersion: v1\nkind: ConfigMap\ndata:\n  a.yaml: |\n    apiVersion: kubesim/v1\n'],
  ['several manifests', 'apiVersion: v1\n---\napiVersion: v1\n'],
  ['a template', 'apiVersion: {{ .Values.version }}\nkind: Pod\n'],
  ['a list', '- apiVersion: kubesim/v1\n'],
  ['a text that speaks of it', 'description: see kubesim/docs\n'],
])('%s is none', (_, text) => expect(isPlaybook(text)).toBe(false));
