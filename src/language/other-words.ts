// Keys that people bring along from other tools, with what stands for them here. Schemas hold them as `x-instead`; hints are made of them.

/** By the word as other tools write it: a hint that names the key to use in backticks. */
export type OtherWords = Readonly<Record<string, string>>;

/** The same hint for several words. */
const all = (words: readonly string[], hint: string): OtherWords => Object.fromEntries(words.map((word) => [word, hint]));

/** At the top of a file. GitHub Actions, Argo, Ansible, Kubernetes. */
export const playbookWords: OtherWords = {
  ...all(['name', 'title', 'description', 'risk', 'labels'], 'it describes the playbook: its place is in `metadata`'),
  spec: 'there is no `spec` here: `inputs`, `variables` and `steps` stand at the top',
  ...all(['jobs', 'tasks', 'stages', 'step', 'templates', 'scenario', 'techniques'], 'what is done is one list: `steps`'),
  ...all(['vars', 'env', 'locals', 'set', 'defaults'], 'named texts are `variables`; values that a run may set are `inputs`'),
  ...all(['parameters', 'params', 'arguments', 'args', 'values'], 'values that a run may set are `inputs`'),
  ...all(['cleanup', 'teardown', 'after', 'post'], 'what is done at the end is `finally`; what a run created is removed without it'),
  ...all(['on', 'hosts', 'namespace'], 'a run has its own namespace and starts by `sim run`: leave this out'),
};

/** In `metadata`. */
export const metadataWords: OtherWords = {
  ...all(['labels', 'annotations', 'namespace'], 'a playbook is no object of the cluster: leave this out'),
  ...all(['attack', 'techniques', 'mitre', 'tags'], 'techniques belong to the steps: `attack: [T1046]` there'),
  ...all(['summary', 'desc'], 'did you mean `description`?'),
};

/** In an input. */
export const inputWords: OtherWords = {
  required: 'an input without a `default` must be given',
  optional: 'an input with a `default` need not be given',
  ...all(['value', 'initial'], 'did you mean `default`?'),
  ...all(['options', 'choices', 'enum', 'allowed'], 'the values of `type: enum` are `values`'),
  ...all(['regex', 'validation', 'format'], 'did you mean `pattern`?'),
};

/** Types of inputs. */
export const inputTypeWords: OtherWords = {
  ...all(['int', 'int32', 'int64'], 'did you mean `integer`?'),
  ...all(['float', 'double'], 'did you mean `number`?'),
  ...all(['bool', 'switch'], 'did you mean `boolean`?'),
  ...all(['str', 'text', 'path', 'url'], 'did you mean `string`?'),
  ...all(['choice', 'select', 'options'], 'did you mean `enum`? its values stand in `values`'),
  ...all(['password', 'token'], 'did you mean `secret`?'),
};

/** In a step, beside what step types say of themselves. */
export const stepWords: OtherWords = {
  ...all(['if', 'condition', 'unless'], 'a condition is `when`, in CEL and without `${{ }}`'),
  ...all(
    ['needs', 'depends', 'dependsOn', 'depends_on', 'dependencies'],
    'steps run one after the other as they stand; together in `parallel`',
  ),
  ...all(['env', 'environment', 'vars'], 'named texts are `variables`, at the top of the file'),
  ...all(['ignore_errors', 'ignoreErrors', 'failFast', 'allow_failure'], 'did you mean `continueOnError`?'),
  ...all(
    ['timeout-minutes', 'timeoutSeconds', 'timeout_seconds', 'deadline', 'activeDeadlineSeconds'],
    'did you mean `timeout`? it has a unit: `5m`',
  ),
  ...all(['register', 'key'], 'outputs are read by the `id` of their step: `steps.<id>.stdout`'),
  ...all(['retries', 'retryStrategy', 'max_attempts'], 'did you mean `retry`? e.g. `retry: {attempts: 3}`'),
  ...all(['until', 'delay', 'backoff'], 'it belongs into `retry`'),
  ...all(['loop', 'with_items', 'count', 'times'], 'did you mean `repeat`? e.g. `repeat: {times: 3}`'),
  ...all(['technique', 'techniques', 'mitre', 'tags'], 'techniques are `attack`, e.g. `attack: [T1046]`'),
  ...all(
    ['include', 'import', 'template', 'templateRef', 'include_tasks', 'import_tasks'],
    'did you mean `uses`? e.g. `uses: ./steps/scan.yaml`',
  ),
  ...all(['description', 'title', 'comment'], 'did you mean `name`?'),
};

export const retryWords: OtherWords = {
  ...all(['count', 'limit', 'max', 'times', 'max_attempts', 'maxAttempts', 'retries', 'number'], 'did you mean `attempts`?'),
  ...all(['interval', 'pause', 'every'], 'did you mean `delay`?'),
  ...all(['factor', 'multiplier'], 'did you mean `backoff`?'),
};

export const repeatWords: OtherWords = {
  ...all(['count', 'number', 'limit', 'attempts', 'max'], 'did you mean `times`?'),
  ...all(['interval', 'pause', 'delay'], 'did you mean `every`?'),
};

/** What a schema says to a word that it does not know; letter case, `-` and `_` do not count. */
export function insteadOf(word: string, words: OtherWords | undefined): string | undefined {
  if (words === undefined) return undefined;
  const plain = (name: string) => name.toLowerCase().replace(/[-_ ]/g, '');
  const key = Object.keys(words).find((each) => plain(each) === plain(word));
  return key === undefined ? undefined : words[key];
}

/** The names that a hint puts in backticks. */
export const namesIn = (hint: string): string[] => [...hint.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
