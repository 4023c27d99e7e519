/** A server of a test file's own, over a folder and a port that stay, so that it can be taken down and come back where it was. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { startKeeper, type Keeper } from '../../src/launch/keeper.ts';
import { freePort } from '../../src/launch/ports.ts';
import type { World } from '../../src/launch/world.ts';

interface Place {
  dataDir: string;
  keeper: Keeper;
  port: number;
}

interface Means<Server> {
  bringUp: (place: Place) => Promise<Server>;
  /** Once, before the world that uses it. */
  whenUp: (server: Server) => Promise<void> | void;
}

interface OwnServer<Server> {
  stop(): Promise<void>;
  bringUp(): Promise<Server>;
}

export function useOwnServer<Server extends { stop(): Promise<void> }>(
  name: string,
  { bringUp, whenUp }: Means<Server>,
): OwnServer<Server> {
  let place: Place | undefined;
  let server: Server | undefined;
  const start = async (): Promise<Server> => {
    if (!place) throw new Error('the server is there only while tests run');
    server = await bringUp(place);
    return server;
  };
  beforeAll(async () => {
    const dataDir = await mkdtemp(join(tmpdir(), `tandem-own-${name}-`));
    place = { dataDir, keeper: await startKeeper(), port: await freePort() };
    await whenUp(await start());
  });
  afterAll(async () => {
    await server?.stop();
    await place?.keeper.stop();
    if (place) await rm(place.dataDir, { recursive: true, force: true });
  });
  return { stop: async () => server?.stop(), bringUp: start };
}

/** What the API says of itself and of what it stands on. */
export async function readinessOf({ apiUrl }: Pick<World, 'apiUrl'>): Promise<[number, unknown]> {
  const answer = await fetch(`${apiUrl}/readyz`, { signal: AbortSignal.timeout(10_000) });
  return [answer.status, await answer.json()];
}
