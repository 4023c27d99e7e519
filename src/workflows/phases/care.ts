/**
 * Connected: contacts, then history, each asked for once; then the watch over the app's activity.
 *
 * 1. A doubt about the link is looked into first, then one about our app's subscription, which is repaired.
 * 2. Imports that are due are asked for; a look into the ledger tells when they are over. Neither ends a connection.
 * 3. Reminders at the rungs of the ladder, unless the app was used; overdue at the limit. Only Meta ends a link.
 * 4. An attempt that was waiting for its date when the link came back keeps that date.
 */
import { afterLimitRead, appSeen, nextWatchStep, reminded, type WatchStep } from '../../domain/activity.ts';
import type { LiveNumber } from '../live-number.ts';
import { recheckIfDue } from './come-back.ts';
import { lookIfDue } from './look.ts';
import { checkSubscriptionIfDue } from './subscription.ts';
import { syncIfDue } from './sync.ts';

export async function care(number: LiveNumber): Promise<void> {
  if (await careIfDue(number)) return;
  if (await recheckIfDue(number)) return;
  await number.nextPost();
}

/** The link's own care; it goes on also while an attempt over it waits. Answers whether something was done. */
export async function careIfDue(number: LiveNumber): Promise<boolean> {
  if (await lookIfDue(number)) return true;
  if (await checkSubscriptionIfDue(number)) return true;
  if (await syncIfDue(number)) return true;
  return watchIfDue(number);
}

async function watchIfDue(number: LiveNumber): Promise<boolean> {
  const step = nextWatchStep(number.state, number.nowMs);
  switch (step.kind) {
    case 'remind':
      await remind(number, step);
      return true;
    case 'read-limit':
      await readLimit(number);
      return true;
    case 'wait':
    case 'rest':
      return false;
  }
}

/** One transaction decides between a reminder and newer evidence, so that neither order of the two can go wrong. */
async function remind(number: LiveNumber, step: Extract<WatchStep, { kind: 'remind' }>): Promise<void> {
  const { numberId, tenantId, cycle } = number.state;
  const reminder = {
    numberId,
    tenantId,
    cycle,
    evidenceAtMs: step.evidenceAtMs,
    rung: step.rung,
    dueAtMs: step.dueAtMs,
  };
  const summary = `day ${step.days}: remind, unless the app was used`;
  const answer = await number.calls.sendReminder.executeWithOptions({ summary }, [reminder]);
  if (answer.kind === 'reminded') return number.advance(reminded(number.state, step, number.nowMs));
  number.advance(appSeen(number.state, { row: 'AC01', atMs: answer.atMs, evidence: answer.evidence }));
}

async function readLimit(number: LiveNumber): Promise<void> {
  const { numberId } = number.state;
  const summary = 'the limit has passed by what we know: was the app used?';
  const read = await number.calls.readLastAppActivity.executeWithOptions({ summary }, [{ numberId }]);
  number.advance(afterLimitRead(number.state, read, number.nowMs));
}
