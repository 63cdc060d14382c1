// A step that cannot end within its time: a wait that is longer than its limit, or a program that runs until somebody stops it.
import { parseDuration } from '../language/duration.ts';
import type { Step } from '../language/playbook.ts';
import { allSteps } from '../language/step-tree.ts';
import { isMap, mapAt } from '../language/untyped.ts';
import { type Program, programsIn } from './body.ts';
import { durationText } from './duration-text.ts';
import { kubectlOf } from './kubectl.ts';
import type { Rule, RuleContext, RuleFinding } from './rule.ts';

export const waitForever: Rule = {
  id: 'wait-forever',
  severity: 'error',
  eachStep: true,
  summary: 'A step ends by itself within its time limit.',
  why: `A wait that is longer than the step's \`timeout\` (without one: the limit of its type) always fails. A program that never ends - \`sleep infinity\`, \`tail -f\`, \`nc -l\`, \`while true\` - does so too: the step is stopped at its limit, counts as failed, and its attack as not executed.

Give the wait a longer \`timeout\`. Put \`timeout 10\` before the program, send it to the background with \`&\`, or give it an end (\`nc -l\` with \`-w\` does not end while nobody connects). A step that names its own \`timeout\` is taken at its word.`,
  check(playbook, context) {
    const waits = allSteps(playbook).flatMap((step) => longWait(step, context));
    const programs = programsIn(playbook, context).flatMap((program): RuleFinding[] => {
      const { path, within, step } = program;
      // Of a variable it is not known which step runs it; a container that is written out is meant to run on.
      if (step === undefined || step.timeout !== undefined || path.includes('containers') || path.includes('initContainers')) return [];
      const what = endless(program);
      if (what === undefined) return [];
      const hint = 'put `timeout 10` before it, or give the step a `timeout`';
      return [{ path, ...(within === undefined ? {} : { within }), message: `\`${what}\` never ends by itself`, hint }];
    });
    return [...waits, ...programs];
  },
};

/** A body's `duration` is how long the step takes at least. */
function longWait({ path, type, body, timeout }: Step, { steps }: RuleContext): RuleFinding[] {
  const definition = steps.find((each) => each.type === type);
  const duration = isMap(body) ? body.duration : undefined;
  if (
    definition === undefined ||
    typeof duration !== 'string' ||
    mapAt(mapAt(definition.schema, 'properties'), 'duration').format === undefined
  )
    return [];
  const needed = parseDuration(duration);
  const limit = timeout ?? definition.defaultTimeout;
  if (needed === undefined || needed < limit) return [];
  const whose = timeout === undefined ? `the limit of \`${type}\`` : "the step's `timeout`";
  return [
    {
      path: [...path, type, 'duration'],
      message: `the wait of ${duration} does not end within ${whose}, ${durationText(limit)}`,
      hint: `give the step a longer \`timeout\`, e.g. \`${durationText(needed + 30_000)}\``,
    },
  ];
}

/** Commands after one that may still belong to it. */
const LOOK_AHEAD = 100;

const hasFlag = (words: readonly string[], pattern: RegExp): boolean => words.slice(1).some((word) => pattern.test(word));

/** Programs that run until they are stopped, by their name: whether these words make one do so. */
const ENDLESS: Readonly<Record<string, (words: readonly string[]) => boolean>> = {
  sleep: (words) => /^inf(inity)?$/i.test(words[1] ?? ''),
  tail: (words) => hasFlag(words, /^(-[0-9qvn]*[fF]|--follow(=.*)?)$/) && !hasFlag(words, /^--pid/),
  nc: (words) => hasFlag(words, /^-[a-zA-Z]*l/),
  ncat: (words) => hasFlag(words, /^(-[a-zA-Z]*l|--listen$)/),
  netcat: (words) => hasFlag(words, /^-[a-zA-Z]*l/),
  ping: (words) => !hasFlag(words, /^(-c|-w|-V|--help)/),
  tcpdump: (words) => !hasFlag(words, /^(-c|-D|--version|-r)/),
  watch: () => true,
  top: (words) => !hasFlag(words, /^-?[a-zA-Z]*n/),
  journalctl: (words) => hasFlag(words, /^(-f|--follow)$/),
  kubectl: (words) => {
    const { operands: [verb = ''] = [], has } = kubectlOf(words) ?? {};
    if (verb === 'logs') return has?.(/^(-f|--follow)$/) === true;
    if (verb === 'get') return has?.(/^(-w|--watch|--watch-only)$/) === true;
    return verb === 'proxy' || verb === 'port-forward';
  },
  python3: (words) => words[1] === '-m' && words[2] === 'http.server',
};

/** What never ends, in a few words; undefined for a program that does. */
function endless({ command: { words, before, joint }, all, at }: Program): string | undefined {
  const name = words[0]?.slice(words[0].lastIndexOf('/') + 1) ?? '';
  const after = all.slice(at + 1, at + LOOK_AHEAD);
  const loop = before.includes('while') ? ['true', ':', '1'] : before.includes('until') ? ['false'] : [];
  if (loop.includes(name) && words.length === 1) {
    const leaves = after.some(({ words: [first = ''] }) => ['break', 'exit', 'return', 'kill'].includes(first));
    const isBehind = after.find((each) => each.words[0] === 'done')?.joint === '&';
    return leaves || isBehind || before.some(isTimeout) ? undefined : `${before.includes('while') ? 'while' : 'until'} ${name}`;
  }
  if (!Object.hasOwn(ENDLESS, name) || !ENDLESS[name]?.(words) || before.some(isTimeout)) return undefined;
  // The end of its pipeline tells whether it runs in the background.
  const end = isPipe(joint) ? after.find((each) => !isPipe(each.joint))?.joint : joint;
  const reader = isPipe(joint) ? (after[0]?.words ?? []) : [];
  const isCutOff = reader[0] === 'head' || (reader[0] === 'grep' && hasFlag(reader, /^-[a-zA-Z]*[qm]/));
  return end === '&' || isCutOff ? undefined : words.join(' ').slice(0, 60);
}

const isTimeout = (word: string): boolean => /(?:^|\/)timeout$/.test(word);

const isPipe = (joint: string): boolean => joint === '|' || joint === '|&';
