/**
 * The one-time state of a dialog run: what it is bound to, signed, so that nothing secret is stored and a repeat gives the
 * same state. The run's id is random: it is the nonce.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { dialogRunId, tenantId, type DialogRunId, type TenantId } from '../domain/ids.ts';

type Secret = string | Uint8Array;

/** A run of the dialog, and the tenant and attempt that it belongs to. The store holds the claim against its own row. */
export interface RunClaim {
  dialogRunId: DialogRunId;
  tenantId: TenantId;
  cycle: number;
  attempt: number;
}

const STATE = /^((dlg_[\w-]{1,64})\.(ten_[\w-]{1,64})\.(\d{1,9})\.(\d{1,9}))\.([\w-]{43})$/;

/** 256 bits, bound to this purpose: the server's key may sign other things too. */
function signatureOf(secret: Secret, claim: string): Buffer {
  return createHmac('sha256', secret).update(`signup-dialog:${claim}`).digest();
}

export function dialogStateOf(secret: Secret, claim: RunClaim): string {
  const text = `${claim.dialogRunId}.${claim.tenantId}.${claim.cycle}.${claim.attempt}`;
  return `${text}.${signatureOf(secret, text).toString('base64url')}`;
}

/** Null for a state that we did not sign. */
export function claimOf(secret: Secret, state: string): RunClaim | null {
  const [, text, run, tenant, cycle, attempt, signature] = STATE.exec(state) ?? [];
  if (text === undefined || run === undefined || tenant === undefined || signature === undefined) return null;
  if (!timingSafeEqual(Buffer.from(signature, 'base64url'), signatureOf(secret, text))) return null;
  return { dialogRunId: dialogRunId(run), tenantId: tenantId(tenant), cycle: Number(cycle), attempt: Number(attempt) };
}
