/** Plays one of the numbered scenarios on a stage of its own phone: the file says what happens and what is true at the end. */
import { readStory, scenarioNames } from './story-file.ts';
import { playStory } from './story.ts';
import type { PlayedStory, Stage } from './story.ts';

export interface PlayedScenario extends PlayedStory {
  /** What was told on the way, for whoever reads a failure. */
  told: readonly string[];
}

/** A phone of its own for each, so that all can be played in one world. */
export async function playScenario(stage: Stage, name: string): Promise<PlayedScenario> {
  const place = scenarioNames().indexOf(name);
  if (place === -1) throw new Error(`there is no scenario ${name}: one of ${scenarioNames().join(', ')}`);
  const told: string[] = [];
  const played = await playStory(stage, readStory(name), {
    digits: `1555030${String(place + 1).padStart(4, '0')}`,
    tell: ({ day, sentence }) => told.push(`day ${day}: ${sentence}`),
  });
  return { ...played, told };
}
