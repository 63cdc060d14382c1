// `sim detect`: the reference detector's rules, or Sigma's, over recorded observations, without a cluster.
import { Command, Option } from 'commander';
import { localFiles } from '../adapters/files.ts';
import { textLines } from '../adapters/text-lines.ts';
import { entitiesOf } from '../detector/alert.ts';
import type { Detection } from '../detector/detection.ts';
import { createDetector, type Detector } from '../detector/detector.ts';
import { recordingReader } from '../detector/recording.ts';
import { failedTests } from '../detector/test-events.ts';
import { Failure } from '../ports/failure.ts';
import { type Found, foundJson, foundText } from '../reporters/findings.ts';
import { colours, safe } from '../reporters/format.ts';
import { detectionsFolder, loadDetections } from './detections.ts';
import type { Session } from './session.ts';
import { loadSigma } from './sigma-rules.ts';
import { UsageError } from './usage-error.ts';

interface DetectOptions {
  rules?: string;
  sigma?: string;
  output: 'text' | 'json';
  test?: true;
}

/** Bytes of a recording on standard input. */
const LARGEST_INPUT = 1024 * 1024 * 1024;

export function detectCommand(session: Session): Command {
  return new Command('detect')
    .description('Evaluate detection rules over recorded observations')
    .argument('[file]', 'recording, JSON lines; - reads standard input')
    .option('--rules <folder>', 'rules to evaluate (default: those that come with sim)')
    .option(
      '--sigma <folder>',
      "evaluate the Sigma rules of this folder instead, and of those below: SigmaHQ's sets for Kubernetes audit and Linux processes",
    )
    .option('--test', 'run the tests that stand in the rules, and read no recording')
    .addOption(new Option('-o, --output <format>', 'how findings are told').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `
Examples:
  sim detect run.jsonl                        what the rules of sim find in a recording
  sim detect run.jsonl --rules my-detections  your own rules
  sim detect run.jsonl --sigma sigma/rules    the rules of others
  sim detect --test --rules my-detections     whether your rules do what their tests say

Exit codes: 0 nothing found, or all tests passed; 1 something found, or a test failed; 2 usage, or a rule or a recording that cannot be read.`,
    )
    .action(async (file: string | undefined, options: DetectOptions) => session.setExitCode(await detect(file, options, session)));
}

async function detect(file: string | undefined, options: DetectOptions, session: Session): Promise<number> {
  const { rules: folder = detectionsFolder, sigma, test } = options;
  if (sigma !== undefined && (test || options.rules !== undefined))
    throw new UsageError(`--sigma brings its own rules${test ? ', which have no tests' : ': leave --rules out'}`);
  if (test && file !== undefined) throw new UsageError('--test reads no recording');
  if (sigma !== undefined) {
    const { detector, notes } = await loadSigma(sigma);
    for (const note of notes) session.stderr(safe(`sim detect: ${note}\n`));
    return await evaluate(file, detector, options, session);
  }
  const rules = await loadDetections(folder, localFiles(), { colour: session.errorColour });
  return test ? runTests(rules, session) : await evaluate(file, createDetector(rules), options, session);
}

function runTests(rules: readonly Detection[], { stdout, stderr }: Session): number {
  const failed = rules.flatMap((rule) => failedTests(rule).map((why) => `${rule.name}: ${why}`));
  for (const each of failed) stdout(safe(`${each}\n`));
  const count = rules.reduce((sum, { tests }) => sum + tests.detects.length + tests.ignores.length, 0);
  stderr(`${count - failed.length} tests of ${rules.length} rules passed, ${failed.length} failed\n`);
  return failed.length === 0 ? 0 : 1;
}

async function evaluate(
  file: string | undefined,
  detector: Detector,
  { output }: DetectOptions,
  session: Pick<Session, 'stdout' | 'stderr' | 'readStdin' | 'colour'>,
): Promise<number> {
  if (file === undefined) throw new UsageError('name a recording, or - for standard input');
  const paint = colours(session.colour);
  const read = recordingReader();
  const all: Found[] = [];
  let count = 0;
  let observations = 0;
  for await (const line of linesOf(file, session)) {
    const observation = read(line);
    if (observation === undefined) continue;
    if ('message' in observation) throw new UsageError(`${file}:${observation.line}: ${observation.message}`);
    observations++;
    for (const finding of detector.observe(observation)) {
      const found = { finding, entities: entitiesOf(finding.observations) };
      count++;
      if (output === 'json') all.push(found);
      else session.stdout(foundText(found, paint));
    }
  }
  if (output === 'json') session.stdout(foundJson(all, observations));
  for (const [rule, why] of detector.failures()) session.stderr(safe(`sim detect: the rule \`${rule}\` could not be evaluated: ${why}\n`));
  session.stderr(`${count === 1 ? '1 finding' : `${count} findings`} in ${observations} observations\n`);
  return count === 0 ? 0 : 1;
}

async function* linesOf(file: string, { readStdin }: Pick<Session, 'readStdin'>): AsyncGenerator<string> {
  if (file === '-') {
    yield* new TextDecoder().decode(await readStdin(LARGEST_INPUT)).split('\n');
    return;
  }
  try {
    yield* textLines(file);
  } catch (error) {
    if (error instanceof Failure) throw new UsageError(error.message);
    throw error;
  }
}
