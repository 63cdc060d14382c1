// Shell syntax in a list of words: no shell reads it, and the program gets it as it is written.
import type { Path } from '../language/playbook.ts';
import { allSteps } from '../language/step-tree.ts';
import { mapAt } from '../language/untyped.ts';
import { commandLinesOf } from './body.ts';
import type { Rule, RuleFinding } from './rule.ts';
import { commandOf, isShell } from './shell-words.ts';

export const shellSyntax: Rule = {
  id: 'shell-syntax',
  severity: 'warning',
  eachStep: true,
  summary: 'A list of words holds no pipes, redirections, variables or substitutions: only a shell knows them.',
  why: `The words of a list go to the program as they are. \`[ps, aux, "|", grep, ssh]\` hands the words \`|\`, \`grep\` and \`ssh\` to \`ps\`, \`[cat, $HOME/.netrc]\` looks for a folder that is called \`$HOME\`, and a first word with a space in it is the name of one program, which does not exist.

Write it for a shell: \`exec\` has \`shell\` for that, and \`[sh, -c, "ps aux | grep ssh"]\` works in every list. Programs that read such words themselves (\`awk\`, \`find\`, \`ssh\`, \`grep\` and their like) are left alone.`,
  check(playbook, context) {
    return allSteps(playbook).flatMap((step) => {
      const schema = context.steps.find(({ type }) => type === step.type)?.schema;
      const hint = Object.hasOwn(mapAt(schema, 'properties'), 'shell')
        ? 'write it as a script: `shell: ...`'
        : 'let a shell read it: `[sh, -c, "..."]`';
      return commandLinesOf(step, context).flatMap((each): RuleFinding[] => {
        const found = 'argv' in each ? syntaxIn(each.argv, [...step.path, step.type, ...each.path]) : undefined;
        return found === undefined ? [] : [{ ...found, hint }];
      });
    });
  },
};

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

/** Programs that take code, patterns or commands of others: what looks like a shell's is theirs. */
const READ_THEMSELVES = words(
  'awk gawk mawk nawk bpftrace column cut envsubst expr fd grep egrep fgrep rg join jq yq lua mysql node paste perl php psql python python2 python3 redis-cli ruby script sed sort sqlite3 ssh sshpass su tcpdump test [ tr tshark watch',
);
/** Programs that send text to others, where it may be an attack of its own. */
const SEND = words('curl wget nc ncat netcat socat httpie http grpcurl hydra nikto nuclei sqlmap kubectl');

const OPERATOR = /^(?:\|\|?|\|&|&&?|;|<<?<?|[12&]?>>?(?:&\d|[\w./-]+)?)$/;
const VARIABLE = /\$(?:[A-Za-z_]\w*|\{[A-Za-z_]\w*\})/;
const SUBSTITUTION = /\$\([^)]*\)|`[^`]+`/;

/** The first word of a list that only a shell would understand. */
function syntaxIn(argv: readonly string[], path: Path): Pick<RuleFinding, 'path' | 'message'> | undefined {
  const command = commandOf(argv);
  const all = [...command.before, ...command.words];
  const [first = ''] = all;
  if (/\S\s+\S/.test(first)) return { path: [...path, 0], message: `\`${shown(argv[0] ?? '')}\` is taken for the name of one program` };
  const [program = ''] = command.words;
  const name = program.slice(program.lastIndexOf('/') + 1);
  if (name === '' || READ_THEMSELVES.has(name) || all.some(isShell)) return undefined;
  for (const [index, word] of all.entries()) {
    const at = [...path, index];
    if (index > 0 && OPERATOR.test(word) && !(word === ';' && name === 'find'))
      return { path: at, message: `no shell reads \`${shown(word)}\`: \`${shown(name)}\` gets it as an argument` };
    const what = word === '~' || word.startsWith('~/') ? word : expandedIn(word, SEND.has(name));
    if (what !== undefined) return { path: at, message: `no shell reads \`${shown(what)}\`: it stays as it is written` };
  }
  return undefined;
}

/** What a shell would put something else for; `whole`: only at the start of the word. */
function expandedIn(word: string, whole: boolean): string | undefined {
  if (!/[$`]/.test(word)) return undefined;
  const variable = VARIABLE.exec(word);
  const found = whole ? (variable?.index === 0 ? variable : null) : (variable ?? SUBSTITUTION.exec(word));
  return found?.[0];
}

const shown = (word: string): string => word.slice(0, 60);
