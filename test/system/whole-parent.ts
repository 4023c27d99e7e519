/** A one-command run that will be killed: brings everything up over a folder, says where over IPC, and moves time when told to. */
import { bringUpAll } from '../../src/launch/bring-up.ts';

const [, , dataDir = ''] = process.argv;
const { world } = await bringUpAll({ reset: false, tell: () => {}, dataDir });

export interface Said {
  apiUrl: string;
  metaUrl: string;
  apiKey: string;
  nowMs: number;
}

const say = (): void => {
  const { apiUrl, metaUrl, apiKey } = world;
  process.send?.({ apiUrl, metaUrl, apiKey, nowMs: world.nowMs() } satisfies Said);
};
process.on('message', (advanceMs) => void world.advance(Number(advanceMs)).then(say));
say();
