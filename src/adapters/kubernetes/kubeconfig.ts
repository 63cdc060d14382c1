// Which cluster: kubeconfig files as kubectl finds and merges them, one context chosen.
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { Failure } from '../../ports/failure.ts';

/** How the operator chooses a cluster. `env` is read for KUBECONFIG and HOME only. */
export interface ClusterChoice {
  kubeconfig?: string | undefined;
  context?: string | undefined;
  env: Record<string, string | undefined>;
}

/** The kubeconfig with the chosen context as its current one, checked: cluster and user exist. Throws Failure configuration. */
export function chooseContext(choice: ClusterChoice): KubeConfig {
  const config = loadKubeconfig(choice);
  const names = config.getContexts().map((context) => context.name);
  const wanted = choice.context ?? config.getCurrentContext();
  if (!wanted) {
    throw new Failure('configuration', 'the kubeconfig names no current context', { hint: `Choose one with --context: ${listed(names)}.` });
  }
  const context = config.getContextObject(wanted);
  if (!context) {
    const near = nearest(wanted, names);
    const hint = near === undefined ? `There are: ${listed(names)}.` : `Did you mean "${near}"? There are: ${listed(names)}.`;
    throw new Failure('configuration', `the kubeconfig has no context "${wanted}"`, { hint });
  }
  config.setCurrentContext(wanted);
  const cluster = config.getCurrentCluster();
  if (!cluster)
    throw new Failure('configuration', `context "${wanted}" names the cluster "${context.cluster}", which the kubeconfig does not have`);
  // Without a user the library would forget the cluster's certificate authority too.
  if (!context.user) {
    config.users = [...config.users, { name: '' }];
    config.contexts = config.contexts.map((it) => (it.name === wanted ? { ...it, user: '' } : it));
  }
  const user = config.getCurrentUser();
  if (!user) throw new Failure('configuration', `context "${wanted}" names the user "${context.user}", which the kubeconfig does not have`);
  checkScheme(cluster.server, wanted);
  if (cluster.server.startsWith('http:'))
    config.clusters = config.clusters.map((it) => (it === cluster ? { ...it, skipTLSVerify: true } : it));
  if (user.exec) tellPlugin(user.exec, cluster.server);
  return config;
}

function checkScheme(server: string, context: string): void {
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (url?.protocol === 'https:') return;
  // `kubectl proxy` is plain HTTP on this machine; anywhere else credentials would travel in the clear.
  if (url?.protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname)) return;
  throw new Failure('configuration', `the server of context "${context}" is "${server}": it must be an https:// address`);
}

/** client-go tells a login program what is asked of it in KUBERNETES_EXEC_INFO; the library does not. */
function tellPlugin(
  exec: { apiVersion?: string; env?: { name: string; value: string }[]; provideClusterInfo?: boolean },
  server: string,
): void {
  const info = {
    apiVersion: exec.apiVersion ?? 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: { interactive: false, ...(exec.provideClusterInfo ? { cluster: { server } } : {}) },
  };
  exec.env = [...(exec.env ?? []), { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) }];
}

function loadKubeconfig({ kubeconfig, env }: ClusterChoice): KubeConfig {
  const files = kubeconfig === undefined ? defaultFiles(env) : [kubeconfig];
  const present = files.filter((file) => existsSync(file));
  if (present.length === 0) {
    throw new Failure('configuration', `no kubeconfig: ${files.map((file) => `"${file}"`).join(', ')} does not exist`, {
      hint: 'Give one with --kubeconfig FILE or KUBECONFIG, or use --lab for the disposable lab cluster.',
    });
  }
  const merged = new KubeConfig();
  for (const file of present) {
    const one = readOne(file);
    merged.currentContext ||= one.currentContext;
    // As kubectl merges: the first file that names a thing wins.
    merged.clusters = [...merged.clusters, ...one.clusters.filter(({ name }) => !merged.getCluster(name))];
    merged.users = [...merged.users, ...one.users.filter(({ name }) => !merged.getUser(name))];
    merged.contexts = [...merged.contexts, ...one.contexts.filter(({ name }) => !merged.getContextObject(name))];
  }
  return merged;
}

function defaultFiles(env: ClusterChoice['env']): string[] {
  const named = env.KUBECONFIG?.split(delimiter).filter((file) => file !== '') ?? [];
  return named.length > 0 ? named : [join(env.HOME || homedir(), '.kube', 'config')];
}

function readOne(file: string): KubeConfig {
  const config = new KubeConfig();
  try {
    config.loadFromFile(file);
  } catch (error) {
    throw new Failure('configuration', `the kubeconfig "${file}" cannot be read: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
  return config;
}

function listed(names: string[]): string {
  return names.length === 0 ? 'none' : names.map((name) => `"${name}"`).join(', ');
}

/** The name with the smallest edit distance, where that is under half of what was typed. */
function nearest(typed: string, names: string[]): string | undefined {
  const ranked = names.map((name) => ({ name, distance: editDistance(typed, name) })).sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best && best.distance <= typed.length / 2 ? best.name : undefined;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
