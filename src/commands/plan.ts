// `sim plan`: what playbooks would do, without a cluster; with --diff also what a cluster would say to their objects.
import { Command, Option } from 'commander';
import { localFiles } from '../adapters/files.ts';
import { plannedPods } from '../doctor/planned-pods.ts';
import { adopt } from '../engine/confine.ts';
import { dryRun } from '../engine/dry-run.ts';
import { ExitCode } from '../engine/exit-code.ts';
import { namespaceObject } from '../engine/identity.ts';
import { redactor } from '../engine/redact.ts';
import { STAND_IN_RUN } from '../language/stand-in-run.ts';
import type { ApiResource, Cluster, KubernetesObject } from '../ports/cluster.ts';
import { colours } from '../reporters/format.ts';
import { type PlannedPlaybook, planPage, type Trial } from '../reporters/plan-page.ts';
import { yamlDocuments } from '../reporters/yaml-text.ts';
import { chartsOf } from './charts.ts';
import { addClusterOptions, type ClusterOptions, chooseCluster } from './cluster-options.ts';
import { givenInputs, type InputOptions } from './given-inputs.ts';
import { loadCatalogue } from './package-files.ts';
import { planOne } from './plan-one.ts';
import { readingHere } from './playbook-reading.ts';
import { readPlaybooks, withInputs } from './playbook-source.ts';
import type { Session } from './session.ts';
import { UsageError } from './usage-error.ts';

interface PlanOptions extends ClusterOptions, InputOptions {
  diff?: true;
  namespace: string;
  verbose?: true;
  output: 'text' | 'yaml' | 'json';
}

export function planCommand(session: Session): Command {
  const collect = (value: string, before: string[] = []) => [...before, value];
  const command = new Command('plan')
    .description('Show what playbooks would do: objects, images, commands, permissions, alerts; needs no cluster')
    .argument('<playbook...>', 'files, or names of the playbooks that come with sim')
    .option('--set <name=value>', 'give an input its value (repeatable)', collect)
    .option('--values <file>', 'take inputs from a YAML file (repeatable); else SIM_INPUT_<NAME> of the environment counts', collect)
    .option('-v, --verbose', 'show each step whole')
    .option('--diff', 'try the objects on a cluster by server-side dry run: what would be created, changed or denied')
    .option('-n, --namespace <name>', "with --diff: where the objects of the run's namespace are tried; it must exist", 'default')
    .addOption(
      new Option('-o, --output <format>', 'how it is told; yaml: the objects, whole').choices(['text', 'yaml', 'json']).default('text'),
    )
    .addHelpText(
      'after',
      `
Charts are rendered by helm, where there is one. What a step reads from an earlier one is shown as <known at run time>;
the run's id is shown as ${STAND_IN_RUN.id}.

Exit codes: 0 planned, 1 a run would be refused, or with --diff something is denied, 2 usage or invalid playbook, 3 no cluster.`,
    )
    .action(async (names: string[], options: PlanOptions) => session.setExitCode(await plan(names, options, session)));
  return addClusterOptions(command);
}

async function plan(names: readonly string[], options: PlanOptions, session: Session): Promise<number> {
  const wantsCluster = options.lab || options.kubeconfig !== undefined || options.context !== undefined;
  if (wantsCluster && !options.diff) throw new UsageError('a cluster is asked with --diff only');
  const files = localFiles();
  const catalogue = await loadCatalogue(files);
  const playbooks = await readPlaybooks({ names, all: false }, readingHere(files, catalogue, session));
  const inputNames = playbooks.flatMap(({ inputs }) => Object.keys(inputs));
  const given = await givenInputs(options, inputNames, { files, env: session.env, colour: session.errorColour });
  withInputs(playbooks, given);
  const chosen = options.diff ? await chooseCluster(options, session.env) : undefined;
  const signal = session.interrupt;
  const served = chosen === undefined ? undefined : await servedBy(chosen.cluster, signal);
  const charts = chartsOf(chosen?.lab, session.env);
  const told: PlannedPlaybook[] = [];
  for (const ready of withInputs(playbooks, given, chosen?.lab?.images)) {
    const planned = await planOne(ready, { charts, files, signal, ...served });
    const whole = chosen === undefined ? planned : await tryOn(planned, { cluster: chosen.cluster, namespace: options.namespace, signal });
    told.push(redactor([STAND_IN_RUN.token, ...ready.secrets]).value(whole));
  }
  for (const { file, steps } of told)
    for (const { name, problem } of options.output === 'yaml' ? steps : [])
      if (problem !== undefined) session.stderr(`sim plan: ${file}: the objects of "${name}" are not known: ${problem}\n`);
  session.stdout(textOf(told, options, { catalogue, paint: colours(session.colour), verbose: options.verbose === true }));
  const isStopped = told.some(({ refused, trials = [] }) => refused.length > 0 || trials.some(({ result }) => result === 'denied'));
  return isStopped ? ExitCode.missed : ExitCode.ok;
}

function textOf(told: readonly PlannedPlaybook[], { output }: PlanOptions, options: Parameters<typeof planPage>[1]): string {
  if (output === 'json') return `${JSON.stringify({ version: 1, playbooks: told }, null, 2)}\n`;
  if (output === 'text') return told.map((each) => planPage(each, options)).join('\n');
  const objects = told.flatMap(({ name, objects }) => {
    const run = { ...STAND_IN_RUN, playbook: name };
    return [namespaceObject(run), ...objects.map((object) => adopt(object, run))];
  });
  return yamlDocuments(objects);
}

async function servedBy(cluster: Cluster, signal: AbortSignal): Promise<{ kubeVersion: string; resources: ApiResource[] }> {
  const [{ gitVersion }, resources] = await Promise.all([cluster.version(signal), cluster.resources(signal)]);
  return { kubeVersion: gitVersion.replace(/^v/, ''), resources };
}

interface Trying {
  cluster: Cluster;
  namespace: string;
  signal: AbortSignal;
}

/** The plan with what the cluster says to each object, and to the pods that its workloads would make. */
async function tryOn(told: PlannedPlaybook, { cluster, namespace, signal }: Trying): Promise<PlannedPlaybook> {
  const run = { ...STAND_IN_RUN, playbook: told.name };
  const objects = told.objects.map((object) => adopt(object, run));
  const pods = plannedPods(objects.filter(({ kind }) => kind !== 'Pod'));
  const tries = [
    ...[namespaceObject(run), ...objects].map((object) => ({ name: `${object.kind} ${object.metadata.name}`, object })),
    ...pods.map(({ name, pod }) => ({ name: `the pods of ${name}`, object: adopt(pod, run) })),
  ];
  const trials: Trial[] = [];
  for (const { name, object } of tries) {
    const { object: _, ...said } = await dryRun(object, { runNamespace: run.namespace, namespace }, cluster, signal);
    trials.push({ object: placed(name, object, run.namespace), ...said });
  }
  return { ...told, trials };
}

const placed = (name: string, { metadata }: KubernetesObject, runNamespace: string): string =>
  metadata.namespace === undefined || metadata.namespace === runNamespace ? name : `${name} in ${metadata.namespace}`;
