/** Reaches a number's workflow; one that has no run is started again from its stored snapshot, then asked once more. */
import type { CommandAnswer, CommandEnvelope } from '../domain/commands.ts';
import type { FactEnvelope } from '../domain/facts.ts';
import type { NumberId } from '../domain/ids.ts';
import type { FactQueue, Numbers, NumberWorkflows } from './ports.ts';

export interface Reach {
  numbers: Pick<Numbers, 'readSnapshot'>;
  facts: Pick<FactQueue, 'requeueUnheard'>;
  workflows: NumberWorkflows;
}

interface Restarted {
  /** `closed`: the record has ended, there is nothing to start. */
  outcome: 'started' | 'closed' | 'unavailable';
  /** Facts that the run before had been told and had not recorded: they wait in the queue again. */
  requeued: number;
}

/** What the run before took with it is queued again first: if the start fails, nothing is forgotten. */
export async function restart({ numbers, facts, workflows }: Reach, id: NumberId): Promise<Restarted> {
  const snapshot = await numbers.readSnapshot(id);
  if (!snapshot) return { outcome: 'closed', requeued: 0 };
  const requeued = await facts.requeueUnheard(id);
  return { outcome: await workflows.start(snapshot), requeued };
}

/** Posts a fact of the queue. `later`: older ones were queued again, and it keeps its place behind them. */
export async function deliverInOrder(
  reach: Reach,
  id: NumberId,
  envelope: FactEnvelope,
): Promise<'posted' | 'closed' | 'later' | 'unavailable'> {
  const first = await reach.workflows.postFact(id, envelope);
  if (first !== 'absent') return first;
  const { outcome, requeued } = await restart(reach, id);
  if (outcome !== 'started') return outcome;
  return requeued > 0 ? 'later' : postAgain(reach, id, envelope);
}

/** Posts a fact at once. `unavailable` also where a number that was just started could not be reached. */
export async function deliverFact(
  reach: Reach,
  id: NumberId,
  envelope: FactEnvelope,
): Promise<'posted' | 'closed' | 'unavailable'> {
  const first = await reach.workflows.postFact(id, envelope);
  if (first !== 'absent') return first;
  const { outcome } = await restart(reach, id);
  return outcome === 'started' ? postAgain(reach, id, envelope) : outcome;
}

async function postAgain(
  { workflows }: Reach,
  id: NumberId,
  envelope: FactEnvelope,
): Promise<'posted' | 'unavailable'> {
  return (await workflows.postFact(id, envelope)) === 'posted' ? 'posted' : 'unavailable';
}

type Asked = { kind: 'answered'; answer: CommandAnswer } | { kind: 'pending' | 'closed' | 'unavailable' };

/** Asks a command; the same id makes a repeat harmless. */
export async function askNumber(reach: Reach, id: NumberId, command: CommandEnvelope): Promise<Asked> {
  const first = await reach.workflows.ask(id, command);
  if (first.kind !== 'absent') return first;
  const { outcome } = await restart(reach, id);
  if (outcome !== 'started') return { kind: outcome };
  const second = await reach.workflows.ask(id, command);
  return second.kind === 'absent' ? { kind: 'unavailable' } : second;
}
