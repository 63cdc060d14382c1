// A loopback port that leads to a pod's port: one WebSocket per connection.
import net, { type AddressInfo, type Socket } from 'node:net';
import type { PodReference } from '../../ports/cluster.ts';
import { Failure } from '../../ports/failure.ts';
import { podName } from './pod-failure.ts';
import type { Transport } from './transport.ts';

const DATA = 0;
const ERROR = 1;

/**
 * Listens on a free port of 127.0.0.1 until `close` or the signal. The pod must be running (the caller's check); a connection
 * that the pod refuses is reset.
 */
export async function forwardPort(
  transport: Transport,
  pod: PodReference,
  port: number,
  signal: AbortSignal,
): Promise<{ port: number; close(): Promise<void> }> {
  signal.throwIfAborted();
  const stop = new AbortController();
  const ended = AbortSignal.any([signal, stop.signal]);
  const sockets = new Set<Socket>();
  const server = net.createServer({ pauseOnConnect: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    join(transport, pod, port, socket, ended).catch(() => socket.resetAndDestroy());
  });
  const close = () =>
    new Promise<void>((resolve) => {
      stop.abort();
      for (const socket of sockets) socket.destroy();
      server.close(() => resolve());
    });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(new Failure('internal', `cannot listen on 127.0.0.1: ${cause.message}`, { cause })));
    server.listen(0, '127.0.0.1', resolve);
  });
  signal.addEventListener('abort', close, { once: true });
  return { port: (server.address() as AddressInfo).port, close };
}

/** Connects one local socket with the pod. Messages: channel, then data; each channel's first message is the port. */
async function join(transport: Transport, pod: PodReference, port: number, local: Socket, signal: AbortSignal): Promise<void> {
  const path = `/api/v1/namespaces/${encodeURIComponent(pod.namespace)}/pods/${encodeURIComponent(pod.name)}/portforward`;
  const action = `forward port ${port} of ${podName(pod)}`;
  const remote = await transport.webSocket({ action, path, query: { ports: port }, signal }, ['v4.channel.k8s.io']);
  const announced = new Set<number>();
  remote.on('message', (message) => {
    const channel = message[0] ?? ERROR;
    const data = message.subarray(1);
    if (!announced.has(channel)) {
      announced.add(channel);
      return;
    }
    if (channel === ERROR) local.resetAndDestroy();
    else if (channel === DATA && data.length > 0 && !local.write(data)) {
      remote.pause();
      local.once('drain', () => remote.resume());
    }
  });
  remote.on('close', () => local.end());
  remote.on('error', () => local.resetAndDestroy());
  local.on('data', (data: Buffer) => {
    local.pause();
    remote.send(Buffer.concat([Buffer.of(DATA), data]), (error) => (error ? local.destroy() : local.resume()));
  });
  // The protocol cannot end one direction alone, so neither does the local side (no half-open sockets).
  local.on('close', () => remote.close());
  if (local.destroyed) remote.close();
  remote.resume();
  local.resume();
}
