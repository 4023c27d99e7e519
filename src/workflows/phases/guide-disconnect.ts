/**
 * The owner wants to leave: only the phone can do it, so its removal is awaited. Ends when the removal is seen, or the wish
 * is withdrawn; unseen for too long it is stuck and an operator looks.
 */
import type { LiveNumber } from '../live-number.ts';
import { lookIfDue } from './look.ts';
import { checkSubscriptionIfDue } from './subscription.ts';
import { syncIfDue } from './sync.ts';

export async function guideDisconnect(number: LiveNumber): Promise<void> {
  if (await lookIfDue(number)) return;
  if (await checkSubscriptionIfDue(number)) return;
  if (await syncIfDue(number)) return;
  await number.nextPost();
}
