/** Every numbered scenario of the local Meta, played on the real servers: each ends as its file says, read back from both sides. */
import { describe, expect, test } from 'vitest';
import { playScenario } from '../../src/launch/scenario.ts';
import { scenarioNames } from '../../src/launch/story-file.ts';
import { useWorld } from './world.ts';

/** How many share a world: the numbers of those that have ended live on in it, and halt the clock at each of their deadlines. */
const SHARED_BY = 7;
const names = scenarioNames();

for (let first = 0; first < names.length; first += SHARED_BY) {
  const group = names.slice(first, first + SHARED_BY);
  describe(`scenarios ${group[0]} to ${group.at(-1)}`, () => {
    const bench = useWorld({ logLevel: 'error' });
    test.each(group)('scenario %s ends as its file says', async (name) => {
      const { problems, told } = await playScenario(bench.world, name);
      expect(problems, told.join('\n')).toEqual([]);
    });
  });
}
