/** Plays a scenario file against the running product: the backend, the owner's browser and the phone act; the clock moves; each end is read back. */
import type { Backend, NumberView } from './backend.ts';
import type { LocalMetaControl } from './local-meta.ts';
import type { Expectation, Story, StoryStep } from './story-file.ts';

export interface Stage {
  backend: Backend;
  meta: LocalMetaControl;
  /** Moves the one clock, stopping at whatever is due on the way, until `isDone` or the limit; answers whether it is done. */
  advanceUntil(isDone: () => Promise<boolean>, withinMs: number): Promise<boolean>;
  advance(byMs: number): Promise<void>;
  nowMs(): number;
}

export interface Player {
  digits: string;
  numberId: string;
  /** When the story began, epoch ms: day 0. */
  startedAtMs: number;
}

/** One thing that happened, with the day on which it did. */
export interface StoryLine {
  day: number;
  /** Since the story began. */
  sinceMs: number;
  sentence: string;
}

export interface PlayedStory {
  player: Player;
  /** What is not as the file says; empty: the story ended as told. */
  problems: readonly string[];
}

const DAY_MS = 86_400_000;

/** Plays all steps in order. A step that does not come about ends the story with its problem; nothing is repeated. */
export async function playStory(
  stage: Stage,
  story: Story,
  { digits, tell }: { digits: string; tell: (line: StoryLine) => void },
): Promise<PlayedStory> {
  await stage.meta.makePhone({ digits, ...story.phone });
  const player: Player = { digits, numberId: '', startedAtMs: stage.nowMs() };
  let told = 0;
  const tellNew = async (): Promise<void> => {
    if (player.numberId === '') return;
    const timeline = await stage.backend.readTimeline(player.numberId);
    for (const entry of timeline.slice(told)) {
      const sinceMs = Math.max(0, Date.parse(entry.at) - player.startedAtMs); // Meta's times are whole seconds
      tell({ day: Math.floor(sinceMs / DAY_MS), sinceMs, sentence: entry.sentence });
    }
    told = timeline.length;
  };
  for (const step of story.steps) {
    const problem = await playStep({ stage, player, tellNew }, step);
    await tellNew();
    if (problem) return { player, problems: [problem] };
  }
  return { player, problems: await readBack(stage, story, player) };
}

interface Scene {
  stage: Stage;
  player: Player;
  tellNew: () => Promise<void>;
}

/** Answers the problem, or null when the step came about. */
async function playStep(scene: Scene, step: StoryStep): Promise<string | null> {
  const { stage, player } = scene;
  switch (step.do) {
    case 'invite':
      player.numberId = (await stage.backend.invite(`+${player.digits}`)).id;
      return null;
    case 'finish-signup':
      return finishSignup(scene, step);
    case 'advance':
      await stage.advance(step.by);
      return null;
    case 'phone':
      await stage.meta.act(player.digits, step.act);
      return null;
    case 'command': {
      const answer = await stage.backend.command(player.numberId, step.command);
      return answer.status < 300
        ? null
        : `${step.command} was answered ${answer.status}: ${JSON.stringify(answer.body)}`;
    }
    case 'until':
      return until(scene, step);
  }
}

/** The owner's browser: the dialog gives a code and a result, each sent as it comes, in either order. */
async function finishSignup(
  { stage, player }: Scene,
  step: Extract<StoryStep, { do: 'finish-signup' }>,
): Promise<string | null> {
  const { state } = await stage.backend.openDialog(player.numberId);
  const { partnerAddedDelayMs } = step;
  const end = await stage.meta.finishSignup(
    player.digits,
    partnerAddedDelayMs === undefined ? {} : { partnerAddedDelayMs },
  );
  if (end.code === null) return `the dialog gave no code: ${JSON.stringify(end.message)}`;
  const { code } = end;
  const parts = [() => stage.backend.sendResult(state, end.message), () => stage.backend.sendCode(state, code)];
  for (const send of step.first === 'result' ? parts : parts.toReversed()) {
    const answer = await send();
    if (answer.status !== 202)
      return `a part of the signup was answered ${answer.status}: ${JSON.stringify(answer.body)}`;
  }
  return null;
}

async function until(
  { stage, player, tellNew }: Scene,
  step: Extract<StoryStep, { do: 'until' }>,
): Promise<string | null> {
  const { within, do: _do, ...expected } = step;
  const isDone = await stage.advanceUntil(async () => {
    await tellNew();
    return (await missing(stage, expected, player.numberId)).length === 0;
  }, within);
  if (isDone) return null;
  const missed = await missing(stage, expected, player.numberId);
  return missed.length === 0 ? null : `not reached in time: ${missed.join('; ')}`;
}

/** What of the expectation does not hold, in words. */
async function missing(stage: Stage, expected: Expectation, numberId: string): Promise<string[]> {
  const number = await stage.backend.readNumber(numberId);
  const { said, ...fields } = expected;
  const seen = fieldsOf(number);
  const wrong = Object.entries(fields).flatMap(([name, value]) => {
    const actual = seen[name];
    return value === undefined || value === actual ? [] : [`${name} is ${String(actual)}, not ${String(value)}`];
  });
  if (said === undefined) return wrong;
  const timeline = await stage.backend.readTimeline(numberId);
  const isSaid = timeline.some((entry) => entry.cycle === number.cycle && entry.sentence.includes(said));
  return isSaid ? wrong : [...wrong, `nobody said "${said}"`];
}

function fieldsOf(number: NumberView): Record<string, string | number | undefined> {
  return {
    connection: number.connection,
    headline: number.headline,
    cycle: number.cycle,
    contacts: number.syncs.contacts.state,
    history: number.syncs.history.state,
    endReason: number.link.end?.reason,
    failure: number.attempt.failure?.code,
    phoneStillLinked: number.attempt.failure?.phoneStillLinked,
  };
}

/** The end of the story, from the API and from the local Meta. */
async function readBack(stage: Stage, story: Story, { digits, numberId }: Player): Promise<string[]> {
  const { end } = story;
  const problems = await missing(stage, end.number, numberId);
  const phone = await stage.meta.readPhone(digits);
  for (const [name, value] of Object.entries(end.meta)) {
    if (phone[name] !== value)
      problems.push(`the local Meta holds ${name} ${String(phone[name])}, not ${String(value)}`);
  }
  const calls = (await stage.meta.readCalls()).filter((call) => call.digits === digits);
  const accepted = (name: string): number =>
    sum(calls.filter(({ call }) => call === name).map((call) => call.accepted));
  for (const [name, times] of Object.entries(end.acceptedOnce)) {
    if (accepted(name) !== times) problems.push(`${name} was accepted ${accepted(name)} times, not ${times}`);
  }
  for (const name of end.neverCalled) {
    if (calls.some(({ call }) => call === name)) problems.push(`${name} was called`);
  }
  return [...problems, ...(await wrongReminders(stage, story, numberId))];
}

async function wrongReminders(stage: Stage, { end }: Story, numberId: string): Promise<string[]> {
  if (!end.reminders) return [];
  const sentences = (await stage.backend.readTimeline(numberId)).map(({ sentence }) => sentence);
  const days = sentences.flatMap((sentence) => /^Reminder for day (\d+)/.exec(sentence)?.[1] ?? []).map(Number);
  return days.join() === end.reminders.join()
    ? []
    : [`reminders on days ${days.join(', ')}, not ${end.reminders.join(', ')}`];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
