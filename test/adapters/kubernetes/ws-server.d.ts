// The server half of the `ws` package, for the tests that play the API server.
declare module 'ws' {
  import type { EventEmitter } from 'node:events';
  import type { IncomingMessage, Server } from 'node:http';

  export interface WebSocket {
    readonly readyState: number;
    on(event: 'ping', listener: () => void): this;
  }

  export class WebSocketServer extends EventEmitter {
    constructor(options: {
      server: Server;
      handleProtocols?: (offered: Set<string>) => string | false;
      verifyClient?: () => boolean;
      autoPong?: boolean;
    });
    override on(event: 'connection', listener: (socket: WebSocket, request: IncomingMessage) => void): this;
    close(): void;
  }
}
