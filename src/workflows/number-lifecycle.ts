/**
 * `numberLifecycle`: one number, one workflow, from the first invitation to the end of its record.
 *
 * 1. Signals only post facts and updates post commands; the loop takes them in order and acts.
 * 2. One turn runs the phase that fits the connection; the domain says what is next.
 * 3. A run ends by continuing as new, by the record's end, or by an operator's cancel, which leaves nothing behind.
 */
import { CancellationScope, CancelledFailure, makeContinueAsNewFunc } from '@temporalio/workflow';
import { afterClock } from '../domain/clock-tick.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { LiveNumber } from './live-number.ts';
import { awaitReturn } from './phases/await-return.ts';
import { awaitSignup } from './phases/await-signup.ts';
import { care } from './phases/care.ts';
import { closeDown } from './phases/close-down.ts';
import { connect } from './phases/connect.ts';
import { guideDisconnect } from './phases/guide-disconnect.ts';
import { settle } from './phases/settle.ts';

export async function numberLifecycle(saved: Snapshot): Promise<void> {
  const number = new LiveNumber(saved);
  number.listen(); // state first, then handlers: buffered messages are delivered while they are being set
  // a cancel is noticed between turns, never in the middle of a step
  await CancellationScope.nonCancellable(async () => {
    do {
      while (number.connection !== 'closed' && !number.isCancelled && !number.mayContinueAsNew()) await live(number);
      if (number.isCancelled && number.connection !== 'closed') await closeDown(number);
      if (number.connection === 'closed') await number.finish();
      await number.answerAll();
    } while (number.connection !== 'closed' && !number.mayContinueAsNew());
  });
  if (number.isCancelled) throw new CancelledFailure('cancelled by an operator, and left clean');
  if (number.connection === 'closed') return;
  const next = makeContinueAsNewFunc<typeof numberLifecycle>(number.shownAfterwards());
  await next(number.snapshot()); // facts that have arrived travel along; no await in between
}

/** One turn of the life. A move is recorded before the next phase begins, save that a code is exchanged beside its record. */
async function live(number: LiveNumber): Promise<void> {
  const ticked = afterClock(number.state, number.nowMs);
  if (ticked) number.advance(ticked);
  if (number.hasUnrecordedMove && !number.isAboutToExchange) await number.record();
  await runPhase(number);
}

/** The phase that fits the connection. */
async function runPhase(number: LiveNumber): Promise<void> {
  switch (number.connection) {
    case 'awaiting-signup':
      return awaitSignup(number);
    case 'connecting':
      return connect(number);
    case 'connected':
      return care(number);
    case 'paused':
      return awaitReturn(number);
    case 'disconnecting':
      return guideDisconnect(number);
    case 'disconnected':
      return settle(number);
    case 'closed':
      return;
  }
}
