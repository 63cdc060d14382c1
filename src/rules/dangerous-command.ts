// A command that harms more than the pod it runs in, or fetches what nobody has reviewed.
import type { Path } from '../language/playbook.ts';
import { allSteps } from '../language/step-tree.ts';
import { type Program, programsIn, textsOf, valuesIn } from './body.ts';
import { hostMounts, onHost, runsOnHost, writtenBy } from './host-paths.ts';
import { kubectlOf } from './kubectl.ts';
import type { Rule, RuleFinding } from './rule.ts';
import { commandsIn, isShell, type SimpleCommand } from './shell-words.ts';

export const dangerousCommand: Rule = {
  id: 'dangerous-command',
  severity: 'error',
  eachStep: true,
  security: true,
  summary: 'No command destroys files, disks, networks or nodes, leaves a door open, mines, or runs code from the internet.',
  why: `A playbook shows that a detector sees an attack; it must not be one. The pods are thrown away, but the node under them is not, nor is a pod that \`target\` names - and a playbook from a pull request may mean harm.

Use the harmless double: delete a file that the playbook made itself, write to \`/dev/null\`, ask with \`--dry-run=server\`, fetch from the attacker's pod (\`http://attacker/...\`) what the playbook brings along, name a pool that cannot exist (\`pool.invalid\`).`,
  check(playbook, context) {
    const mounts = hostMounts(playbook);
    const known = programsIn(playbook, context);
    const judged = known.flatMap((program) => place(program, harmOf(program.command, program.all[program.at + 1], mounts)));
    // A script may also lie in a variable, a request to a web shell, a header: read every text that is not read already.
    const read = new Set(known.map(({ path }) => keyOf(path)));
    const isRead = (path: Path) => read.has(keyOf(path)) || read.has(keyOf(path.slice(0, -1)));
    const others = [...allSteps(playbook).flatMap(textsOf), ...valuesIn(playbook.variables, ['variables'])].flatMap(({ path, value }) => {
      if (typeof value !== 'string') return [];
      const whole = wholeTextHarm(value);
      if (whole !== undefined) return [{ path, ...whole }];
      if (!NAMED.test(value) || isRead(path)) return [];
      const all = commandsIn(value);
      return all.flatMap((command, at) => {
        const { start, end } = command;
        return place({ path, within: { start, end }, command, all, at }, harmOf(command, all[at + 1], mounts));
      });
    });
    return [...judged, ...others];
  },
};

const keyOf = (path: Path): string => path.join('\0');

const place = ({ path, within }: Program, message: string | undefined): RuleFinding[] =>
  message === undefined ? [] : [{ path, ...(within === undefined ? {} : { within }), message }];

/** What a harmful text has somewhere; most texts have nothing of it and need not be read as a script. */
const NAMED =
  /rm |mkfs|wipefs|shred|dd |shutdown|reboot|halt|poweroff|init |systemctl|kill|iptables|nft |ufw |sysrq|chmod|chown|curl|wget|kubectl|\/dev\/|crontab|nsenter|chroot/;

const FORK_BOMB = /(:|\b[a-z_]\w{0,20})\s{0,3}\(\)\s{0,3}\{\s{0,3}\1\s{0,3}\|\s{0,3}\1\s{0,3}&\s{0,3}\}/;
const POOL = /\bstratum\d?\+(?:tcp|ssl|tls):\/\/([^\s:/'"]{1,200})/g;

function wholeTextHarm(text: string): { message: string; within: { start: number; end: number } } | undefined {
  const bomb = text.includes('()') ? FORK_BOMB.exec(text) : null;
  if (bomb !== null)
    return { message: 'a fork bomb takes the node down with the pod', within: { start: bomb.index, end: bomb.index + bomb[0].length } };
  for (const found of text.includes('stratum') ? text.matchAll(POOL) : []) {
    const [all, host = ''] = found;
    if (isPublic(host))
      return { message: `\`${all}\` may be a real mining pool`, within: { start: found.index, end: found.index + all.length } };
  }
  return undefined;
}

/** A name or an address that leads out of the cluster; names that can never exist, and documentation's addresses, do not. */
function isPublic(host: string): boolean {
  if (!/[.:]/.test(host) || host.includes('$') || host.includes('\uFFFC')) return false;
  if (/^\d+\.\d+\.\d+\.\d+$/.test(host))
    return !/^(?:0|10|127|169\.254|192\.168|172\.(?:1[6-9]|2\d|3[01])|192\.0\.2|198\.51\.100|203\.0\.113)\./.test(host);
  return !/(?:^|\.)(?:invalid|test|example|localhost|local|internal|svc|example\.(?:com|org|net))$/i.test(host);
}

const TOP = /^\/(?:\*|\.|(?:bin|boot|dev|etc|home|lib|lib32|lib64|opt|proc|root|run|sbin|srv|sys|usr|var)(?:\/\*?)?)?$/;
const DISK = /^\/dev\/(?:sd|hd|vd|xvd|nvme|mmcblk|mapper\/|dm-|md|loop|disk\/)/;
const DOORS =
  /^\/(?:etc\/(?:cron|passwd|shadow|sudoers|systemd|ld\.so\.preload|rc\.local|kubernetes\/manifests)|var\/spool\/cron|(?:root|home\/[^/]+)\/\.ssh|usr\/lib\/systemd)/;

/** Why a program does harm; undefined where nothing is known against it. */
function harmOf(command: SimpleCommand, next: SimpleCommand | undefined, mounts: readonly string[]): string | undefined {
  const { words, joint } = command;
  const [first = '', ...rest] = words;
  const name = first.slice(first.lastIndexOf('/') + 1);
  const operands = rest.filter((word) => !word.startsWith('-'));
  const has = (pattern: RegExp) => rest.some((word) => pattern.test(word));
  const shown = `\`${words.join(' ').slice(0, 80)}\``;
  const written = writtenBy(command);

  const door = written.find((file) => {
    const path = onHost(file, command, mounts);
    return path !== undefined && DOORS.test(path);
  });
  if (door !== undefined || (['crontab', 'useradd', 'adduser', 'passwd', 'chpasswd'].includes(name) && runsOnHost(command, mounts)))
    return `${door === undefined ? shown : `writing \`${door}\``} leaves a door open on the node`;
  const disk = written.find((file) => DISK.test(file));
  if (disk !== undefined) return `writing to \`${disk}\` destroys what is on it`;
  if (written.includes('/proc/sysrq-trigger')) return 'writing to `/proc/sysrq-trigger` can stop the node at once';

  switch (name) {
    case 'rm':
      if (!has(/^(?:-[a-zA-Z]*[rR]|--recursive$)/)) return undefined;
      if (has(/^--no-preserve-root$/) || operands.some((each) => TOP.test(each))) return `${shown} deletes the system it runs on`;
      return operands.some((each) => TOP.test(onHost(each, command, mounts) ?? '-')) ? `${shown} deletes the files of the node` : undefined;
    case 'chmod':
    case 'chown':
      return has(/^(?:-[a-zA-Z]*R|--recursive$)/) && operands.slice(1).some((each) => TOP.test(onHost(each, command, mounts) ?? each))
        ? `${shown} changes every file of the system`
        : undefined;
    case 'wipefs':
    case 'shred':
      return operands.some((each) => DISK.test(each)) ? `${shown} destroys a disk` : undefined;
    case 'shutdown':
    case 'reboot':
    case 'halt':
    case 'poweroff':
      return `${shown} stops the machine`;
    case 'init':
    case 'telinit':
      return /^[06]$/.test(rest[0] ?? '') ? `${shown} stops the machine` : undefined;
    case 'systemctl':
      return has(/^(?:poweroff|reboot|halt|kexec|rescue|emergency)$/) ? `${shown} stops the machine` : undefined;
    case 'kill':
      return rest.length > 1 && rest.at(-1) === '-1' ? `${shown} ends every process that it can reach` : undefined;
    case 'iptables':
    case 'ip6tables':
      return has(/^(?:-F|--flush)$/) ? `${shown} takes away the rules of the network` : undefined;
    case 'nft':
      return rest.join(' ').startsWith('flush ruleset') ? `${shown} takes away the rules of the network` : undefined;
    case 'kubectl':
      return kubectlHarm(words, shown);
  }
  if (/^(curl|wget)$/.test(name)) {
    const address = publicAddress(rest);
    return address !== undefined && joint === '|' && runsInput(next) ? `the shell runs whatever \`${address}\` answers` : undefined;
  }
  if (name.startsWith('mkfs')) return `${shown} destroys a disk`;
  if (isShell(name) || name === 'eval' || name === 'source') {
    const fetched = rest.find((word) => /^["']?[<$]\((?:curl|wget)\b/.test(word));
    const address = fetched === undefined ? undefined : publicAddress(fetched.replace(/[()'"]/g, ' ').split(/\s+/));
    return address === undefined ? undefined : `the shell runs whatever \`${address}\` answers`;
  }
  return undefined;
}

const runsInput = (next: SimpleCommand | undefined): boolean =>
  next !== undefined && (isShell(next.words[0]) || /^(?:python3?|perl|ruby|node)$/.test(next.words[0] ?? '')) && !next.words.includes('-c');

const publicAddress = (words: readonly string[]): string | undefined =>
  words.find((word) => {
    const host = /^(?:https?|ftp):\/\/(?:[^\s/@]{1,200}@)?([^\s:/?#]{1,253})/.exec(word)?.[1];
    return host !== undefined && isPublic(host);
  });

function kubectlHarm(words: readonly string[], shown: string): string | undefined {
  const { operands: [verb, kind = ''] = [], has } = kubectlOf(words) ?? {};
  if (has?.(/^--dry-run/)) return undefined;
  if (verb === 'drain') return `${shown} empties a node`;
  if (verb !== 'delete') return undefined;
  if (/^(?:nodes?|no|namespaces?|ns|pv|persistentvolumes?|crds?|customresourcedefinitions?)(?:[./]|$)/.test(kind))
    return `${shown} deletes what the whole cluster needs`;
  return has?.(/^(?:-A|--all-namespaces)$/) && has(/^--all$/) ? `${shown} deletes the objects of every namespace` : undefined;
}
