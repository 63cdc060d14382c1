// `sim run --record`: what sensors observe in a run, kept for `sim detect`.
import { localFiles } from '../adapters/files.ts';
import { createRecording, type RecordingFile } from '../adapters/recording-file.ts';
import { recordingHeader, recordingLine } from '../detector/recording.ts';
import { redactor } from '../engine/redact.ts';
import type { Observation } from '../ports/observations.ts';
import { readsSensor } from './chosen-sources.ts';
import type { ConfiguredSource } from './configuration.ts';
import { packageVersion } from './package-files.ts';
import type { Prepared } from './run-one.ts';
import { UsageError } from './usage-error.ts';

/** Throws UsageError for more than a recording can tell apart, and for a file that is there. */
export async function refuseRecording(file: string | undefined, playbooks: number): Promise<void> {
  if (file === undefined) return;
  if (playbooks > 1) throw new UsageError('--record keeps what was observed of one run: name one playbook');
  if (await localFiles().exists(file))
    throw new UsageError(`${file} exists already, and a recording never replaces a file`, { hint: 'name another one, or remove it' });
}

export interface Recorder {
  /** Takes what a sensor observed; before the beginning nothing is kept. */
  observed(observation: Observation): void;
  /** Makes the file. Throws Failure configuration. */
  begin(): Promise<void>;
  /** Throws Failure storage where something is missing in it. */
  end(): Promise<void>;
}

/** Undefined without a file. Throws UsageError where none of the sources that are read has observations. */
export function recorderTo(
  file: string | undefined,
  read: readonly ConfiguredSource[],
  runs: readonly Pick<Prepared, 'run' | 'secrets'>[],
): Recorder | undefined {
  if (file === undefined) return undefined;
  if (!readsSensor(read))
    throw new UsageError('--record saves what a sensor observes, and none is read', {
      hint: 'configure a source of the type `sensor`, or run with --lab; products tell their alerts, and not what these are made of',
    });
  const redact = redactor(runs.flatMap(({ run, secrets }) => [run.token, ...secrets]));
  let recording: RecordingFile | undefined;
  return {
    observed: (observation) => recording?.write(recordingLine(redact.value(observation))),
    async begin() {
      const version = await packageVersion(localFiles());
      recording = await createRecording(file);
      recording.write(recordingHeader(version));
    },
    end: async () => await recording?.close(),
  };
}
