/** `tandem demo`: brings up everything, plays three numbers as they live, and stays up; with `--once` it ends by itself. */
import { setTimeout as pause } from 'node:timers/promises';
import { bringUpAll, type Brought } from '../launch/bring-up.ts';
import { readStory, type Story } from '../launch/story-file.ts';
import { playStory, type PlayedStory, type Stage, type StoryLine } from '../launch/story.ts';

const LOOK_AGAIN_MS = 200;
const STORIES = ['first-life', 'new-phone', 'failed-return'] as const;

export interface DemoOptions {
  once: boolean;
  reset: boolean;
}

/** Answers the process's exit code: 0 only if the end of each story was read back as told. */
export async function demo(options: DemoOptions): Promise<number> {
  const started = performance.now();
  const brought = await bringUpAll({ reset: options.reset, tell: (line) => console.log(line) });
  try {
    const isGood = await playAll(brought, started);
    printWays(brought);
    if (!options.once) await untilInterrupted();
    return isGood ? 0 : 1;
  } finally {
    await brought.close();
  }
}

async function playAll({ world, temporal }: Brought, started: number): Promise<boolean> {
  const { skipsTime } = temporal;
  if (!skipsTime) {
    console.log(
      '\nThis Temporal server does not skip time: the stories take weeks there. What needs no waiting is played.',
    );
    console.log('Remedy: unset TEMPORAL_ADDRESS, and the demo brings its own server. Run next: npm run demo');
  }
  const stories = skipsTime ? STORIES.map((name) => readStory(name)) : [withoutWaiting(readStory(STORIES[0]))];
  const stage = skipsTime ? world : inRealTime(world);
  const ui = `${temporal.uiUrl ?? ''}/namespaces/${temporal.namespace}/workflows`;
  const tellFirst = firstConnected(started);
  let isGood = skipsTime;
  for (const story of stories) {
    console.log(`\n${story.title}`);
    const digits = await unusedDigits(world.meta);
    const tell = (line: StoryLine): void => {
      printLine(line);
      tellFirst(line);
    };
    const played = await playStory(stage, story, { digits, tell });
    isGood = report(played, `${ui}/number%2F${played.player.numberId}`) && isGood;
  }
  return isGood;
}

function firstConnected(started: number): (line: StoryLine) => void {
  let isFirst = true;
  return ({ sentence }) => {
    if (!isFirst || !sentence.startsWith('Connected')) return;
    isFirst = false;
    console.log(`      (first connected number after ${seconds(performance.now() - started)})`);
  };
}

/** The beginning of a story, up to the connection. */
function withoutWaiting(story: Story): Story {
  const connected = story.steps.findIndex((step) => step.do === 'until');
  return {
    ...story,
    title: 'A number is connected',
    steps: story.steps.slice(0, connected + 1).filter((step) => step.do !== 'advance'),
    end: {
      number: { connection: 'connected', cycle: 1 },
      meta: { connected: 'coexistence', subscribed: true },
      acceptedOnce: { exchangeCode: 1 },
      neverCalled: [],
    },
  };
}

/** The same stage on a clock that nobody moves. */
function inRealTime(world: Stage): Stage {
  return {
    ...world,
    advanceUntil: async (isDone, withinMs) => {
      const limit = performance.now() + withinMs;
      while (performance.now() < limit) {
        if (await isDone()) return true;
        await pause(LOOK_AGAIN_MS);
      }
      return false;
    },
  };
}

/** The time is counted from the story's begin, so that day 14 comes after day 13 whenever the demo is run. */
function printLine({ day, sinceMs, sentence }: StoryLine): void {
  const time = new Date(sinceMs).toISOString().slice(11, 16);
  console.log(`  day ${String(day).padStart(2)}, ${time}  ${sentence}`);
}

function report({ player, problems }: PlayedStory, link: string): boolean {
  console.log(`  ${link}`);
  if (problems.length === 0) {
    console.log(`  The end was read back from the API and from the local Meta: as told.`);
    return true;
  }
  console.log(`  Not as told, for the number ${player.numberId}:`);
  for (const problem of problems) console.log(`    - ${problem}`);
  console.log('  Remedy: read its timeline and its workflow under the link above. Run next: npm run demo -- --reset');
  return false;
}

function printWays({ world, temporal }: Brought): void {
  console.log(`\nTemporal UI  ${temporal.uiUrl ?? 'not started by this run'}`);
  console.log(`API          ${world.apiUrl}/docs`);
  console.log(`Local Meta   ${world.metaUrl}/control/phones`);
  console.log(`Try          curl -H 'Authorization: Bearer ${world.apiKey}' ${world.apiUrl}/v1/numbers`);
}

/** New phone numbers for each run: the ones before are kept. */
async function unusedDigits(meta: Brought['world']['meta']): Promise<string> {
  const { phones } = (await meta.get('phones')) as { phones: { digits: string }[] };
  const used = new Set(phones.map(({ digits }) => digits));
  for (let last = 101; ; last += 1) {
    const digits = `1555010${String(last).padStart(4, '0')}`;
    if (!used.has(digits)) return digits;
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

async function untilInterrupted(): Promise<void> {
  console.log('\nEverything stays up until Ctrl-C.');
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
}

/** `tandem dev`: the same world, without stories. */
export async function dev(options: { reset: boolean }): Promise<void> {
  const brought = await bringUpAll({ reset: options.reset, tell: (line) => console.log(line) });
  try {
    printWays(brought);
    await untilInterrupted();
  } finally {
    await brought.close();
  }
}
