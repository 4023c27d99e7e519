/** The refusals of Meta's Graph API in their real shape. Source: Graph API "Handling errors" and Cloud API "Error codes". */

export interface GraphFailureDetail {
  readonly status: number;
  readonly code: number;
  readonly message: string;
  readonly type?: string;
  readonly subcode?: number;
  readonly isTransient?: boolean;
  /** Of a rate limit: minutes until access returns, as the usage header tells; null where it does not tell. */
  readonly regainMinutes?: number | null;
}

export class GraphFailure extends Error {
  readonly detail: GraphFailureDetail;
  constructor(detail: GraphFailureDetail) {
    super(detail.message);
    this.name = 'GraphFailure';
    this.detail = detail;
  }
}

export interface GraphErrorBody {
  readonly error: Record<string, unknown>;
}

export function graphErrorBodyOf(detail: GraphFailureDetail, traceOrdinal: number): GraphErrorBody {
  return {
    error: {
      message: detail.message,
      type: detail.type ?? 'OAuthException',
      code: detail.code,
      ...(detail.subcode === undefined ? {} : { error_subcode: detail.subcode }),
      ...(detail.isTransient === undefined ? {} : { is_transient: detail.isTransient }),
      fbtrace_id: `SIMTRACE${String(traceOrdinal).padStart(6, '0')}`,
    },
  };
}

export function objectMissing(id: string): GraphFailure {
  return new GraphFailure({
    status: 400,
    code: 100,
    subcode: 33,
    type: 'GraphMethodException',
    message:
      `Unsupported request. Object with ID '${id}' does not exist, cannot be loaded due to missing permissions, ` +
      'or does not support this operation.',
  });
}

export function badParameter(sentence: string): GraphFailure {
  return new GraphFailure({ status: 400, code: 100, message: `(#100) ${sentence}` });
}

export function codeExpired(): GraphFailure {
  return codeRefused(36007, 'This authorization code has expired.');
}

export function codeUsed(): GraphFailure {
  return codeRefused(36009, 'This authorization code has been used.');
}

export function codeMalformed(): GraphFailure {
  return codeRefused(36009, 'Invalid verification code format.');
}

function codeRefused(subcode: number, message: string): GraphFailure {
  return new GraphFailure({ status: 400, code: 100, subcode, message });
}

export function codeOfOtherRedirect(): GraphFailure {
  return codeRefused(
    36008,
    'Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the ' +
      'OAuth dialog request',
  );
}

export function permissionMissing(scope: string): GraphFailure {
  return new GraphFailure({ status: 403, code: 200, message: `(#200) Requires ${scope} permission to access.` });
}

export function wrongSecret(): GraphFailure {
  return new GraphFailure({ status: 400, code: 1, message: 'Error validating client secret.' });
}

export function wrongApp(): GraphFailure {
  return new GraphFailure({
    status: 400,
    code: 101,
    message: 'Error validating application. Cannot get application info due to a system error.',
  });
}

export function tokenMissing(): GraphFailure {
  return new GraphFailure({
    status: 400,
    code: 104,
    message: 'An access token is required to request this resource.',
  });
}

export function tokenInvalid(subcode?: number): GraphFailure {
  const message = 'Error validating access token: the session is invalid.';
  return new GraphFailure({ status: 401, code: 190, message, ...(subcode === undefined ? {} : { subcode }) });
}

export function proofMissing(): GraphFailure {
  return proofRefused('API calls from the server require an appsecret_proof argument');
}

export function proofWrong(): GraphFailure {
  return proofRefused('Invalid appsecret_proof provided in the API argument');
}

function proofRefused(message: string): GraphFailure {
  return new GraphFailure({ status: 400, code: 100, type: 'GraphMethodException', message });
}

const SYNC_REFUSALS = {
  2593107: 'The maximum number of synchronization requests for this phone number was reached.',
  2593108: 'Synchronization must be requested within 24 hours of onboarding.',
  2593109: 'History sync is turned off by the business from the WhatsApp Business App',
} as const;

/** Reports differ on where the code stands: as the code itself, or as the subcode of 100. */
export function syncRefused(code: keyof typeof SYNC_REFUSALS, as: 'code' | 'subcode'): GraphFailure {
  const place = as === 'code' ? { code } : { code: 100, subcode: code };
  return new GraphFailure({ status: 400, ...place, message: `(#${code}) ${SYNC_REFUSALS[code]}` });
}

/** What Meta answers for a number that did not come through the coexistence dialog. Source: operators' reports. */
export function syncNotOnBizApp(): GraphFailure {
  return new GraphFailure({ status: 500, code: 131000, message: '(#131000) Something went wrong' });
}

/** Source: Meta, "Rate limits". The header says when access returns, the body does not. */
export function rateLimited(limit: { code: number; status: number; minutes: number | null }): GraphFailure {
  const { code, status, minutes } = limit;
  const message = `(#${code}) Rate limit issues`;
  return new GraphFailure({ status, code, message, isTransient: true, regainMinutes: minutes });
}
