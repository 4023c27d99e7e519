/**
 * What the news of the link that an attempt has kept means for the attempt itself: all of it together, by Meta's times, in
 * whatever order it came (AT22, AT26, AT28).
 */
import type { FactEnvelope, FactKind } from './facts.ts';
import type { Attempt } from './snapshot.ts';

type Kept = Pick<Attempt, 'found' | 'deferred'>;

/** The WABA that a fact names, if it names one. */
function wabaNamed({ fact }: FactEnvelope): string | null {
  return 'wabaId' in fact ? fact.wabaId : null;
}

/** Whether news may mean the attempt: news of another WABA than that of the attempt means the link before. */
export function concernsAttempt({ found }: Pick<Attempt, 'found'>, envelope: FactEnvelope): boolean {
  const named = wabaNamed(envelope);
  return named === null || found.wabaId === null || named === found.wabaId;
}

/** Meta's time of the newest of its kind that concerns the attempt; of removals those that can mean no sibling (GR6). */
function newestOf(attempt: Kept, kind: FactKind): number | null {
  return attempt.deferred
    .filter((one) => one.fact.kind === kind && concernsAttempt(attempt, one))
    .filter(({ fact }) => fact.kind !== 'partnerRemoved' || fact.isOnlyNumber)
    .reduce<number | null>((newest, { occurredAtMs }) => Math.max(newest ?? occurredAtMs, occurredAtMs), null);
}

/** AT28: since when the phone is away. Null where it is not, or a return or a removal of that second or later is known. */
export function phoneAwaySince(attempt: Kept): number | null {
  const awayAtMs = newestOf(attempt, 'accountOffboarded');
  const overAtMs = Math.max(newestOf(attempt, 'accountReconnected') ?? 0, newestOf(attempt, 'partnerRemoved') ?? 0);
  return awayAtMs !== null && awayAtMs > overAtMs ? awayAtMs : null;
}

/** AT26: Meta reported a removal after this dialog's finish, and no later return. */
export function wasRemoved(attempt: Kept): boolean {
  const removedAtMs = newestOf(attempt, 'partnerRemoved');
  return removedAtMs !== null && removedAtMs >= (newestOf(attempt, 'accountReconnected') ?? 0);
}

/**
 * What is kept with one more: of each kind, account and reach the newest, for older ones are overtaken; and the newest removal
 * that gives a reason. However often Meta repeats itself, the list stays short.
 */
export function keptWith(deferred: readonly FactEnvelope[], envelope: FactEnvelope): readonly FactEnvelope[] {
  const all = [...deferred, envelope];
  return all.filter((one) => isNewest(one, all) || isNewest(one, all.filter(givesReason)));
}

function isNewest(one: FactEnvelope, all: readonly FactEnvelope[]): boolean {
  const alike = all.filter((other) => meaningOf(other) === meaningOf(one));
  return alike.toSorted((a, b) => a.occurredAtMs - b.occurredAtMs).at(-1) === one;
}

function givesReason({ fact }: FactEnvelope): boolean {
  return fact.kind === 'partnerRemoved' && fact.reason !== null;
}

function meaningOf({ fact, ...envelope }: FactEnvelope): string {
  const reach = 'isOnlyNumber' in fact ? fact.isOnlyNumber : null;
  return [fact.kind, wabaNamed({ fact, ...envelope }), reach].join('/');
}
