// Pods that are not the run's own: attacked only where the operator has named their namespace.

/** The option of `sim run` that names one. */
export const allowTarget = (namespace: string): string => `--allow-target ${namespace}`;

/** Those of the namespaces that nobody has allowed, each once; the run's own needs no word. */
export const forbiddenTargets = (
  namespaces: readonly string[],
  { own, allowed }: { own: string; allowed: readonly string[] },
): string[] => [...new Set(namespaces.filter((namespace) => namespace !== own && !allowed.includes(namespace)))];
