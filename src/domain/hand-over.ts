/** A number takes over the attempt of another row of its tenant, which ended on its phone number (AT37, AT38). */
import { tellUnexpected } from './account-read.ts';
import { isBeforeCode } from './attempt.ts';
import { tasksOfUnexpected } from './expectations.ts';
import type { FactEnvelope } from './facts.ts';
import { openAttempt } from './fresh-snapshot.ts';
import type { NumberId } from './ids.ts';
import { DAY_MS } from './policy.ts';
import { close } from './settle.ts';
import type { Attempt, Grant, Snapshot } from './snapshot.ts';
import { ignore, say } from './story.ts';
import type { TaskKind } from './task-kinds.ts';

/** What the giver has found out, beside the ids. */
export interface HandedOver {
  onboardedAtMs: number | null;
  finishedAtMs: number;
  grants: readonly Grant[];
  accountTasks?: readonly TaskKind[];
}

/** Under which cycle and attempt a number would take one over now; null while it is busy with its own. */
export function targetOfHandOver(s: Snapshot): { cycle: number; attempt: number } | null {
  if (s.closed !== 'no') return null;
  if (s.attempt.state === 'none') return { cycle: s.cycle + 1, attempt: 1 };
  return isBeforeCode(s.attempt) ? { cycle: s.cycle, attempt: s.attempt.ordinal } : null;
}

/**
 * AT37: the next cycle, unless one is open, begins at ST6; a wish to leave is over, and P13 what is not as expected is told. AT38:
 * one that is busy refuses.
 */
export function afterHandOver(s: Snapshot, envelope: FactEnvelope, nowMs: number): Snapshot {
  const { fact } = envelope;
  if (fact.kind !== 'attemptHandedOver') return s;
  const target = targetOfHandOver(s);
  if (target?.cycle !== fact.cycle || target.attempt !== fact.attempt) {
    return ignore(s, envelope, { row: 'AT38', why: 's' });
  }
  const { wabaId, phoneNumberId, onboardedAtMs, finishedAtMs, grants, unexpected = [] } = fact;
  const accountTasks = [...new Set([...(fact.accountTasks ?? []), ...unexpected.flatMap(tasksOfUnexpected)])];
  const isOpen = s.attempt.state !== 'none';
  const base = isOpen ? s.attempt : openAttempt(1, nowMs, nowMs + s.policy.inviteDays * DAY_MS);
  const attempt: Attempt = {
    ...base,
    state: 'running',
    step: 'subscribe',
    opensAtMs: null,
    queuedFor: null,
    finishedAtMs,
    found: { wabaId, phoneNumberId, onboardedAtMs, grants, ...(accountTasks.length > 0 && { accountTasks }) },
    undo: ['forgetCredential', 'releaseClaim'],
  };
  const taken: Snapshot = { ...s, cycle: fact.cycle, attempt, leave: { state: 'none', untilMs: null } };
  const told = say(taken, 'tookOver', { row: 'AT37', atMs: nowMs, from: fact.from });
  return unexpected.reduce((state, one) => tellUnexpected(state, one, nowMs), told);
}

/** ST5: the row that gave its attempt away closes, with a pointer to the number that has it. */
export function closeAsDuplicate(s: Snapshot, of: NumberId, nowMs: number): Snapshot {
  const given = say({ ...s, duplicateOf: of }, 'handedOver', { row: 'ST5', atMs: nowMs, to: of });
  return close(given, { row: 'ST5', why: 'duplicate' }, nowMs);
}
