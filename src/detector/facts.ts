// What a condition reads of an observation: plain values, worked out when they are first asked for.
import type { Observation, ObservedProcess } from '../ports/observations.ts';
import { auditFacts } from './audit-facts.ts';
import { seeThrough, withoutTricks } from './decode.ts';
import type { Category } from './detection.ts';
import { LIST_FACTS, lists } from './lists.ts';

export type Facts = Record<string, unknown>;

const PROCESS: readonly string[] = ['process', 'fileNames', 'parent', 'ancestors', 'container', 'podNamespace', 'pod'];

/** The names that a condition may use, by what is observed. */
export const FACT_NAMES: Readonly<Record<Category, readonly string[]>> = {
  process_creation: [...PROCESS, 'drift'],
  file_event: [...PROCESS, 'path', 'access'],
  network_connection: [...PROCESS, 'address', 'port', 'protocol'],
  audit: [
    'verb',
    'action',
    'resource',
    'apiGroup',
    'objectNamespace',
    'name',
    'user',
    'groups',
    'serviceAccount',
    'system',
    'home',
    'fromPod',
    'genericClient',
    'impersonated',
    'code',
    'userAgent',
    'uri',
    'object',
    'pods',
  ],
};

/** `script`: of the process, where it is known already. */
export const factsOf = (observation: Observation, script?: string): Facts =>
  observation.kind === 'audit' ? auditFacts(observation.event) : (new ContainerFacts(observation, script) as unknown as Facts);

type InContainer = Exclude<Observation, { kind: 'audit' }>;

/** A class, so that hundreds of thousands of these in a second share what is worked out only where somebody asks. */
class ContainerFacts {
  readonly process: Facts;
  readonly drift: boolean | undefined;
  readonly path: string | undefined;
  readonly access: string | undefined;
  readonly address: string | undefined;
  readonly protocol: string | undefined;
  readonly #observation: InContainer;
  #ancestors: Facts[] | undefined;

  constructor(observation: InContainer, script: string | undefined) {
    const { kind } = observation;
    this.#observation = observation;
    const { executable, arguments: argv } = observation.process;
    this.process = processFacts(observation.process, observation.time, script ?? scriptOf(namesOf(executable, argv), argv.join(' ')));
    this.drift = kind === 'process' ? observation.drift : undefined;
    this.path = kind === 'file' ? observation.path : undefined;
    this.access = kind === 'file' ? observation.access : undefined;
    this.address = kind === 'connection' ? observation.address : undefined;
    this.protocol = kind === 'connection' ? observation.protocol : undefined;
  }

  get port(): bigint | undefined {
    return this.#observation.kind === 'connection' ? BigInt(this.#observation.port) : undefined;
  }

  get ancestors(): Facts[] {
    this.#ancestors ??= this.#observation.ancestors.map((each) => processFacts(each, this.#observation.time));
    return this.#ancestors;
  }

  get parent(): Facts {
    return this.ancestors[0] ?? NOBODY;
  }

  get fileNames(): string[] {
    return fileNamesIn(this.process.script as string);
  }

  get container(): string {
    return this.#observation.where.container;
  }

  get podNamespace(): string {
    return this.#observation.where.namespace;
  }

  get pod(): string {
    return this.#observation.where.pod;
  }
}
Object.assign(ContainerFacts.prototype, LIST_FACTS);

const isShell: ReadonlySet<string> = new Set(lists.shells);
const INTERACTIVE = /^-[il]+$/;

function processFacts({ pid, executable, arguments: argv, uid, startedAt }: ObservedProcess, now: number, script?: string): Facts {
  const names = namesOf(executable, argv);
  const args = argv.slice(1);
  const commandLine = argv.join(' ');
  return {
    pid: BigInt(pid),
    executable,
    names,
    argv,
    args,
    commandLine,
    /** Of the process itself all that is encoded in it, too; of its ancestors, of which each is judged when it starts, the command line. */
    script: script ?? commandLine,
    /** A shell that takes its commands from its input. */
    interactive: (args.length === 0 || args.some((arg) => INTERACTIVE.test(arg))) && names.some((name) => isShell.has(name)),
    uid: BigInt(uid ?? -1),
    /** Seconds; of one whose start is not known, a very long time. */
    age: startedAt === undefined ? 1e9 : (now - startedAt) / 1000,
  };
}

/** Last part of each word of a script, as far as it may be the name of a file. */
const fileNamesIn = (script: string): string[] =>
  [...new Set(script.split(/[\s'"`()<>;|&=,]+/).map(baseOf))].filter((name) => name.length > 0).slice(0, 500);

export function scriptOf(names: readonly string[], commandLine: string): string {
  const text = seeThrough(commandLine);
  if (!names.some((name) => isShell.has(name))) return text;
  const plain = withoutTricks(text);
  return plain === text ? text : `${text}\n${plain}`;
}

const MULTI_CALL = new Set(['busybox', 'toybox', 'busybox.static']);

/** What a program is called: by its file, by its own first argument, and without a version. `busybox wget` is wget, `php-fpm8.2` is php-fpm too. */
export function namesOf(executable: string, argv: readonly string[]): string[] {
  const file = baseOf(executable);
  const called = calledName(argv[0] ?? '');
  const names = file === '' || file === called ? [called] : [file, called];
  if (MULTI_CALL.has(called) && argv[1] !== undefined) names.push(argv[1]);
  for (const name of [file, called]) {
    const last = name.charCodeAt(name.length - 1);
    // Only what ends in a digit has a version.
    if (last < 48 || last > 57) continue;
    const plain = name.replace(/[-_.]?\d[\d.]*$/, '');
    if (plain !== '' && !names.includes(plain)) names.push(plain);
  }
  return names;
}

const baseOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** `-bash` of a login shell, `nginx: worker process` and `php-fpm: pool www` of servers that say what they do. */
function calledName(first: string): string {
  const end = first.indexOf(': ');
  const word = end === -1 ? first : first.slice(0, end);
  return baseOf(word.startsWith('-') ? word.slice(1) : word);
}

/** The parent of what has none. */
const NOBODY = processFacts({ pid: 0, executable: '', arguments: [] }, 0);
