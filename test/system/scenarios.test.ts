/** Every numbered scenario of the local Meta, played on the real servers: each ends as its file says, read back from both sides. */
import { expect, test } from 'vitest';
import { playScenario } from '../../src/launch/scenario.ts';
import { scenarioNames } from '../../src/launch/story-file.ts';
import { useWorld } from './world.ts';

const bench = useWorld({ logLevel: 'error' });

test.each(scenarioNames())('scenario %s ends as its file says', async (name) => {
  const { problems, told } = await playScenario(bench.world, name);
  expect(problems, told.join('\n')).toEqual([]);
});
