/** Second half of the dispatcher: facts reach their workflows, rows get one, results without a code are told. */
import type { Clock } from '../domain/clock.ts';
import type { NumberId } from '../domain/ids.ts';
import { POLICY, SECOND_MS } from '../domain/policy.ts';
import type { ApiPorts, DialogRuns, FactQueue } from './ports.ts';
import { deliverFact, deliverInOrder, restart } from './revive.ts';
import { finishedFact } from './routes/signup.ts';

export type EnginePorts = Pick<ApiPorts, 'numbers' | 'facts' | 'dialogRuns' | 'workflows'> & { clock: Clock };

/** How one round went; `isDown`: nothing of it could be taken, so the engine is down and all stays where it is. */
export interface Round {
  done: number;
  isDown: boolean;
}

const FACTS_MAX = 64;
const FACT_WAIT_MS = 5 * SECOND_MS;
const STARTS_MAX = 50;
const RESULTS_MAX = 50;
const WATCHED_MAX = 20;
const JOIN_MS = POLICY.joinSeconds.value * SECOND_MS;

type Next = Awaited<ReturnType<FactQueue['listNext']>>[number];
type Result = Awaited<ReturnType<DialogRuns['listResultsWithoutCode']>>[number];

/** The queue gives each number's oldest fact alone: side by side between numbers, one after another within one. */
export async function dispatchFacts(ports: EnginePorts): Promise<Round> {
  const facts = await ports.facts.listNext(ports.clock.nowMs(), FACTS_MAX);
  const sent = await Promise.all(facts.map((next) => dispatchOne(ports, next)));
  const round = roundOf(sent);
  if (round.done > 0)
    await postponeUnsent(
      ports,
      facts.filter((_next, index) => sent[index] === false),
    );
  return round;
}

/** Others were reached, so it is not the engine: one number that fails must not keep the rest in haste. */
async function postponeUnsent({ facts, clock }: EnginePorts, unsent: readonly Next[]): Promise<void> {
  await Promise.all(unsent.map(({ position }) => facts.postpone(position, clock.nowMs() + FACT_WAIT_MS)));
}

async function dispatchOne(ports: EnginePorts, { position, numberId, envelope }: Next): Promise<boolean> {
  const outcome = await deliverInOrder(ports, numberId, envelope);
  if (outcome === 'unavailable') return false;
  if (outcome !== 'later') await ports.facts.markDispatched(position, outcome, ports.clock.nowMs());
  return true;
}

/** Rows whose start Temporal did not take when they were made. */
export async function startUnstarted({ numbers, workflows, clock }: EnginePorts): Promise<Round> {
  const snapshots = await numbers.listUnstarted(STARTS_MAX);
  const started = await Promise.all(
    snapshots.map(async (snapshot) => {
      if ((await workflows.start(snapshot)) !== 'started') return false;
      await numbers.markStarted(snapshot.numberId, clock.nowMs());
      return true;
    }),
  );
  return roundOf(started);
}

/** FA03: the dialog ended well, and its code has not come within `joinSeconds`. */
export async function postLonelyResults(ports: EnginePorts): Promise<Round> {
  const results = await ports.dialogRuns.listResultsWithoutCode(ports.clock.nowMs() - JOIN_MS, RESULTS_MAX);
  return roundOf(await Promise.all(results.map((result) => postResult(ports, result))));
}

async function postResult(ports: EnginePorts, result: Result): Promise<boolean> {
  const envelope = finishedFact(result, result, result.receivedAtMs);
  const outcome = await deliverFact(ports, result.numberId, envelope);
  if (outcome === 'unavailable') return false;
  if (outcome === 'posted') await ports.facts.keepPosted(result.numberId, envelope, ports.clock.nowMs());
  await ports.dialogRuns.markResultPosted(result.dialogRunId);
  return true;
}

/**
 * One page of the watch over open rows: a number whose run was terminated by hand is started from its stored snapshot,
 * read again just before, because the number may have closed meanwhile. Answers where to go on; null: from the beginning.
 */
export async function watchRuns(
  ports: EnginePorts,
  after: NumberId | null,
): Promise<Round & { after: NumberId | null }> {
  const page = await ports.numbers.listOpen(after, WATCHED_MAX);
  for (const [index, { numberId }] of page.entries()) {
    const running = await ports.workflows.isRunning(numberId);
    const isDown =
      running === 'unavailable' || (running === 'no' && (await restart(ports, numberId)).outcome === 'unavailable');
    if (isDown) return { done: 0, isDown: true, after: page[index - 1]?.numberId ?? after };
  }
  return { done: 0, isDown: false, after: page.length < WATCHED_MAX ? null : (page.at(-1)?.numberId ?? null) };
}

function roundOf(taken: readonly boolean[]): Round {
  return { done: taken.filter(Boolean).length, isDown: taken.length > 0 && !taken.includes(true) };
}
