/** Free ports of the loopback interface. */
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * The wanted port if it is free, else any free one.
 * NOTE: another process may take the port before it is used; whoever starts a server with it tries again.
 */
export async function freePort(wanted = 0): Promise<number> {
  return (await tryPort(wanted)) ?? (await tryPort(0)) ?? refuse();
}

async function tryPort(port: number): Promise<number | null> {
  const server = createServer().listen({ port, host: '127.0.0.1', exclusive: true });
  try {
    await once(server, 'listening');
  } catch {
    return null;
  }
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : null;
}

function refuse(): never {
  throw new Error('no port of 127.0.0.1 is free');
}
