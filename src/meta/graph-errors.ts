/**
 * What a failed call to Meta means: Meta's codes and the ways a network fails, each told as a row of the catalogue of failures.
 * Nothing that was sent or received is ever part of an error: no token, code, secret or body.
 */
import { DIALOG_FAILURES } from '../domain/dialog-failures.ts';
import { FAILURES } from '../domain/failures.ts';
import type { FailureCode } from '../domain/failures.ts';
import { integerOf, isWireObject, labelOf, leaf, tolerant } from './wire-values.ts';

/** `not-sent`: surely nothing happened; `unknown`: it may have happened; `answered`: Meta decided. */
export type Reach = 'not-sent' | 'unknown' | 'answered';

/** Calls in which Meta's codes read differently: at both, a refusal of credentials is one of our own app's. */
export type GraphCall =
  | 'exchangeCode'
  | 'debugToken'
  | 'listNumbers'
  | 'readNumber'
  | 'subscribe'
  | 'readWaba'
  | 'readSubscription'
  | 'unsubscribe'
  | 'requestSync'
  | 'readAppWebhooks';

interface GraphErrorFields {
  call: GraphCall;
  failureCode: FailureCode;
  reach: Reach;
  retryAfterMs?: number | null;
  httpStatus?: number | null;
  metaCode?: number | null;
  metaSubcode?: number | null;
  traceId?: string | null;
  /** A word for the log where Meta gave no code: the network's code, or what was unreadable. */
  hint?: string;
}

/** The only error that a Graph call throws. */
export class GraphError extends Error {
  override readonly name = 'GraphError' as const;
  readonly call: GraphCall;
  readonly failureCode: FailureCode;
  readonly reach: Reach;
  readonly retryAfterMs: number | null;
  readonly httpStatus: number | null;
  readonly metaCode: number | null;
  readonly metaSubcode: number | null;
  readonly traceId: string | null;

  constructor(fields: GraphErrorFields) {
    super(sentenceOf(fields));
    this.call = fields.call;
    this.failureCode = fields.failureCode;
    this.reach = fields.reach;
    this.retryAfterMs = fields.retryAfterMs ?? null;
    this.httpStatus = fields.httpStatus ?? null;
    this.metaCode = fields.metaCode ?? null;
    this.metaSubcode = fields.metaSubcode ?? null;
    this.traceId = fields.traceId ?? null;
  }
}

function sentenceOf({ call, failureCode, reach, httpStatus, metaCode, metaSubcode, hint }: GraphErrorFields): string {
  const known = [
    httpStatus == null ? '' : `HTTP ${httpStatus}`,
    metaCode == null ? '' : `code ${metaCode}${metaSubcode == null ? '' : `/${metaSubcode}`}`,
    hint ?? '',
  ].filter((part) => part !== '');
  return `Graph call ${call}: ${failureCode}, ${reach}${known.length === 0 ? '' : ` (${known.join(', ')})`}`;
}

/** An answer of Meta's, as far as a failure is read from it. `usage`: header `X-Business-Use-Case-Usage`. */
export interface RefusedAnswer {
  call: GraphCall;
  httpStatus: number;
  body: unknown;
  usage: string | null;
}

/** Source: M11. `message` is looked at for the one case that has no code, and never kept. */
const MetaError = tolerant({
  code: leaf(integerOf),
  error_subcode: leaf(integerOf),
  is_transient: leaf((value) => value === true),
  fbtrace_id: leaf(labelOf),
  message: leaf((value) => (typeof value === 'string' ? value : '')),
});
type MetaError = ReturnType<typeof MetaError.parse>;

export function isMetaError(body: unknown): boolean {
  return isWireObject(body) && isWireObject(body['error']);
}

/** Tells what Meta refused. A body without Meta's error object says nothing: the call may have happened. */
export function errorOfAnswer(answer: RefusedAnswer): GraphError {
  const { call, httpStatus, body } = answer;
  if (!isWireObject(body) || !isWireObject(body['error'])) return errorWithoutWord(answer);
  const told = MetaError.parse(body['error']);
  const failureCode = failureCodeOf(told, call, httpStatus);
  return new GraphError({
    call,
    failureCode,
    reach: mayHaveHappened(told, failureCode, httpStatus) ? 'unknown' : 'answered',
    retryAfterMs: failureCode === 'GRAPH_RATE_LIMITED' ? waitOf(answer.usage) : null,
    httpStatus,
    metaCode: told.code,
    metaSubcode: told.error_subcode,
    traceId: told.fbtrace_id === '' ? null : told.fbtrace_id,
  });
}

/** An answer that is not Meta's: HTML, empty, a list, another object than the one asked for. */
export function errorOfUnreadable(call: GraphCall, httpStatus: number, hint: string): GraphError {
  return new GraphError({ call, failureCode: 'GRAPH_UNAVAILABLE', reach: 'unknown', httpStatus, hint });
}

function errorWithoutWord({ call, httpStatus, usage }: RefusedAnswer): GraphError {
  if (httpStatus !== 429) return errorOfUnreadable(call, httpStatus, 'no error object');
  return new GraphError({
    call,
    failureCode: 'GRAPH_RATE_LIMITED',
    reach: 'answered',
    retryAfterMs: waitOf(usage),
    httpStatus,
  });
}

/**
 * A fault on Meta's side may strike after the work was done. 131000 is apart: on a sync it is how Meta refuses a number
 * that is not in coexistence, which the caller reads from `metaCode`.
 */
function mayHaveHappened(told: MetaError, failureCode: FailureCode, httpStatus: number): boolean {
  return failureCode === 'GRAPH_UNAVAILABLE' && httpStatus >= 500 && told.code !== 131_000;
}

function failureCodeOf(told: MetaError, call: GraphCall, httpStatus: number): FailureCode {
  return readingOfCall(told, call) ?? catalogued(told) ?? fallbackOf(told, httpStatus);
}

function fallbackOf(told: MetaError, httpStatus: number): FailureCode {
  if (httpStatus === 429) return 'GRAPH_RATE_LIMITED';
  return httpStatus >= 500 || told.is_transient ? 'GRAPH_UNAVAILABLE' : 'GRAPH_ERROR_UNKNOWN';
}

/** Meta's word that the proof is missing or wrong comes under the same 100 as any bad parameter. Source: M14. */
const PROOF_REFUSED = /appsecret_proof/;
/** Expired code, redirect mismatch: the two refusals of a code that the catalogue tells apart from a used one. */
const OTHER_CODE_REFUSALS: readonly (number | null)[] = [36_007, 36_008];

/** Calls with the app's own token. */
const OF_THE_APP: ReadonlySet<GraphCall> = new Set<GraphCall>(['debugToken', 'readAppWebhooks']);

/** Where a call gives Meta's code another meaning than the catalogue. */
function readingOfCall(told: MetaError, call: GraphCall): FailureCode | null {
  if (PROOF_REFUSED.test(told.message) && told.code === 100) return 'REQUEST_WRONG';
  if (call === 'exchangeCode') return readingAtExchange(told);
  // The app's own token: its refusal says nothing about the customer's (GR9).
  if (OF_THE_APP.has(call) && (told.code === 190 || told.code === 0)) return 'APP_SECRET_WRONG';
  return null;
}

function readingAtExchange(told: MetaError): FailureCode | null {
  if (told.code === 101) return 'APP_SECRET_WRONG';
  if (told.code === 1) return told.is_transient ? 'GRAPH_UNAVAILABLE' : 'APP_SECRET_WRONG';
  if (told.code !== 100 || OTHER_CODE_REFUSALS.includes(told.error_subcode)) return null;
  // Meta does not document the subcodes: whatever else is wrong with a code, only a new signup helps.
  return 'SIGNUP_CODE_USED';
}

interface Catalogue {
  /** By `code` or `code/subcode`. */
  exact: ReadonlyMap<string, FailureCode>;
  ranges: readonly { from: number; to: number; failureCode: FailureCode }[];
}

const catalogue = readCatalogue();

/** The rows' own lists are the mapping; entries in words (`5xx`, `any other`) are the fallbacks above. */
function readCatalogue(): Catalogue {
  const exact = new Map<string, FailureCode>();
  const ranges: { from: number; to: number; failureCode: FailureCode }[] = [];
  for (const failureCode of failureCodes()) {
    for (const metaCode of FAILURES[failureCode].metaCodes) {
      const range = /^(\d+)-(\d+)$/.exec(metaCode);
      if (range) ranges.push({ from: Number(range[1]), to: Number(range[2]), failureCode });
      else exact.set(metaCode, failureCode);
    }
  }
  return { exact, ranges };
}

/**
 * The keys of a literal object that nothing extends are exactly the codes. A code of the dialog means nothing in a Graph
 * answer: those are read in dialog-errors.ts.
 */
function failureCodes(): FailureCode[] {
  const codes = Object.keys(FAILURES) as FailureCode[];
  return codes.filter((code) => !Object.hasOwn(DIALOG_FAILURES, code));
}

/** From 7 digits on a number is a code by itself, also where it stands as a subcode of 100. */
const STANDALONE_CODE_MIN = 1_000_000;

/** The pair decides before the code alone; of two meanings the narrower one. */
function catalogued({ code, error_subcode: subcode }: MetaError): FailureCode | null {
  if (code === null) return null;
  const pair = catalogue.exact.get(`${code}/${subcode}`);
  if (pair) return pair;
  const standsAlone = code === 100 && subcode !== null && subcode >= STANDALONE_CODE_MIN;
  const alone = (standsAlone ? catalogue.exact.get(String(subcode)) : null) ?? catalogue.exact.get(String(code));
  return alone ?? catalogue.ranges.find(({ from, to }) => code >= from && code <= to)?.failureCode ?? null;
}

const MINUTE_MS = 60_000;
/** Meta counts usage over an hour; a longer wait than a day would be a misread header. */
const WAIT_MAX_MS = 24 * 60 * MINUTE_MS;

const UsageRow = tolerant({ estimated_time_to_regain_access: leaf(integerOf) });

/** The longest wait that the header names, in MINUTES there; else the catalogue's hour. Source: M11. */
function waitOf(usage: string | null): number {
  const minutes = Math.max(0, ...minutesOf(usage));
  const asked = minutes === 0 ? (FAILURES.GRAPH_RATE_LIMITED.waitMinutes ?? 60) : minutes;
  return Math.min(asked * MINUTE_MS, WAIT_MAX_MS);
}

function minutesOf(usage: string | null): number[] {
  try {
    const parsed: unknown = JSON.parse(usage ?? 'null');
    if (!isWireObject(parsed)) return [];
    const rows = Object.values(parsed).flat();
    return rows.map((row) => UsageRow.parse(row).estimated_time_to_regain_access ?? 0);
  } catch {
    return [];
  }
}
