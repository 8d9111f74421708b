/**
 * A TCP proxy before PostgreSQL that counts round trips where they cannot be hidden: on the wire. A client asks for an
 * answer with Query ('Q') or with Sync ('S') after Parse, Bind and Execute; whatever comes before is sent along with it.
 */
import { connect, createServer, type Socket } from 'node:net';

export interface CountingProxy {
  readonly port: number;
  /** Round trips since the last call; those of logging in are not counted. */
  take(): number;
  close(): Promise<void>;
}

const QUERY = 'Q'.charCodeAt(0);
const SYNC = 'S'.charCodeAt(0);

/** Reads one client's messages: the first has a length and no type, all later ones a type and a length. */
function tripCounter(count: () => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  let isStartup = true;
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const head = isStartup ? 0 : 1;
      if (rest.length < head + 4) return;
      const size = head + rest.readUInt32BE(head);
      if (rest.length < size) return;
      if (!isStartup && (rest[0] === QUERY || rest[0] === SYNC)) count();
      isStartup = false;
      rest = rest.subarray(size);
    }
  };
}

/** `delay_ms` is added to every round trip, as a network would. */
export async function startCountingProxy(host: string, port: number, delay_ms = 0): Promise<CountingProxy> {
  let trips = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(port, host);
    const counter = tripCounter(() => { trips += 1; });
    client.on('data', counter);
    for (const [socket, other] of [[client, upstream], [upstream, client]] as const) {
      sockets.add(socket);
      // As pg and PostgreSQL do themselves: else the end of a larger message waits 40 ms until its beginning is acknowledged.
      socket.setNoDelay(true);
      if (delay_ms === 0 || socket === upstream) socket.pipe(other);
      else socket.on('data', (chunk: Buffer) => { setTimeout(() => other.write(chunk), delay_ms); });
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');
  return {
    port: address.port,
    take: () => {
      const counted = trips;
      trips = 0;
      return counted;
    },
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
