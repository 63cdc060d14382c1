// A secret that is written out: everybody who reads the file has it.
import type { Path, Playbook } from '../language/playbook.ts';
import { allSteps } from '../language/step-tree.ts';
import { hasExpression } from '../language/template.ts';
import { type Placed, textsOf, valuesIn } from './body.ts';
import type { Rule, RuleFinding } from './rule.ts';

export const plainSecret: Rule = {
  id: 'plain-secret',
  severity: 'warning',
  eachStep: true,
  security: true,
  summary: 'Passwords, tokens and keys come from inputs of the type `secret`, never from the file.',
  why: `A playbook is committed, reviewed and copied: a secret in it is public, and it must be replaced everywhere. \`sim\` masks the values of secret inputs in its output and its run log; what is written out it cannot know.

Declare \`inputs: {token: {type: secret}}\` and give it with \`SIM_INPUT_TOKEN\`. Bait is recognised by what it says of itself: a value with \`example\`, \`not-a-secret\`, \`fake\`, \`dummy\`, \`canary\`, \`changeme\` or the like in it is left alone.`,
  check(playbook) {
    return [...inputSecrets(playbook), ...textsIn(playbook).flatMap(({ value, path }) => secretIn(value, path))];
  },
};

/** Forms that only secrets have, as their issuers describe them, each with a part that a text must hold to be looked at. */
const KNOWN: readonly [string, string, RegExp][] = [
  ['an AWS access key', 'AKIA', /\bAKIA[A-Z2-7]{16}\b/g],
  ['an AWS access key', 'ASIA', /\bASIA[A-Z2-7]{16}\b/g],
  ['a private key', '-----BEGIN ', /-----BEGIN (?:[A-Z]{1,20} ){0,2}PRIVATE KEY-----/g],
  ['a JSON Web Token', 'eyJ', /\beyJ[\w-]{10,200}\.eyJ[\w-]{10}[\w-]{0,2000}/g],
  ['a GitHub token', 'gh', /\bgh[pousr]_[A-Za-z0-9]{36}/g],
  ['a GitHub token', 'github_pat_', /\bgithub_pat_[A-Za-z0-9_]{40}/g],
  ['a GitLab token', 'glpat-', /\bglpat-[\w-]{20}/g],
  ['a Slack token', 'xox', /\bxox[abprs]-[0-9A-Za-z-]{20}/g],
  ['a Google API key', 'AIza', /\bAIza[\w-]{35}/g],
  ['an Azure storage key', 'AccountKey=', /\bAccountKey=[A-Za-z0-9+/]{80,100}==/g],
  ['a bearer token', 'Bearer ', /\bBearer [A-Za-z0-9._~+/-]{20}/g],
  ['a password in an address', '://', /:\/\/[^\s:/@'"$]{1,80}:[^\s:/@'"$]{3,80}@(?=[\w.-])/g],
];

/** Any of these parts: most texts have none. */
const MARKED = new RegExp([...new Set(KNOWN.map(([, mark]) => mark))].map((mark) => mark.replace(/[+/.]/g, '\\$&')).join('|'));

/** `password: x`, `--token=x`, `DB_PASSWORD=x` inside a text. A value that begins with `$` is a variable. */
const ASSIGNED =
  /(?:password|passwd|secret|token|api[_-]?key|access[_-]?key)(["']?\s{0,3}[=:]\s{0,3}["']?)([^\s"'$;&|<>(){}[\]*?%,\\]{8,200})/gi;
const SECRET_KEY = /(?:password|passwd|secret|token|api[._-]?key|access[._-]?key|private[._-]?key|credentials?)$/i;
const BAIT =
  /example|not[-_ ]a|fake|dummy|canary|honey|bait|change[-_]?me|placeholder|sample|redacted|\btest\b|^x+$|^\*+$|^<.*>$|^(?:true|false|none|null|required)$/i;

const HINT = 'make it an input of the type `secret`';

/** Letters and digits in one word, and no name in parts: what people choose as names is rarely so. */
const looksChosen = (value: string): boolean => /[A-Za-z]/.test(value) && /\d/.test(value) && !/^[a-z]+(?:[-./:][a-z0-9]+)+$/.test(value);

const textsIn = (playbook: Playbook): Placed<string>[] =>
  [...valuesIn(playbook.variables, ['variables']), ...allSteps(playbook).flatMap(textsOf)].filter(
    (each): each is Placed<string> => typeof each.value === 'string',
  );

/** The first secret of a text: one is enough to look at it. */
function secretIn(text: string, path: Path): RuleFinding[] {
  const key = String(path.at(-1));
  const found = knownForm(text) ?? (isSecretOf(key, text) ? { message: `the value of \`${key}\` is written out here` } : assignedIn(text));
  return found === undefined ? [] : [{ path, ...found, hint: HINT }];
}

type Found = Pick<RuleFinding, 'message' | 'within'>;

function knownForm(text: string): Found | undefined {
  if (!MARKED.test(text)) return undefined;
  for (const [what, mark, form] of KNOWN) {
    const found = text.includes(mark) ? [...text.matchAll(form)].find(([secret]) => !BAIT.test(secret)) : undefined;
    if (found !== undefined)
      return { message: `${what} is written out here`, within: { start: found.index, end: found.index + found[0].length } };
  }
  return undefined;
}

function isSecretOf(key: string, text: string): boolean {
  if (!SECRET_KEY.test(key) || text.length < 6 || hasExpression(text) || /[\s/$]/.test(text) || BAIT.test(text)) return false;
  return /pass/i.test(key) || looksChosen(text);
}

function assignedIn(text: string): Found | undefined {
  for (const found of text.matchAll(ASSIGNED)) {
    const [all, joint = '', value = ''] = found;
    if (BAIT.test(value) || !looksChosen(value)) continue;
    const end = found.index + all.length;
    const name = text.slice(Math.max(0, found.index - 30), end - value.length - joint.length);
    return {
      message: `the value of \`${/[\w-]+$/.exec(name)?.[0]}\` is written out here`,
      within: { start: end - value.length, end },
    };
  }
  return undefined;
}

/** The default of a secret is in the file; that of a text whose name says that it is one, too. */
function inputSecrets({ inputs }: Playbook): RuleFinding[] {
  return Object.entries(inputs).flatMap(([name, { type, default: value }]) => {
    if (typeof value !== 'string' || value === '' || BAIT.test(value)) return [];
    const path: Path = ['inputs', name, 'default'];
    if (type === 'secret')
      return [{ path, message: `the secret \`${name}\` has a default, which everybody can read`, hint: 'leave the default away' }];
    if (type !== 'string') return [];
    if (SECRET_KEY.test(name))
      return [{ path, message: `the value of \`${name}\` is written out here`, hint: 'make the input a `secret` without a default' }];
    return secretIn(value, path);
  });
}
