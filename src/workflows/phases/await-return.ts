/**
 * Paused: the phone was changed. Nothing is torn down; Meta's word of a return is verified by looks; at the end of the
 * pause a last look decides. Ends connected, disconnected, or with the owner leaving.
 */
import type { LiveNumber } from '../live-number.ts';
import { lookIfDue } from './look.ts';

export async function awaitReturn(number: LiveNumber): Promise<void> {
  if (await lookIfDue(number)) return;
  await number.nextPost();
}
