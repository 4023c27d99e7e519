/**
 * The link with which an owner goes on after leaving the dialog (U10): bound to tenant, number and cycle, signed, and as
 * long-lived as the invitation. Nothing is stored, and a repeat gives the same link.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { dialogRunId, numberId, tenantId, type DialogRunId, type NumberId, type TenantId } from '../domain/ids.ts';
import type { Snapshot } from '../domain/snapshot.ts';

type Secret = string | Uint8Array;

export interface ResumeClaim {
  tenantId: TenantId;
  numberId: NumberId;
  cycle: number;
  expiresAtMs: number;
}

const TOKEN = /^((ten_[\w-]{1,64})\.(num_[\w-]{1,64})\.(\d{1,9})\.(\d{1,15}))\.([\w-]{43})$/;

/** Another purpose than the state's: neither passes for the other. */
function signatureOf(secret: Secret, purpose: 'signup-resume' | 'resumed-run', text: string): Buffer {
  return createHmac('sha256', secret).update(`${purpose}:${text}`).digest();
}

export function resumeTokenOf(secret: Secret, claim: ResumeClaim): string {
  const text = `${claim.tenantId}.${claim.numberId}.${claim.cycle}.${claim.expiresAtMs}`;
  return `${text}.${signatureOf(secret, 'signup-resume', text).toString('base64url')}`;
}

/** Null for a token that we did not sign; whether it has expired is the caller's question. */
export function resumeClaimOf(secret: Secret, token: string): ResumeClaim | null {
  const [, text, tenant, number, cycle, expiresAtMs, signature] = TOKEN.exec(token) ?? [];
  if (text === undefined || tenant === undefined || number === undefined || signature === undefined) return null;
  if (!timingSafeEqual(Buffer.from(signature, 'base64url'), signatureOf(secret, 'signup-resume', text))) return null;
  return {
    tenantId: tenantId(tenant),
    numberId: numberId(number),
    cycle: Number(cycle),
    expiresAtMs: Number(expiresAtMs),
  };
}

/** Behind `#`, which browsers send to no server: it is in no log and in no referrer. */
export function resumeUrlOf(secret: Secret, dialog: ResumeClaim & { pageUrl: string | null }): string | null {
  return dialog.pageUrl === null ? null : `${dialog.pageUrl}#resume=${resumeTokenOf(secret, dialog)}`;
}

/** Whether there is a dialog to go on with. */
export function mayResume({ closed, attempt }: Snapshot, nowMs: number): boolean {
  return closed === 'no' && attempt.state === 'open' && nowMs < attempt.expiresAtMs;
}

/** The run that a resumption opens: the same for a repeat with the same key, and not to be guessed. */
export function resumedRunOf(
  secret: Secret,
  { tenantId: tenant, numberId: number, cycle }: ResumeClaim,
  key: string,
): DialogRunId {
  const digest = signatureOf(secret, 'resumed-run', `${tenant}.${number}.${cycle}.${key}`);
  return dialogRunId(`dlg_${digest.subarray(0, 16).toString('base64url')}`);
}
