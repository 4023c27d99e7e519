/** A wire to Temporal that can be cut one way: what our processes say is held back, while the server's word still arrives. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface Wire {
  /** host:port for our processes. */
  address: string;
  /** From now on nothing that they say arrives. */
  hold(): void;
  /** What those who still live have said arrives now. */
  release(): void;
  close(): void;
}

export async function openWire(target: string): Promise<Wire> {
  const [host = '', port = ''] = target.split(':');
  const sockets = new Set<Socket>();
  const listeners = new Set<Socket>();
  let isHeld = false;
  const server = createServer((ours) => {
    const theirs = connect(Number(port), host);
    if (isHeld) ours.pause();
    ours.on('data', (chunk) => void theirs.write(chunk));
    theirs.pipe(ours);
    listeners.add(ours);
    ours.on('close', () => listeners.delete(ours));
    for (const [one, other] of [
      [ours, theirs],
      [theirs, ours],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => (sockets.delete(one), other.destroy()));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${portOf(server.address())}`,
    hold: () => {
      isHeld = true;
      for (const socket of listeners) socket.pause();
    },
    release: () => {
      isHeld = false;
      for (const socket of listeners) socket.resume();
    },
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function portOf(address: AddressInfo | string | null): number {
  if (typeof address === 'object' && address !== null) return address.port;
  throw new Error('the wire listens on no port');
}
