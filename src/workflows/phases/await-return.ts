/**
 * Paused: the phone was changed. Nothing is torn down; Meta's word of a return is verified by looks; at the end of the
 * pause a last look decides. Ends connected, disconnected, or with the owner leaving.
 */
import type { LiveNumber } from '../live-number.ts';
import { recheckIfDue } from './come-back.ts';
import { lookIfDue } from './look.ts';
import { checkSubscriptionIfDue } from './subscription.ts';

export async function awaitReturn(number: LiveNumber): Promise<void> {
  if (await lookIfDue(number)) return;
  if (await checkSubscriptionIfDue(number)) return;
  if (await recheckIfDue(number)) return; // an attempt that was waiting for its date when the link came back
  await number.nextPost();
}
