// A kubectl command taken apart: its verb and objects, and the namespace that it names.

/** Options whose value is the next word. */
const WITH_VALUE = new Set(
  '-n --namespace -f --filename -k --kustomize -l --selector -o --output -c --container -s --server --context --cluster --user --kubeconfig --token --as --image --field-selector'.split(
    ' ',
  ),
);

export interface Kubectl {
  /** The verb, then what it acts on. */
  operands: string[];
  /** As it is written; absent: that of the pod it runs in, or all. */
  namespace?: string;
  has(option: RegExp): boolean;
}

/** Undefined for the words of another program. */
export function kubectlOf([program = '', ...words]: readonly string[]): Kubectl | undefined {
  if (!/(?:^|\/)kubectl$/.test(program)) return undefined;
  const operands: string[] = [];
  let namespace: string | undefined;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    // What stands behind it is run in a pod.
    if (word === '--') break;
    if (word === '-n' || word === '--namespace') namespace = words[at + 1];
    else if (word.startsWith('--namespace=')) namespace = word.slice('--namespace='.length);
    if (WITH_VALUE.has(word)) at++;
    else if (!word.startsWith('-')) operands.push(word);
  }
  return { operands, ...(namespace === undefined ? {} : { namespace }), has: (option) => words.some((word) => option.test(word)) };
}
