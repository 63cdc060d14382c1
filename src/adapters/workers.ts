// Threads that answer one job after the other.
import { setFlagsFromString } from 'node:v8';
import { parentPort, Worker, workerData } from 'node:worker_threads';

export interface JobWorker<Job, Answer> {
  /** Answers come in the order of the jobs. Rejects where the thread has failed. */
  ask(job: Job): Promise<Answer>;
  stop(): Promise<void>;
}

/**
 * From here on memory is given back early, in this thread and in those that start: for short work of many small pieces, after each of which
 * everything may go. Left alone, V8 lets every thread's heap grow to many times of what is in use before it looks.
 */
export function collectEarly(): void {
  for (const flag of ['--max-semi-space-size=2', '--semi-space-growth-factor=1', '--heap-growing-percent=50']) setFlagsFromString(flag);
}

/** Starts a thread with the module, which calls `answerJobs`; `data` is what it is given to begin with. */
export function startWorker<Job, Answer>(module: URL, data: unknown): JobWorker<Job, Answer> {
  const worker = new Worker(module, { workerData: data });
  const waiting: PromiseWithResolvers<Answer>[] = [];
  let failed: Error | undefined;
  const fail = (error: Error) => {
    failed ??= error;
    for (const { reject } of waiting.splice(0)) reject(failed);
  };
  worker.on('message', (answer: Answer) => waiting.shift()?.resolve(answer));
  worker.on('error', fail);
  worker.on('exit', (code) => fail(new Error(`a thread has ended with ${code}`)));
  return {
    async ask(job) {
      if (failed !== undefined) throw failed;
      const answer = Promise.withResolvers<Answer>();
      waiting.push(answer);
      worker.postMessage(job);
      return await answer.promise;
    },
    stop: async () => void (await worker.terminate()),
  };
}

/** Inside such a thread: `begin` makes of the data what answers the jobs. */
export function answerJobs<Data, Job, Answer>(begin: (data: Data) => Promise<(job: Job) => Promise<Answer>>): void {
  const ready = begin(workerData as Data);
  let last: Promise<unknown> = ready;
  parentPort?.on('message', (job: Job) => {
    last = last.then(async () => parentPort?.postMessage(await (await ready)(job)));
  });
}
