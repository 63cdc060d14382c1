// Charts rendered by the helm program (3 or 4), cut off from the operator's own helm: no plugins, repositories or cluster.
import { constants } from 'node:fs';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { env as processEnvironment } from 'node:process';
import { parseAllDocuments, type Tags } from 'yaml';
import type { ChartRequest, Charts } from '../ports/charts.ts';
import type { KubernetesObject } from '../ports/cluster.ts';
import { Failure } from '../ports/failure.ts';
import type { ProcessRunner } from '../ports/process.ts';
import { maskValues } from './mask-values.ts';

type Environment = Record<string, string | undefined>;

const LIMIT = 120_000;
/** Lines kept of what helm says. */
const LINES = 10;
const NAME = /^[a-z0-9]([-a-z0-9]{0,51}[a-z0-9])?$/;

/** Charts by the helm at `binary`, else at SIM_HELM, else on PATH; looked up when first needed. */
export function helmCharts(options: { binary?: string; process: ProcessRunner; env?: Environment }): Charts {
  const { process, env = processEnvironment } = options;
  const helm = async (args: string[], input: string, signal: AbortSignal) => {
    const program = await findHelm(options.binary ?? env.SIM_HELM, env);
    const home = await mkdtemp(join(tmpdir(), 'kubesim-helm-'));
    try {
      return { program, ...(await process.run([program, ...args], { input, environment: isolated(env, home), timeout: LIMIT, signal })) };
    } catch (error) {
      if (error instanceof Failure && error.code === 'command-not-found') throw missingHelm(`"${program}" cannot be started`);
      throw error;
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  };
  return {
    async render(request, signal) {
      const chart = await chartArgument(request.chart);
      const { exitCode, stdout, stderr } = await helm(templateArguments(request, chart), JSON.stringify(request.values), signal);
      const mask = maskValues(request.values);
      if (exitCode !== 0) throw chartFailure(request.chart, mask(stderr));
      return parseManifests(request.chart, stdout, mask);
    },
    async version(signal) {
      const { program, exitCode, stdout, stderr } = await helm(['version', '--template', '{{.Version}}'], '', signal);
      const version = /^v?(\d+\.\d+\S*)/.exec(stdout.trim())?.[1];
      if (exitCode !== 0 || version === undefined) {
        throw new Failure('configuration', `"${program}" is not helm: ${firstLine(stderr || stdout)}`, {
          hint: 'Name helm 3 or 4 with SIM_HELM.',
        });
      }
      if (!/^[34]\./.test(version)) throw missingHelm(`"${program}" is helm ${version}`);
      return { path: program, version };
    },
  };
}

async function findHelm(given: string | undefined, env: Environment): Promise<string> {
  const folders = (env.PATH ?? '').split(delimiter).filter(isAbsolute);
  const candidates = given === undefined ? folders.map((folder) => join(folder, 'helm')) : [resolve(given)];
  for (const candidate of candidates) {
    const usable = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (usable) return candidate;
  }
  throw missingHelm(given === undefined ? 'helm is not on PATH' : `there is no helm at "${given}"`);
}

function missingHelm(what: string): Failure {
  return new Failure('configuration', `${what}: helm 3 or 4 is needed to render charts`, {
    hint: 'Install helm (helm.sh/docs/intro/install), name it with SIM_HELM, or start the lab, which brings its own.',
  });
}

/** helm's environment: no HELM_* of the operator's but the logins to OCI registries, and no cluster. */
function isolated(env: Environment, home: string): Record<string, string> {
  const kept = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined && !entry[0].startsWith('HELM_'));
  const configuration = env.HELM_CONFIG_HOME ?? join(env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config'), 'helm');
  return {
    ...Object.fromEntries(kept),
    HELM_REGISTRY_CONFIG: env.HELM_REGISTRY_CONFIG ?? join(configuration, 'registry', 'config.json'),
    HELM_CONFIG_HOME: join(home, 'config'),
    HELM_CACHE_HOME: join(home, 'cache'),
    HELM_DATA_HOME: join(home, 'data'),
    HELM_PLUGINS: join(home, 'plugins'),
    HELM_REPOSITORY_CONFIG: join(home, 'repositories.yaml'),
    HELM_REPOSITORY_CACHE: join(home, 'repositories'),
    HELM_DEBUG: 'false',
    KUBECONFIG: join(home, 'no-cluster'),
  };
}

/** The chart as an argument that can be nothing else: an absolute path or an oci:// reference. */
async function chartArgument(chart: string): Promise<string> {
  if (chart.startsWith('oci://')) return chart;
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(chart)) {
    throw new Failure('invalid', `chart "${chart}": only folders, .tgz files and oci:// references can be used`);
  }
  const path = resolve(chart);
  await access(path).catch((cause: unknown) => {
    throw new Failure('invalid', `chart "${chart}" does not exist`, { cause });
  });
  return path;
}

function templateArguments({ chart: _, ...request }: ChartRequest, chart: string): string[] {
  const { release, namespace, kubeVersion } = request;
  for (const [what, name] of Object.entries({ release, namespace })) {
    if (!NAME.test(name)) throw new Failure('invalid', `${what} "${name}" is no name: lower-case letters, digits and "-", at most 53`);
  }
  return [
    'template',
    release,
    chart,
    `--namespace=${namespace}`,
    // Values go in by standard input: secrets among them are neither in a file nor in the list of processes.
    '--values=-',
    '--include-crds',
    '--skip-tests',
    ...(kubeVersion === undefined ? [] : [`--kube-version=${kubeVersion}`]),
  ];
}

/** `stderr` comes masked: what is cut here must not be the half of a secret. */
function chartFailure(chart: string, stderr: string): Failure {
  const lines = stderr
    .split('\n')
    .filter((line) => !/^(WARNING|level=|time=|coalesce\.go)|^Use --debug flag/.test(line.trim()) && line.trim() !== '');
  // The errors of a values schema have a line each; longer is only what a chart dumps.
  const rest = lines.length > LINES ? [`(${lines.length - LINES} more lines)`] : [];
  const said = [...lines.slice(0, LINES), ...rest]
    .join('\n')
    .replace(/^Error: /, '')
    .slice(0, 2000);
  if (
    chart.startsWith('oci://') &&
    /no such host|connection refused|i\/o timeout|unauthorized|denied|not found|dial tcp|failed to (?:do request|fetch)/i.test(said)
  ) {
    return new Failure('configuration', `chart "${chart}" cannot be fetched: ${said}`, {
      hint: 'Check the reference, and log in with: helm registry login',
    });
  }
  return new Failure('invalid', `chart "${chart}": ${said || 'helm failed and said nothing'}`);
}

/** helm reads YAML 1.1 without its times of day and dates (as Go's libraries do): 0644 is octal, 22:22 stays text. */
const asGo = (tags: Tags): Tags =>
  tags.filter(
    (tag) => typeof tag === 'string' || !(('format' in tag && tag.format === 'TIME') || tag.tag === 'tag:yaml.org,2002:timestamp'),
  );

function parseManifests(chart: string, text: string, mask: (text: string) => string): KubernetesObject[] {
  const documents = parseAllDocuments(text, { version: '1.1', customTags: asGo, logLevel: 'silent' });
  if (!Array.isArray(documents)) return [];
  return documents.flatMap((document) => {
    let value: unknown;
    try {
      const error = document.errors[0];
      if (error) throw error;
      value = document.toJS();
    } catch (error) {
      // Without the cause, which quotes the document.
      throw new Failure('invalid', `chart "${chart}" renders YAML that cannot be read: ${firstLine(mask((error as Error).message))}`);
    }
    return objectsIn(chart, value, mask);
  });
}

function objectsIn(chart: string, value: unknown, mask: (text: string) => string): KubernetesObject[] {
  if (value === null || value === undefined) return [];
  const object = value as { apiVersion?: unknown; kind?: unknown; items?: unknown };
  if (typeof object !== 'object' || typeof object.apiVersion !== 'string' || typeof object.kind !== 'string') {
    const text = firstLine(mask(JSON.stringify(value)));
    throw new Failure('invalid', `chart "${chart}" renders a document that is no Kubernetes object: ${text}`);
  }
  if (object.kind === 'List' && Array.isArray(object.items)) return object.items.flatMap((item) => objectsIn(chart, item, mask));
  return [{ metadata: {}, ...object } as KubernetesObject];
}

function firstLine(text: string): string {
  return (text.trim().split('\n')[0] ?? '').slice(0, 300);
}
