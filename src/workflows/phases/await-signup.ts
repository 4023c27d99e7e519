/**
 * An invitation is open, queued or cooling: the owner's code is awaited. Ends when it comes, when the invitation expires
 * or is withdrawn. The after-life of an earlier link goes on meanwhile; on a promised date the rules are looked at again.
 */
import type { LiveNumber } from '../live-number.ts';
import { recheckIfDue } from './come-back.ts';
import { settleIfDue } from './settle.ts';

export async function awaitSignup(number: LiveNumber): Promise<void> {
  if (await settleIfDue(number)) return;
  if (await recheckIfDue(number)) return;
  await number.nextPost();
}
