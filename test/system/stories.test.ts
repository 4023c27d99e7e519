/** The stories of the demo, played on the real servers: each ends as its file says, read back from the API and the local Meta. */
import { expect, test } from 'vitest';
import { readStory } from '../../src/launch/story-file.ts';
import { playStory } from '../../src/launch/story.ts';
import { useWorld } from './world.ts';

const bench = useWorld();

test.each([
  ['first-life', '15550100101'],
  ['new-phone', '15550100102'],
  ['failed-return', '15550100103'],
])('the story %s ends as it is told', async (name, digits) => {
  const told: string[] = [];
  const { problems } = await playStory(bench.world, readStory(name), {
    digits,
    tell: ({ day, sentence }) => told.push(`day ${day}: ${sentence}`),
  });
  expect(problems, told.join('\n')).toEqual([]);
});
