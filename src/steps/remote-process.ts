// Runs a program in a pod so that it can be found and ended when its time is up: closing an exec's connection ends nothing in the pod.
import type { ExecResult, PodReference } from '../ports/cluster.ts';
import { Failure } from '../ports/failure.ts';
import type { StepContext } from './step.ts';

type Context = Pick<StepContext, 'cluster' | 'clock' | 'run' | 'signal' | 'note' | 'removePod'>;

/** How long the second exec may take, and then the removal of the pod: whoever presses Ctrl-C twice waits no longer than for both. */
const ENDING_LIMIT = 7000;
const REMOVAL_LIMIT = 3000;

/**
 * Ends every process whose environment holds $1, and all their descendants: TERM, later KILL. Prints how many there were. Exit code 0: none is
 * left; 1: some are; 2: none was found, but some processes do not show their environment (another user's), so nothing is proved.
 * Needs a POSIX shell, cat, sleep and Linux's /proc (proc(5)); what is a zombie has ended, though its parent has not noticed.
 */
const END_MARKED = `
exec 2>/dev/null
ever=' ' hidden=0
scan() {
  found= grown=yes first=yes
  while [ "$grown" ]; do
    grown=
    for folder in /proc/[0-9]*; do
      id=\${folder#/proc/}
      case " $found " in *" $id "*) continue ;; esac
      state= parent=
      while read -r key value _; do
        case $key in State:) state=$value ;; PPid:) parent=$value; break ;; esac
      done < "$folder/status"
      case $state in ''|Z|X) continue ;; esac
      case $ever in *" $id "* | *" $parent "*) ;; *)
        [ "$first" ] || continue
        if environment=$(cat "$folder/environ"); then
          case $environment in *"$1"*) ;; *) continue ;; esac
        else
          [ -d "$folder" ] && hidden=1
          continue
        fi ;;
      esac
      found="$found $id" grown=yes
      case $ever in *" $id "*) ;; *) ever="$ever$id " ;; esac
    done
    first=
  done
}
scan "$1"
for signal in TERM KILL KILL; do
  [ "$found" ] && kill -$signal $found
  for pause in 0.05 0.1 0.2 0.5 1; do
    [ "$found" ] || break
    sleep $pause || sleep 1
    scan "$1"
  done
done
set -- $ever
echo $#
[ -z "$found" ] || exit 1
[ $# -gt 0 ] || [ $hidden = 0 ] || exit 2
`;

/**
 * Runs `command` in the pod as it is given: `env` puts a mark into its environment and becomes it. Where the signal aborts, what the mark finds
 * is ended, else the pod is deleted, where it is the run's own; a note says which. An image without `env` runs the command without a mark.
 * `program`: what the command becomes in the end, by another `env`. `isPrevented`: whether a control kept it from starting. Throws Failure command-not-found where the pod has no such program, and what
 * the cluster throws.
 */
export async function runRemote(
  context: Context,
  pod: PodReference,
  command: string[],
  {
    stdin,
    program,
    isPrevented = () => false,
  }: { stdin?: string | undefined; program?: string; isPrevented?: (result: ExecResult) => boolean } = {},
): Promise<ExecResult> {
  const mark = `${context.run.marker}-${crypto.randomUUID().slice(0, 8)}`;
  const attempt = async (argv: string[], end: () => Promise<string>): Promise<ExecResult> => {
    try {
      return await context.cluster.exec(pod, argv, { signal: context.signal, ...(stdin === undefined ? {} : { stdin }) });
    } catch (error) {
      if (context.signal.aborted) context.note(await end());
      throw error;
    }
  };
  let result: ExecResult;
  try {
    result = await attempt(['env', `SIM_STEP=${mark}`, ...command], () => endMarked(context, pod, mark));
  } catch (error) {
    if (!(error instanceof Failure && error.code === 'command-not-found')) throw error;
    const unmarked = await attempt(command, () => removePod(context, pod, 'its image has no `env` to mark the program with'));
    context.note('the image has no `env`: had the program not ended, only deleting its pod could have ended it');
    return unmarked;
  }
  if (isPrevented(result)) return result;
  const missing = programMissing(pod, [command[0] ?? '', program ?? ''], result);
  if (missing !== undefined) throw missing;
  return result;
}

async function endMarked(context: Context, pod: PodReference, mark: string): Promise<string> {
  try {
    const ending = await within(context, ENDING_LIMIT, (signal) =>
      context.cluster.exec(pod, ['sh', '-c', END_MARKED, 'sh', mark], { signal }),
    );
    const count = Number(ending.stdout);
    if (ending.exitCode === 0 && count === 0) return 'the program had ended by itself: a second exec found no process of it';
    if (ending.exitCode === 0) return `ended by a second exec: ${count} process${count === 1 ? '' : 'es'}`;
    const why =
      ending.exitCode === 2 ? 'a second exec could not look into all of its processes' : 'a second exec could not end its program';
    return await removePod(context, pod, why, mark);
  } catch (error) {
    return await removePod(context, pod, `a second exec failed (${messageOf(error)})`, mark);
  }
}

/** Never throws: the failure that led here must not be hidden by this one. */
async function removePod(context: Context, pod: PodReference, why: string, mark?: string): Promise<string> {
  if (pod.namespace !== context.run.namespace) {
    const how = mark === undefined ? 'by its command line' : `with: grep -l ${mark} /proc/[0-9]*/environ`;
    return `the program may still run in ${pod.namespace}/${pod.name}, a pod that is not the run's own and stays: ${why}; it can be found there ${how}`;
  }
  try {
    await within(context, REMOVAL_LIMIT, () => context.removePod(pod));
    return `the pod was deleted: ${why}`;
  } catch (error) {
    return `the program may still run in ${pod.namespace}/${pod.name}: ${why}, and the pod could not be deleted (${messageOf(error)})`;
  }
}

/** Settles as `work` does, or rejects once its time is up; then its signal aborts. */
async function within<T>({ clock }: Context, milliseconds: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const end = new AbortController();
  const late = clock.sleep(milliseconds, end.signal).then(() => {
    throw new Failure('timeout', `it took longer than ${milliseconds / 1000} s`);
  });
  try {
    return await Promise.race([work(end.signal), late]);
  } finally {
    end.abort();
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What `env` says, and nothing else, where it cannot become the program (exit codes 126 and 127, POSIX env; GNU, busybox and toybox alike). */
function programMissing(pod: PodReference, programs: string[], { exitCode, stderr }: ExecResult): Failure | undefined {
  const said = stderr.trimEnd();
  const program = programs.find((each) => each !== '' && said.includes(each));
  if (![126, 127].includes(exitCode) || !said.startsWith('env: ') || said.includes('\n') || program === undefined) return undefined;
  const why = /: (Permission denied|Is a directory)$/i.exec(said)?.[1]?.toLowerCase();
  const text = why === undefined ? 'does not exist' : `cannot be run: ${why}`;
  const hint = 'Use an image that has the program.';
  return new Failure('command-not-found', `"${program}" ${text} in ${pod.namespace}/${pod.name}`, { hint });
}
