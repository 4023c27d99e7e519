/**
 * Whether Meta tells us what happens to a number: our app's subscription to its account, doubted, read, and repaired a few
 * times a day (SU02, CM25).
 */
import { ACCEPTED, ALREADY, refused, type Answered } from './answers.ts';
import type { Asker } from './commands.ts';
import { withoutSubscriptionDoubt } from './fresh-snapshot.ts';
import type { WabaId } from './ids.ts';
import { suspectLink } from './link.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from './policy.ts';
import type { Snapshot, SubscriptionDoubt, SubscriptionRead } from './snapshot.ts';
import { say } from './story.ts';
import { closeTask, openTask } from './tasks.ts';

export interface SubscriptionAnswer {
  read: SubscriptionRead;
  /** Meta named the credential or the number: a look at the link decides. */
  isLinkInDoubt?: true;
}

export type SubscriptionStep =
  | { kind: 'look' | 'repair'; wabaId: WabaId }
  | { kind: 'wait'; untilMs: number; because: string }
  | { kind: 'rest' };

/** From a repair that did not hold to the next one. Ours: what Meta takes some time to show is shown by then. */
const REPAIR_AGAIN_MS = HOUR_MS;

/** A doubt that is looked into at once. */
export function subscriptionDoubt(step: SubscriptionDoubt['step'], nowMs: number): SubscriptionDoubt {
  return { step, found: null, sinceMs: nowMs, dueAtMs: nowMs, silences: 0, repairs: 0, dayFromMs: nowMs };
}

/** What the doubt needs next; nothing can be asked without a credential. */
export function nextSubscriptionStep(s: Snapshot, nowMs: number): SubscriptionStep {
  const { subscription: doubt, wabaId } = s;
  if (!doubt || !wabaId || s.credential !== 'valid') return { kind: 'rest' };
  if (nowMs >= doubt.dueAtMs) return { kind: doubt.step, wabaId };
  const because = doubt.step === 'look' ? 'read our subscription of the account' : 'repair our subscription';
  return { kind: 'wait', untilMs: doubt.dueAtMs, because };
}

/** SU02, FA42: what a look or a repair has read decides; a doubt that is gone meanwhile stays gone. */
export function afterSubscriptionRead(
  s: Snapshot,
  { step, answer }: { step: SubscriptionDoubt['step']; answer: SubscriptionAnswer },
  nowMs: number,
): Snapshot {
  const { subscription: doubt } = s;
  if (!doubt) return s;
  const { read } = answer;
  if (read === 'active') return inOrder(s, step, nowMs);
  const doubted = answer.isLinkInDoubt ? doubtLink(s, nowMs) : s;
  if (read === 'no-word') return afterSilence(doubted, { doubt, step }, nowMs);
  if (step === 'repair') return afterRepair(doubted, { doubt: withRepair(doubt, nowMs), read }, nowMs);
  return repairNow(doubted, { doubt, found: read }, nowMs);
}

function inOrder(s: Snapshot, step: SubscriptionDoubt['step'], nowMs: number): Snapshot {
  const key = step === 'repair' ? 'subscriptionRepaired' : 'subscriptionActive';
  const told = say(withoutSubscriptionDoubt(s), key, { row: 'SU02', atMs: nowMs });
  return closeTask(told, 'op-subscription', { row: 'SU02', atMs: nowMs, as: 'done' });
}

/** A doubt that is there already has its own look; in a pause a bad answer may be the pause itself (LI35). */
function doubtLink(s: Snapshot, nowMs: number): Snapshot {
  if (s.link.suspect !== null || s.link.state !== 'live') return s;
  const why = 'Meta refused our credential, or did not know the account';
  return suspectLink(s, { row: 'SU02', why, isReturn: false, removal: null }, nowMs);
}

function repairNow(
  s: Snapshot,
  { doubt, found }: { doubt: SubscriptionDoubt; found: 'missing' | 'misdirected' },
  nowMs: number,
): Snapshot {
  const subscription = { ...doubt, step: 'repair', found, silences: 0, dueAtMs: nowMs } as const;
  return say({ ...s, subscription }, 'subscriptionLost', { row: 'SU02', atMs: nowMs, found });
}

/** A look that an operator's wish has overtaken (CM25) postpones nothing. */
function afterSilence(
  s: Snapshot,
  { doubt, step }: { doubt: SubscriptionDoubt; step: SubscriptionDoubt['step'] },
  nowMs: number,
): Snapshot {
  if (step === 'repair') return repairLater(s, doubt, nowMs);
  return doubt.step === 'look' ? lookLater(s, doubt, nowMs) : s;
}

/** Asks again at growing distances, at most an hour; after Meta's longest repeat it is the operators' to find out. */
function lookLater(s: Snapshot, doubt: SubscriptionDoubt, nowMs: number): Snapshot {
  const { metaRetryDays } = s.policy;
  if (isLongSilent(s, doubt, nowMs)) {
    const given = { row: 'SU02', atMs: nowMs, days: metaRetryDays };
    const told = say(withoutSubscriptionDoubt(s), 'subscriptionUnread', given);
    return openTask(told, 'op-subscription', { row: 'SU02', atMs: nowMs });
  }
  return { ...s, subscription: { ...doubt, silences: doubt.silences + 1, dueAtMs: nowMs + distanceMs(s, doubt) } };
}

/**
 * Nobody knows whether it was made: the day's repairs are for those that Meta answered. Told once for silences in a row.
 * What was found stays, and with it the warning; after Meta's longest repeat operators are told, and one try a day goes on.
 */
function repairLater(s: Snapshot, doubt: SubscriptionDoubt, nowMs: number): Snapshot {
  const isLong = isLongSilent(s, doubt, nowMs);
  const dueAtMs = nowMs + (isLong ? DAY_MS : distanceMs(s, doubt));
  const later = { ...s, subscription: { ...doubt, silences: doubt.silences + 1, dueAtMs } };
  const isFirst = doubt.silences === 0;
  const told = isFirst ? say(later, 'subscriptionUnheard', { row: 'SU02', atMs: nowMs, untilMs: dueAtMs }) : later;
  return isLong ? openTask(told, 'op-subscription', { row: 'SU02', atMs: nowMs }) : told;
}

function isLongSilent({ policy }: Snapshot, { sinceMs }: SubscriptionDoubt, nowMs: number): boolean {
  return nowMs - sinceMs >= policy.metaRetryDays * DAY_MS;
}

function distanceMs({ policy }: Snapshot, { silences }: SubscriptionDoubt): number {
  return Math.min(HOUR_MS, policy.probeConfirmMinutes * MINUTE_MS * 2 ** silences);
}

/** Counts a repair that Meta answered. A new day begins with the first one after the last day has passed. */
function withRepair(doubt: SubscriptionDoubt, nowMs: number): SubscriptionDoubt {
  const isNewDay = doubt.repairs === 0 || nowMs - doubt.dayFromMs >= DAY_MS;
  return isNewDay ? { ...doubt, repairs: 1, dayFromMs: nowMs } : { ...doubt, repairs: doubt.repairs + 1 };
}

/** It did not hold. What is left of the day's repairs goes on; used up, operators are told, and the next day begins anew. */
function afterRepair(
  s: Snapshot,
  { doubt, read }: { doubt: SubscriptionDoubt; read: 'missing' | 'misdirected' },
  nowMs: number,
): Snapshot {
  const { repairsMax } = s.policy;
  const isUsedUp = doubt.repairs >= repairsMax;
  const dueAtMs = isUsedUp ? doubt.dayFromMs + DAY_MS : nowMs + REPAIR_AGAIN_MS;
  const subscription = { ...doubt, found: read, silences: 0, dueAtMs };
  const told = say({ ...s, subscription }, 'subscriptionUnrepaired', {
    row: 'SU02',
    atMs: nowMs,
    count: doubt.repairs,
    countMax: repairsMax,
    outcome: read,
  });
  return isUsedUp ? openTask(told, 'op-subscription', { row: 'SU02', atMs: nowMs }) : told;
}

/** CM25: repaired at once, with a fresh day of repairs. */
export function repairSubscription(s: Snapshot, by: Asker, nowMs: number): Answered {
  if (by !== 'operator' || s.credential !== 'valid') return { answer: refused(), next: s };
  const { subscription: known } = s;
  const isDue = known?.step === 'repair' && known.dueAtMs <= nowMs;
  if (isDue) return { answer: ALREADY, next: s };
  const doubt = { ...subscriptionDoubt('repair', nowMs), found: known?.found ?? null };
  const next = say({ ...s, subscription: doubt }, 'subscriptionRepairAsked', { row: 'CM25', atMs: nowMs });
  return { answer: ACCEPTED, next };
}
