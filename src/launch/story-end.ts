/** What a story says must be true, compared with the API and the local Meta. */
import type { NumberView } from './backend.ts';
import type { CallCount, LocalMetaControl } from './local-meta.ts';
import type { Actor, Scene } from './story-scene.ts';
import { actorOf } from './story-scene.ts';
import type { Expectation, Story } from './story-file.ts';
import { missingImports } from './story-imports.ts';

/** What of the expectation does not hold, in words. */
export async function missing({ backend, numberId }: Actor, expected: Expectation): Promise<string[]> {
  const number = await backend.readNumber(numberId);
  const { said, ...fields } = expected;
  const seen = fieldsOf(number);
  const wrong = Object.entries(fields).flatMap(([name, value]) => {
    const actual = seen[name];
    return value === undefined || value === actual ? [] : [`${name} is ${String(actual)}, not ${String(value)}`];
  });
  if (said === undefined) return wrong;
  const timeline = await backend.readTimeline(numberId);
  const isSaid = timeline.some((entry) => entry.cycle === number.cycle && entry.sentence.includes(said));
  return isSaid ? wrong : [...wrong, `nobody said "${said}"`];
}

function fieldsOf(number: NumberView): Record<string, string | number | undefined> {
  return {
    connection: number.connection,
    headline: number.headline,
    cycle: number.cycle,
    attempt: number.attempt.state,
    contacts: number.syncs.contacts.state,
    history: number.syncs.history.state,
    endReason: number.link.end?.reason,
    failure: number.attempt.failure?.code,
    phoneStillLinked: number.attempt.failure?.phoneStillLinked,
  };
}

/** The end of the story, from the API and from the local Meta. */
export async function readBack(scene: Scene, story: Story): Promise<string[]> {
  const { meta } = scene.stage;
  const { end } = story;
  const problems = await wrongNumbers(scene, story);
  const phone = await meta.readPhone(scene.player.digits);
  for (const [name, value] of Object.entries(end.meta)) {
    if (phone[name] !== value)
      problems.push(`the local Meta holds ${name} ${String(phone[name])}, not ${String(value)}`);
  }
  const calls = await meta.readCalls(scene.player.digits);
  return [
    ...problems,
    ...(end.imports === undefined ? [] : await missingImports(actorOf(scene), end.imports)),
    ...(await wrongSentences(actorOf(scene), end.told ?? [])),
    ...wrongCounts(calls, end.acceptedOnce, 'accepted'),
    ...wrongCounts(calls, end.asked ?? {}, 'asked'),
    ...end.neverCalled.filter((name) => calls.some(({ call }) => call === name)).map((name) => `${name} was called`),
    ...(await wrongDeliveries(meta, phone, end.deliveries ?? [])),
    ...(await wrongReminders(scene, story)),
  ];
}

async function wrongNumbers(scene: Scene, { end }: Story): Promise<string[]> {
  const own = await missing(actorOf(scene), end.number);
  if (end.second === undefined) return own;
  const ofSecond = await missing(actorOf(scene, 'second'), end.second);
  return [...own, ...ofSecond.map((problem) => `of the second tenant: ${problem}`)];
}

function wrongCounts(
  calls: readonly CallCount[],
  wanted: Record<string, number>,
  count: 'accepted' | 'asked',
): string[] {
  return Object.entries(wanted).flatMap(([name, times]) => {
    const actual = sum(calls.filter(({ call }) => call === name).map((call) => call[count]));
    return actual === times ? [] : [`${name} was ${count} ${actual} times, not ${times}`];
  });
}

async function wrongDeliveries(
  meta: LocalMetaControl,
  { digits, wabaId }: Record<string, unknown>,
  wanted: NonNullable<Story['end']['deliveries']>,
): Promise<string[]> {
  if (wanted.length === 0) return [];
  const all = await meta.readDeliveries();
  const deliveries = all.filter((row) => row.digits === digits || row.entryId === wabaId);
  return wanted.flatMap(({ of, outcome, times }) => {
    const actual = deliveries.filter((row) => [row.event, row.field].includes(of) && row.outcome === outcome).length;
    return actual === times ? [] : [`${of} was ${outcome} ${actual} times, not ${times}`];
  });
}

async function wrongSentences(
  { backend, numberId }: Actor,
  wanted: NonNullable<Story['end']['told']>,
): Promise<string[]> {
  if (wanted.length === 0) return [];
  const told = (await backend.readTimeline(numberId)).map((entry) => entry.sentence);
  return wanted.flatMap(({ sentence, times }) => {
    const actual = told.filter((one) => one.includes(sentence)).length;
    return actual === times ? [] : [`"${sentence}" was told ${actual} times, not ${times}`];
  });
}

async function wrongReminders({ stage, player }: Scene, { end }: Story): Promise<string[]> {
  if (!end.reminders) return [];
  const sentences = (await stage.backend.readTimeline(player.numberId)).map(({ sentence }) => sentence);
  const days = sentences.flatMap((sentence) => /^Reminder for day (\d+)/.exec(sentence)?.[1] ?? []).map(Number);
  return days.join() === end.reminders.join()
    ? []
    : [`reminders on days ${days.join(', ')}, not ${end.reminders.join(', ')}`];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
