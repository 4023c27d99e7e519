/** Codes become tokens, and tokens become newer ones or die; what a token is worth is told by its report. */
import type { IssuedCode, IssuedToken } from './account-state.ts';
import { invalidSubcodeOf } from './graph-access.ts';
import { codeExpired, codeMalformed, codeOfOtherRedirect, codeUsed, tokenInvalid } from './graph-errors.ts';
import { secondsOf } from './local-meta.ts';
import { nextOrdinal } from './state.ts';
import type { SimulatorState } from './state.ts';

/** How long a code of the signup dialog may be exchanged. Source: Meta, Embedded Signup implementation. */
export const CODE_LIFE_MS = 30_000;
/** What a renewed token gets. Source: Meta, "System users: refresh tokens". */
const RENEWED_LIFE_MS = 60 * 86_400_000;

/** The system user that the grant made. */
export const SYSTEM_USER_ID = '810000000000061';

export interface Redeemed {
  readonly code: string;
  /** As the exchange named it; codes of the JavaScript SDK have none. */
  readonly redirectUri: string | null;
  readonly nowMs: number;
}

export function redeemCode(state: SimulatorState, { code, redirectUri, nowMs }: Redeemed): IssuedToken {
  const issued = state.codes.find((row) => row.code === code);
  if (issued === undefined) throw codeMalformed();
  if (issued.usedAtMs !== null) throw codeUsed();
  if (nowMs - issued.issuedAtMs >= CODE_LIFE_MS) throw codeExpired();
  if (issued.redirectUri !== redirectUri) throw codeOfOtherRedirect();
  issued.usedAtMs = nowMs;
  return issueToken(state, issued, { nowMs, lifeMs: issued.grant.lifeMs });
}

/** The old one lives until its own end; an expired one cannot be renewed. Source: Meta, "System users". */
export function renewToken(state: SimulatorState, old: IssuedToken | undefined, nowMs: number): IssuedToken {
  if (old === undefined) throw tokenInvalid();
  const invalidSubcode = invalidSubcodeOf(old, nowMs);
  if (invalidSubcode !== null) throw tokenInvalid(invalidSubcode);
  return issueToken(state, old, { nowMs, lifeMs: RENEWED_LIFE_MS });
}

function issueToken(
  state: SimulatorState,
  { digits, grant }: Pick<IssuedCode, 'digits' | 'grant'>,
  { nowMs, lifeMs }: { nowMs: number; lifeMs: number | null },
): IssuedToken {
  const token: IssuedToken = {
    token: `EAASIMTOKEN${String(nextOrdinal(state, 'token')).padStart(4, '0')}`,
    digits,
    grant,
    issuedAtMs: nowMs,
    expiresAtMs: lifeMs === null ? null : nowMs + lifeMs,
    dataAccessExpiresAtMs: grant.dataAccessLifeMs === null ? null : nowMs + grant.dataAccessLifeMs,
    invalidSubcode: null,
  };
  state.tokens.push(token);
  return token;
}

/** A token whose number was disconnected is still valid: the cut is of the number and not of the grant. */
export function tokenReportOf(issued: IssuedToken | undefined, nowMs: number): object {
  const invalidSubcode = issued === undefined ? 467 : invalidSubcodeOf(issued, nowMs);
  const fault = {
    code: 190,
    message: 'The access token could not be decrypted or is invalid',
    subcode: invalidSubcode,
  };
  if (issued === undefined) return { is_valid: false, scopes: [], error: fault };
  const { appId, scopes } = issued.grant;
  return {
    app_id: appId,
    type: 'SYSTEM_USER',
    application: 'Local Meta',
    data_access_expires_at: zeroOrSecondsOf(issued.dataAccessExpiresAtMs),
    expires_at: zeroOrSecondsOf(issued.expiresAtMs),
    is_valid: invalidSubcode === null,
    issued_at: secondsOf(issued.issuedAtMs),
    scopes: scopes.map(({ scope }) => scope),
    granular_scopes: scopes.map(({ scope, targetIds }) => ({ scope, target_ids: targetIds })),
    user_id: SYSTEM_USER_ID,
    ...(invalidSubcode === null ? {} : { error: fault }),
  };
}

function zeroOrSecondsOf(atMs: number | null): number {
  return atMs === null ? 0 : secondsOf(atMs);
}
