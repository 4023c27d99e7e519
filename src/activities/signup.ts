/** The first steps of an attempt: the code becomes a token, the token is checked against the dialog's result (ST1 to ST3). */
import { retriesByItself, type FailureCode } from '../domain/failures.ts';
import type { WabaId } from '../domain/ids.ts';
import { POLICY, SECOND_MS } from '../domain/policy.ts';
import { candidateOf } from './access.ts';
import { scheduledAtMs, type ReadInfo } from './activity-info.ts';
import type { Activities } from './contract.ts';
import { failureOf, failureOfGraph, isGraphFailure, waitOf } from './failures.ts';
import type { ActivityPorts, GraphFailure, TokenReport } from './ports.ts';

type Signup = Pick<Activities, 'exchangeCode' | 'checkToken'>;
type Exchange = Parameters<Activities['exchangeCode']>[0];

/** Without either of them the number can be neither read nor messaged. Source: meta.md 1. */
const SCOPES = ['whatsapp_business_management', 'whatsapp_business_messaging'];
/** The first exchange, and one more after a lost answer. Source: lifecycle.md ST1. */
const EXCHANGES_MAX = 2;
const CODE_RETRY_MS = POLICY.codeRetrySeconds.value * SECOND_MS;
const CODE_LIFE_MS = POLICY.codeLifeSeconds.value * SECOND_MS;

export function signupActivities(ports: ActivityPorts, readInfo: ReadInfo): Signup {
  return {
    exchangeCode: (input) => exchangeCode(ports, readInfo, input),
    checkToken: (input) => checkToken(ports, input),
  };
}

/**
 * Idempotent by the stored candidate. An intent precedes each call, so that a crash is seen: the code is tried once more
 * while it is young, for a repeat can burn nothing; afterwards nobody knows, and the owner presses Connect again.
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
  if (earlier > 0 && (earlier >= EXCHANGES_MAX || ageMs >= CODE_RETRY_MS)) {
    throw failureOf('SIGNUP_EXCHANGE_UNCONFIRMED', 'an earlier exchange got no answer');
  }
  const token = await graph.exchangeCode(stored.code).catch((error: unknown) => {
    throw isGraphFailure(error) ? exchangeFailure(error, earlier, ageMs) : error;
  });
  const { accessToken, expiresInSeconds } = token;
  const expiresAtMs = expiresInSeconds === null ? null : nowMs + expiresInSeconds * SECOND_MS;
  await credentials.keepCandidate(key, dialogRunId, { accessToken, expiresAtMs });
}

/** "Used" after an earlier intent was most likely used by ourselves. A wait that outlasts the code is a no. */
function exchangeFailure(error: GraphFailure, earlier: number, ageMs: number): Error {
  if (earlier > 0 && error.failureCode === 'SIGNUP_CODE_USED') {
    return failureOf('SIGNUP_EXCHANGE_UNCONFIRMED', 'Meta says used, and an earlier exchange got no answer');
  }
  const isTooLate = ageMs + (waitOf(error) ?? 0) >= CODE_LIFE_MS;
  if (!isTooLate || !retriesByItself(error.failureCode)) return failureOfGraph(error);
  const code = error.reach === 'unknown' ? 'SIGNUP_EXCHANGE_UNCONFIRMED' : error.failureCode;
  return failureOf(code, 'the code ends before it may be tried again', { isRetryable: false });
}

/** A read: repeating it costs one Graph call. */
async function checkToken(
  { credentials, graph }: ActivityPorts,
  { key }: Parameters<Activities['checkToken']>[0],
): Promise<{ wabaId: WabaId }> {
  const report = await graph.debugToken(await candidateOf(credentials, key));
  const wrong = faultOfToken(report, graph.appId);
  if (wrong) throw failureOf(wrong, 'the token is not what we need');
  const result = await credentials.readSignupResult(key);
  return { wabaId: chooseWaba(report, result?.wabaId ?? null) };
}

function faultOfToken(report: TokenReport, appId: string): FailureCode | null {
  if (!report.isValid) return 'SIGNUP_TOKEN_INVALID';
  if (report.appId !== appId) return 'SIGNUP_APP_FOREIGN';
  return SCOPES.every((scope) => report.scopes.includes(scope)) ? null : 'SIGNUP_SCOPE_MISSING';
}

/** ST3: the browser's claim is a hint that Meta's grant confirms; without it the grant must leave no choice. */
function chooseWaba({ wabaIds }: TokenReport, claimed: WabaId | null): WabaId {
  if (claimed !== null) {
    if (wabaIds.includes(claimed)) return claimed;
    throw failureOf('SIGNUP_ASSETS_MISMATCHED', 'the account of the result was not granted', {
      details: [{ claimed }],
    });
  }
  const [only, ...others] = wabaIds;
  if (only === undefined || others.length > 0) {
    throw failureOf('SIGNUP_RESULT_MISSING', `${wabaIds.length} accounts were granted and none was named`);
  }
  return only;
}
