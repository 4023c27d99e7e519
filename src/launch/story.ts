/** Plays a scenario file against the running product: the backend, the owner's browser and the phone act; the clock moves; each end is read back. */
import { missing, readBack } from './story-end.ts';
import type { StepOf, Story, StoryStep } from './story-file.ts';
import { finishSignup } from './story-signup.ts';
import { kill, moveInTheDark, start } from './story-outage.ts';
import { actorOf, type Player, type Scene, type Stage } from './story-scene.ts';

export type { Stage } from './story-scene.ts';

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
  const phones = await makeOthers(stage, story, digits);
  const tellNew = newsTeller(stage, player, tell);
  const scene: Scene = { stage, player, actors: new Map(), phones, journeys: [], tellNew };
  for (const step of story.steps) {
    const problem = await playStep(scene, step);
    await tellNew();
    if (problem) return { player, problems: [problem] };
  }
  return { player, problems: await readBack(scene, story) };
}

/** Tells each new line of the timeline once. */
function newsTeller(stage: Stage, player: Player, tell: (line: StoryLine) => void): () => Promise<void> {
  let told = 0;
  return async () => {
    if (player.numberId === '') return;
    const timeline = await stage.backend.readTimeline(player.numberId);
    for (const entry of timeline.slice(told)) {
      const sinceMs = Math.max(0, Date.parse(entry.at) - player.startedAtMs); // Meta's times are whole seconds
      tell({ day: Math.floor(sinceMs / DAY_MS), sinceMs, sentence: entry.sentence });
    }
    told = timeline.length;
  };
}

/** Their digits are the story's own and one more each. */
async function makeOthers({ meta }: Stage, story: Story, digits: string): Promise<Map<string, string>> {
  const phones = new Map([['', digits]]);
  const { wabaId, businessId } = await meta.readPhone(digits);
  for (const [place, other] of (story.others ?? []).entries()) {
    const otherDigits = `${digits}${place + 1}`;
    const account = other.isInSameAccount ? { wabaId, businessId } : {};
    await meta.makePhone({ digits: otherDigits, ...account, ...other.phone });
    if (other.dialog) await meta.finishSignup(otherDigits, other.dialog);
    phones.set(other.name, otherDigits);
  }
  return phones;
}

type Handlers = { [Name in StoryStep['do']]: (scene: Scene, step: StepOf<Name>) => Promise<string | null> };

const HANDLERS: Handlers = {
  invite: (scene, step) => invite(scene, step.tenant),
  'finish-signup': (scene, step) => finishSignup(scene, step, actorOf(scene, step.tenant)),
  advance: async (scene, step) => {
    if (step.isInTheDark) return moveInTheDark(scene, step.by);
    await scene.stage.advance(step.by);
    return null;
  },
  phone: async (scene, step) => {
    await scene.stage.meta.act(digitsOf(scene, step.phone), step.act);
    return null;
  },
  account: async (scene, step) => post(scene, `accounts/${(await idsOf(scene, step.phone)).waba}/act`, step.act),
  portfolio: async (scene, step) => post(scene, `businesses/${(await idsOf(scene, step.phone)).business}`, step.set),
  command: (scene, step) => command(scene, step),
  until: (scene, step) => until(scene, step),
  'call-fault': async (scene, { do: _do, phone, ...fault }) =>
    post(scene, 'faults', { ...fault, subject: (await idsOf(scene, phone)).waba }),
  'webhook-fault': async (scene, { do: _do, phone, ...fault }) =>
    post(scene, 'webhook-faults', { ...fault, subject: (await idsOf(scene, phone)).waba }),
  'release-calls': async (scene, { do: _do, ...which }) => post(scene, 'faults/release', which),
  'release-webhooks': async (scene, { do: _do, ...how }) => post(scene, 'webhooks/release', how),
  webhook: async (scene, { do: _do, phone, ...webhook }) =>
    post(scene, 'webhooks', withIds(webhook, await idsOf(scene, phone))),
  kill: (scene, step) => kill(scene, step.role),
  start: (scene, step) => start(scene, step.role),
};

/** Answers the problem, or null when the step came about. */
function playStep(scene: Scene, step: StoryStep): Promise<string | null> {
  return play(scene, step.do, step);
}

/** The name picks the handler and the shape together; the schema of the file has proved that they fit. */
async function play<Name extends StoryStep['do']>(scene: Scene, name: Name, step: StoryStep): Promise<string | null> {
  const handler = HANDLERS[name];
  return isNamed(step, name) ? handler(scene, step) : null;
}

function isNamed<Name extends StoryStep['do']>(step: StoryStep, name: Name): step is StepOf<Name> {
  return step.do === name;
}

async function invite({ stage, player, actors }: Scene, tenant?: 'second'): Promise<string | null> {
  const backend = tenant === 'second' ? stage.second : stage.backend;
  if (!backend) return 'this stage has one backend alone';
  const { id } = await backend.invite(`+${player.digits}`);
  actors.set(tenant ?? '', { backend, numberId: id });
  if (tenant === undefined) player.numberId = id;
  return null;
}

function digitsOf({ phones }: Scene, phone = ''): string {
  const digits = phones.get(phone);
  if (digits === undefined) throw new Error(`the story has no phone ${phone}`);
  return digits;
}

type Ids = Record<'waba' | 'number' | 'digits' | 'business', string>;

/** The phone's ids as Meta holds them now: a dialog may have changed them. */
async function idsOf(scene: Scene, phone?: string): Promise<Ids> {
  const digits = digitsOf(scene, phone);
  const { wabaId, phoneNumberId, businessId } = await scene.stage.meta.readPhone(digits);
  return { waba: String(wabaId), number: String(phoneNumberId), digits, business: String(businessId) };
}

function withIds(webhook: object, ids: Ids): unknown {
  const text = Object.entries(ids).reduce(
    (written, [name, id]) => written.replaceAll(`$${name}`, id),
    JSON.stringify(webhook),
  );
  return JSON.parse(text);
}

async function post({ stage }: Scene, path: string, body: unknown): Promise<null> {
  await stage.meta.post(path, body);
  return null;
}

async function command(scene: Scene, step: StepOf<'command'>): Promise<string | null> {
  const { backend, numberId } = actorOf(scene, step.tenant);
  const answer = await backend.command(numberId, step.command);
  if (answer.status < 300) return null;
  return `${step.command} was answered ${answer.status}: ${JSON.stringify(answer.body)}`;
}

async function until(scene: Scene, step: StepOf<'until'>): Promise<string | null> {
  const { within, do: _do, tenant, ...expected } = step;
  const actor = actorOf(scene, tenant);
  const isDone = await scene.stage.advanceUntil(async () => {
    await scene.tellNew();
    return (await missing(actor, expected)).length === 0;
  }, within);
  if (isDone) return null;
  const missed = await missing(actor, expected);
  return missed.length === 0 ? null : `not reached in time: ${missed.join('; ')}`;
}
