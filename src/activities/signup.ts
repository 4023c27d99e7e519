/** The first steps of an attempt: the code becomes a token, the token is checked against the dialog's result (ST1 to ST3). */
import { isUsedByUs, mayExchange, type ExchangeTried } from '../domain/code-exchange.ts';
import { retriesByItself } from '../domain/failures.ts';
import { NEEDED_SCOPES } from '../domain/grants.ts';
import type { WabaId } from '../domain/ids.ts';
import { POLICY, SECOND_MS } from '../domain/policy.ts';
import { candidateOf } from './access.ts';
import { scheduledAtMs, type ReadInfo } from './activity-info.ts';
import type { Activities } from './contract.ts';
import { failureOf, failureOfGraph, isGraphFailure, waitOf } from './failures.ts';
import type { ActivityPorts, GraphFailure, TokenReport } from './ports.ts';

type Signup = Pick<Activities, 'exchangeCode' | 'checkToken'>;
type Exchange = Parameters<Activities['exchangeCode']>[0];

const CODE_LIFE_MS = POLICY.codeLifeSeconds.value * SECOND_MS;

export function signupActivities(ports: ActivityPorts, readInfo: ReadInfo): Signup {
  return {
    exchangeCode: (input) => exchangeCode(ports, readInfo, input),
    checkToken: (input) => checkToken(ports, input, scheduledAtMs(readInfo)),
  };
}

/**
 * Idempotent by the stored candidate. An intent precedes each call, so that a crash is seen; where the code may not
 * be tried once more, the owner presses Connect again.
 */
async function exchangeCode(ports: ActivityPorts, readInfo: ReadInfo, input: Exchange): Promise<void> {
  const { key, dialogRunId } = input;
  const { credentials, graph } = ports;
  if (await credentials.hasCandidate(key)) return;
  const stored = await credentials.readCode(dialogRunId);
  if (!stored) throw failureOf('SIGNUP_EXCHANGE_UNCONFIRMED', 'the code is forgotten and no candidate is there');
  const nowMs = scheduledAtMs(readInfo);
  const ageMs = nowMs - stored.receivedAtMs;
  const earlier = await credentials.intendExchange(key, dialogRunId, nowMs);
  const tried: ExchangeTried = { earlier, ageMs };
  if (!mayExchange(tried)) {
    throw failureOf('SIGNUP_EXCHANGE_UNCONFIRMED', 'an earlier exchange got no answer');
  }
  const token = await graph.exchangeCode(stored.code).catch((error: unknown) => {
    throw isGraphFailure(error) ? exchangeFailure(error, tried) : error;
  });
  const { accessToken, expiresInSeconds } = token;
  const expiresAtMs = expiresInSeconds === null ? null : nowMs + expiresInSeconds * SECOND_MS;
  await credentials.keepCandidate(key, dialogRunId, { accessToken, expiresAtMs });
}

/** A wait that outlasts the code is a no. */
function exchangeFailure(error: GraphFailure, tried: ExchangeTried): Error {
  if (isUsedByUs(error.failureCode, tried)) {
    return failureOf('SIGNUP_EXCHANGE_UNCONFIRMED', 'Meta says used, and an earlier exchange got no answer');
  }
  const isTooLate = tried.ageMs + (waitOf(error) ?? 0) >= CODE_LIFE_MS;
  if (!isTooLate || !retriesByItself(error.failureCode)) return failureOfGraph(error);
  const code = error.reach === 'unknown' ? 'SIGNUP_EXCHANGE_UNCONFIRMED' : error.failureCode;
  return failureOf(code, 'the code ends before it may be tried again', { isRetryable: false });
}

type Checked = Awaited<ReturnType<Activities['checkToken']>>;

/** A read, and what was granted is stored (C18): repeating it costs one Graph call and writes the same. */
async function checkToken(
  { credentials, graph }: ActivityPorts,
  { key }: Parameters<Activities['checkToken']>[0],
  nowMs: number,
): Promise<Checked> {
  const report = await graph.debugToken(await candidateOf(credentials, key));
  assertUsable(report, graph.appId);
  const grants = report.grants.slice(0, GRANTS_MAX);
  await credentials.keepGrants(key, grants, nowMs);
  const result = await credentials.readSignupResult(key);
  const wabaIds = chooseWaba(report, result?.wabaId ?? null);
  const [only, ...others] = wabaIds;
  if (only === undefined) throw failureOf('SIGNUP_RESULT_MISSING', 'no account was granted');
  return others.length === 0 ? { kind: 'granted', wabaId: only, grants } : { kind: 'undecided', wabaIds, grants };
}

/** Meta knows some dozens of permissions; our dialog asks for four. */
const GRANTS_MAX = 20;

/** A permission that is missing is named, so that the owner knows which box to leave ticked. */
function assertUsable(report: TokenReport, appId: string): void {
  if (!report.isValid) throw failureOf('SIGNUP_TOKEN_INVALID', 'Meta says that the token is not valid');
  if (report.appId !== appId) throw failureOf('SIGNUP_APP_FOREIGN', 'the token belongs to another app');
  const missing = NEEDED_SCOPES.filter((scope) => !report.grants.some((grant) => grant.scope === scope));
  if (missing.length === 0) return;
  throw failureOf('SIGNUP_SCOPE_MISSING', `not granted: ${missing.join(', ')}`, { details: [{ missing }] });
}

/**
 * ST3: the browser's claim is a hint that Meta's grant confirms, by membership and never by position; without it, all that
 * was granted.
 */
function chooseWaba({ wabaIds }: TokenReport, claimed: WabaId | null): readonly WabaId[] {
  if (claimed !== null) {
    if (wabaIds.includes(claimed)) return [claimed];
    throw failureOf('SIGNUP_ASSETS_MISMATCHED', 'the account of the result was not granted', {
      details: [{ claimed }],
    });
  }
  return [...new Set(wabaIds)];
}
