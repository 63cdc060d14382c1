// The part of the `ws` package used here, which ships no types of its own.
declare module 'ws' {
  import type { EventEmitter } from 'node:events';
  import type { ClientRequest, IncomingMessage } from 'node:http';
  import type { RequestOptions } from 'node:https';

  export interface ClientOptions extends RequestOptions {
    handshakeTimeout?: number;
    perMessageDeflate?: boolean;
  }

  export class WebSocket extends EventEmitter {
    constructor(address: URL, protocols: string[], options: ClientOptions);
    readonly protocol: string;
    send(data: Uint8Array, done: (error?: Error) => void): void;
    ping(): void;
    pause(): void;
    resume(): void;
    close(): void;
    terminate(): void;
    override on(event: 'open' | 'pong', listener: () => void): this;
    override on(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): this;
    override on(event: 'close', listener: (code: number, reason: Buffer) => void): this;
    override on(event: 'error', listener: (error: Error) => void): this;
    override on(event: 'unexpected-response', listener: (request: ClientRequest, response: IncomingMessage) => void): this;
  }
}
