/** The one-time state of a dialog run: its id, signed, so that nothing secret is stored and a repeat gives the same state. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { dialogRunId, type DialogRunId } from '../domain/ids.ts';

type Secret = string | Uint8Array;

const STATE = /^(dlg_[\w-]{1,64})\.([\w-]{43})$/;

/** 256 bits, bound to this purpose: the server's key may sign other things too. */
function signatureOf(secret: Secret, run: string): Buffer {
  return createHmac('sha256', secret).update(`signup-dialog:${run}`).digest();
}

export function dialogStateOf(secret: Secret, run: DialogRunId): string {
  return `${run}.${signatureOf(secret, run).toString('base64url')}`;
}

/** Null for a state that we did not sign. Which number, cycle and attempt it is bound to is stored with the run. */
export function dialogRunOf(secret: Secret, state: string): DialogRunId | null {
  const [, run, signature] = STATE.exec(state) ?? [];
  if (run === undefined || signature === undefined) return null;
  const claimed = Buffer.from(signature, 'base64url');
  return timingSafeEqual(claimed, signatureOf(secret, run)) ? dialogRunId(run) : null;
}
