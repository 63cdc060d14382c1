// Something that an attack creates outside of what a run takes away again.
import type { Playbook } from '../language/playbook.ts';
import { allSteps } from '../language/step-tree.ts';
import { type Program, programsIn } from './body.ts';
import { hostMounts, onHost, writtenBy } from './host-paths.ts';
import { kubectlOf } from './kubectl.ts';
import type { Rule, RuleContext, RuleFinding } from './rule.ts';
import { UNKNOWN } from './shell-words.ts';

export const leftBehind: Rule = {
  id: 'left-behind',
  severity: 'warning',
  summary: 'What a command creates outside of the run (objects of other namespaces, files of a node) is removed again in `finally`.',
  why: `\`sim\` takes away what it created itself, and the namespace of the run with everything in it. It knows nothing of an object that a command creates elsewhere with \`kubectl\`, or of a file that a command writes to the node through a \`hostPath\`: these stay in the cluster.

Add a step to \`finally\`, which also runs when a step before it failed, with the counterpart: \`kubectl delete\`, \`rm\`. Better still let \`deploy\` create the object.`,
  check(playbook, context) {
    const mounts = hostMounts(playbook);
    const last = programsOfFinally(playbook, context).map(({ command }) => command.words);
    const removed = new Set(COUNTERPARTS.filter((each) => last.some((words) => isCounterpart(words, each))));
    return programsIn(playbook, context).flatMap((program): RuleFinding[] => {
      const { path, within, command, all, at } = program;
      const stays = createdBy(program) ?? fileOnNode(program, mounts);
      if (stays === undefined) return [];
      const name = stays.counterpart;
      if (removed.has(name) || all.slice(at + 1, at + LOOK_AHEAD).some(({ words }) => isCounterpart(words, name))) return [];
      return [
        {
          path,
          ...(within === undefined ? {} : { within }),
          message: `\`${command.words.join(' ').slice(0, 60)}\` ${stays.what}, and no \`${name}\` in \`finally\` removes it`,
          hint: `add a step to \`finally\` with \`${name}\``,
        },
      ];
    });
  },
};

/** Commands after one that may still belong to it. */
const LOOK_AHEAD = 100;

const COUNTERPARTS = ['rm', 'kubectl delete', 'kubectl label', 'kubectl annotate', 'kubectl taint', 'kubectl uncordon'] as const;

type Counterpart = (typeof COUNTERPARTS)[number];

interface Stay {
  what: string;
  counterpart: Counterpart;
}

function isCounterpart(words: readonly string[], counterpart: Counterpart): boolean {
  const [program = '', verb] = counterpart.split(' ');
  return words[0] === program && (verb === undefined || kubectlOf(words)?.operands[0] === verb);
}

function programsOfFinally(playbook: Playbook, context: RuleContext): Program[] {
  const last = new Set(allSteps({ ...playbook, steps: [] }));
  return programsIn(playbook, context).filter(({ step }) => step !== undefined && last.has(step));
}

const CREATES = new Set(['create', 'apply', 'run', 'expose', 'replace', 'patch', 'label', 'annotate', 'taint', 'cordon', 'set']);
const REMOVED_BY: Readonly<Record<string, Counterpart>> = {
  label: 'kubectl label',
  annotate: 'kubectl annotate',
  taint: 'kubectl taint',
  cordon: 'kubectl uncordon',
};
const CLUSTER_SCOPED =
  /^(?:ns|namespaces?|no|nodes?|pv|persistentvolumes?|clusterroles?|clusterrolebindings?|crds?|customresourcedefinitions?|priorityclass(?:es)?|storageclass(?:es)?|(?:validating|mutating)webhookconfigurations?)(?:[./]|$)/;

/** What `kubectl` creates elsewhere than in the namespace of the pod it runs in, which is that of the run. */
function createdBy({ command: { words } }: Program): Stay | undefined {
  const { operands: [verb = '', kind = ''] = [], namespace, has } = kubectlOf(words) ?? {};
  if (!CREATES.has(verb) || has?.(/^--dry-run/)) return undefined;
  const counterpart = REMOVED_BY[verb] ?? 'kubectl delete';
  if (CLUSTER_SCOPED.test(kind) || verb === 'cordon' || verb === 'taint') return { what: 'changes the whole cluster', counterpart };
  // A name that is not known here is that of the run, as a rule.
  const isElsewhere = namespace !== undefined && !namespace.includes('$') && !namespace.includes(UNKNOWN);
  return isElsewhere ? { what: `leaves something in the namespace \`${namespace}\``, counterpart } : undefined;
}

function fileOnNode({ command }: Program, mounts: readonly string[]): Stay | undefined {
  const file = writtenBy(command).find((each) => {
    const path = onHost(each, command, mounts);
    return path !== undefined && !/^\/(?:dev|proc|sys)\//.test(path);
  });
  return file === undefined ? undefined : { what: `writes \`${file}\` to the node`, counterpart: 'rm' };
}
