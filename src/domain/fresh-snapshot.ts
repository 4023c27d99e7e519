/** The first state of things: a number just invited, a new cycle, syncs that nobody has asked for. */
import type { NumberId, TenantId } from './ids.ts';
import { DAY_MS, standardPolicy, type Policy } from './policy.ts';
import type { Activity, Attempt, Link, Snapshot, Sync } from './snapshot.ts';
import { say } from './story.ts';

export const NO_LINK: Link = {
  state: 'none',
  sinceMs: null,
  provedAtMs: null,
  asOfMs: 0,
  aliveReadAtMs: null,
  reconnectedAtMs: null,
  suspect: null,
  access: null,
  pause: null,
  verify: null,
  end: null,
  hold: null,
};

export const SYNC_OFF: Sync = {
  state: 'off',
  askedAtMs: null,
  asks: 0,
  notBeforeMs: null,
  lastDataAtMs: null,
  hasSeenFull: false,
  progress: 0,
  failure: null,
  alertedHours: [],
  isAskedByHand: false,
};

export const NO_ACTIVITY: Activity = { anyAtMs: null, remindedDays: [], overdueSinceMs: null, overdueReminders: 0 };

export const NOTHING_FOUND: Attempt['found'] = { wabaId: null, phoneNumberId: null, onboardedAtMs: null, grants: [] };

/** An attempt before its dialog: what a new cycle and every further try begin with. */
export function openAttempt(ordinal: number, nowMs: number, expiresAtMs: number): Attempt {
  return {
    state: 'open',
    ordinal,
    openedAtMs: nowMs,
    expiresAtMs,
    opensAtMs: null,
    queuedFor: null,
    finishedAtMs: null,
    dialogRunId: null,
    step: null,
    wait: null,
    chosenId: null,
    spare: null,
    dialogOrdinal: ordinal,
    isAccessDoubted: false,
    found: NOTHING_FOUND,
    undo: [],
    failuresInARow: 0,
    failure: null,
    isCancelled: false,
    hasLooked: false,
    deferred: [],
  };
}

/** A queued or cooling attempt is open now. */
export function opened(attempt: Attempt): Attempt {
  return { ...attempt, state: 'open', queuedFor: null, opensAtMs: null };
}

/** The same, and the life of its invitation counts from now on. */
export function openedAnew({ attempt, policy }: Pick<Snapshot, 'attempt' | 'policy'>, nowMs: number): Attempt {
  return { ...opened(attempt), openedAtMs: nowMs, expiresAtMs: nowMs + policy.inviteDays * DAY_MS };
}

/** No attempt; the ordinal is kept, so that a late result of the last one is known as stale. */
export function noAttempt(last: Attempt): Attempt {
  return { ...openAttempt(last.ordinal, last.openedAtMs, last.expiresAtMs), state: 'none', failure: last.failure };
}

/** No doubt about our app's subscription: the field goes, so that a number that is fine carries nothing for it. */
export function withoutSubscriptionDoubt(s: Snapshot): Snapshot {
  const { subscription: _doubt, ...rest } = s;
  return rest;
}

/** AT01: what the workflow of a newly invited number starts with. */
export function freshSnapshot(given: {
  numberId: NumberId;
  tenantId: TenantId;
  nowMs: number;
  imports: Snapshot['imports'];
  policy?: Partial<Policy>;
}): Snapshot {
  const policy = standardPolicy(given.policy);
  const expiresAtMs = given.nowMs + policy.inviteDays * DAY_MS;
  const snapshot: Snapshot = {
    version: 1,
    numberId: given.numberId,
    tenantId: given.tenantId,
    policy,
    cycle: 1,
    sequence: 0,
    link: NO_LINK,
    attempt: openAttempt(1, given.nowMs, expiresAtMs),
    leave: { state: 'none', untilMs: null },
    closed: 'no',
    duplicateOf: null,
    credential: 'none',
    tasks: [],
    imports: given.imports,
    contacts: SYNC_OFF,
    history: SYNC_OFF,
    syncWindowEndsAtMs: null,
    activity: NO_ACTIVITY,
    wabaId: null,
    phoneNumberId: null,
    grants: [],
    lastSignup: null,
    formerIds: [],
    compensation: [],
    incompleteUndo: [],
    unsaid: [],
    story: [],
    factIds: [],
    answered: [],
    mailbox: [],
  };
  return say(snapshot, 'onboardingStarted', { row: 'AT01', atMs: given.nowMs, cycle: 1, untilMs: expiresAtMs });
}
