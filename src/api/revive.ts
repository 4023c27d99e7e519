/** Reaches a number's workflow; one that has no run is started again from its stored snapshot, then asked once more. */
import type { CommandAnswer, CommandEnvelope } from '../domain/commands.ts';
import type { FactEnvelope } from '../domain/facts.ts';
import type { NumberId } from '../domain/ids.ts';
import type { Numbers, NumberWorkflows } from './ports.ts';

export interface Reach {
  numbers: Pick<Numbers, 'readSnapshot'>;
  workflows: NumberWorkflows;
}

/** `closed`: the record has ended, there is nothing to start. */
export async function restart(
  { numbers, workflows }: Reach,
  id: NumberId,
): Promise<'started' | 'closed' | 'unavailable'> {
  const snapshot = await numbers.readSnapshot(id);
  return snapshot ? workflows.start(snapshot) : 'closed';
}

/** Posts a fact. `unavailable` also where a number that was just started could not be reached. */
export async function deliverFact(
  reach: Reach,
  id: NumberId,
  envelope: FactEnvelope,
): Promise<'posted' | 'closed' | 'unavailable'> {
  const first = await reach.workflows.postFact(id, envelope);
  if (first !== 'absent') return first;
  const restarted = await restart(reach, id);
  if (restarted !== 'started') return restarted;
  const second = await reach.workflows.postFact(id, envelope);
  return second === 'posted' ? 'posted' : 'unavailable';
}

type Asked = { kind: 'answered'; answer: CommandAnswer } | { kind: 'pending' | 'closed' | 'unavailable' };

/** Asks a command; the same id makes a repeat harmless. */
export async function askNumber(reach: Reach, id: NumberId, command: CommandEnvelope): Promise<Asked> {
  const first = await reach.workflows.ask(id, command);
  if (first.kind !== 'absent') return first;
  const restarted = await restart(reach, id);
  if (restarted !== 'started') return { kind: restarted };
  const second = await reach.workflows.ask(id, command);
  return second.kind === 'absent' ? { kind: 'unavailable' } : second;
}
