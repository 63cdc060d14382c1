// A connection to a port of a pod: a stream over a WebSocket to the API server. Nothing listens on this machine.
import { Duplex } from 'node:stream';
import type { PodReference } from '../../ports/cluster.ts';
import { Failure } from '../../ports/failure.ts';
import { notRunning, podName } from './pod-failure.ts';
import type { Transport } from './transport.ts';

const DATA = 0;
const ERROR = 1;

/** Connects; ends with the signal. The stream fails with what kubelet says where the pod refuses. Throws Failure not-found, pod-failed, forbidden. */
export async function connectPort(transport: Transport, pod: PodReference, port: number, signal: AbortSignal): Promise<Duplex> {
  const path = `/api/v1/namespaces/${encodeURIComponent(pod.namespace)}/pods/${encodeURIComponent(pod.name)}/portforward`;
  const action = `forward port ${port} of ${podName(pod)}`;
  const remote = await transport
    .webSocket({ action, path, query: { ports: port }, signal }, ['v4.channel.k8s.io'])
    .catch((error: unknown) => {
      throw (error instanceof Failure && notRunning(action, error.message)) || error;
    });
  const stream = new Duplex({
    signal,
    // It is paused until somebody reads.
    read: () => remote.resume(),
    write: (data: Buffer, _encoding, done) => remote.send(Buffer.concat([Buffer.of(DATA), data]), (error) => done(error)),
    // The protocol cannot end one direction alone.
    final: (done) => done(),
    destroy(error, done) {
      remote.terminate();
      done(error);
    },
  });
  // Messages: channel, then data; each channel's first message is the port.
  const announced = new Set<number>();
  remote.on('message', (message) => {
    const channel = message[0] ?? ERROR;
    const data = message.subarray(1);
    if (!announced.has(channel)) announced.add(channel);
    else if (channel === ERROR) stream.destroy(new Error(data.toString().trim()));
    else if (channel === DATA && data.length > 0 && !stream.push(data)) remote.pause();
  });
  remote.on('close', () => stream.push(null));
  remote.on('error', (error) => stream.destroy(error));
  return stream;
}
