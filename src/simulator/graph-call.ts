/**
 * The one way in which every Graph call is answered: count it, run it into its planned fault, check it, apply it.
 * The order of refusals is rate, token, proof, asset access, parameters; each answer carries the usage headers.
 */
import { setTimeout as waitMs } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { countAccepted, countAsked, journalCall } from './calls.ts';
import { takeCallFault } from './call-faults.ts';
import type { CallFault, CallName } from './fault-state.ts';
import { GraphFailure, graphErrorBodyOf, rateLimited } from './graph-errors.ts';
import { nowMsOf } from './local-meta.ts';
import type { LocalMeta } from './local-meta.ts';
import { oddAnswerOf } from './odd-answers.ts';
import { nextOrdinal } from './state.ts';
import type { SimulatorState } from './state.ts';

export interface GraphCall {
  readonly call: CallName;
  /** The id in the path, or the WABA that a code or token belongs to. */
  readonly subject: string;
  readonly digits: string | null;
  readonly wabaId: string | null;
  /** Runs the checks and the effect in one change; throws `GraphFailure` to refuse. */
  readonly apply: (state: SimulatorState) => Record<string, unknown>;
}

export interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

interface Answer {
  readonly status: number;
  readonly body: object;
  readonly failure: GraphFailure | null;
}

/** Calls an hour that a WABA with a registered number may get. Source: Meta, "Rate limits" of the management API. */
const CALLS_PER_HOUR = 5_000;

export async function answerGraphCall(meta: LocalMeta, exchange: Exchange, call: GraphCall): Promise<FastifyReply> {
  const fault = meta.store.change((state) => {
    countAsked(state, call);
    return takeCallFault(state, call.call, namesOf(call));
  });
  await waitBefore(meta, call, fault);
  if (isLostBefore(fault)) {
    journal(meta, call, fault.kind);
    return cut(exchange, fault.kind === 'refused-connection');
  }
  const answer = answerOf(meta, call, fault);
  await waitAfter(meta, call, fault);
  if (fault?.kind === 'lost-answer') return cut(exchange, true);
  const reply = exchange.reply.headers(usageHeadersOf(meta, call, answer.failure));
  if (fault?.kind === 'odd-answer' && answer.failure === null) {
    const odd = oddAnswerOf(fault, answer.body);
    return reply.code(fault.status).type(odd.contentType).send(odd.text);
  }
  return reply.code(answer.status).send(answer.body);
}

type LostBefore = Extract<CallFault, { kind: 'hang' | 'refused-connection' }>;

function isLostBefore(fault: CallFault | null): fault is LostBefore {
  return fault?.kind === 'hang' || fault?.kind === 'refused-connection';
}

/** Without an answer: the caller hears that the connection broke, or goes on waiting. */
function cut({ request, reply }: Exchange, isBroken: boolean): FastifyReply {
  if (isBroken) request.raw.socket.destroy();
  return reply.hijack();
}

async function waitBefore(meta: LocalMeta, call: GraphCall, fault: CallFault | null): Promise<void> {
  if (fault?.kind === 'delay') await waitMs(fault.ms, undefined, { signal: meta.closing });
  if (fault?.kind === 'hold') await meta.heldCalls.hold({ call: call.call, names: namesOf(call), isApplied: false });
}

async function waitAfter(meta: LocalMeta, call: GraphCall, fault: CallFault | null): Promise<void> {
  if (fault?.kind === 'delay-after') await waitMs(fault.ms, undefined, { signal: meta.closing });
  if (fault?.kind === 'hold-answer') {
    await meta.heldCalls.hold({ call: call.call, names: namesOf(call), isApplied: true });
  }
}

function answerOf(meta: LocalMeta, call: GraphCall, fault: CallFault | null): Answer {
  if (fault?.kind === 'odd-answer' && !fault.isApplied) {
    journal(meta, call, `${fault.status}, ${fault.as}`);
    return { status: fault.status, body: { id: call.subject }, failure: null };
  }
  try {
    refusePlanned(fault);
    const body = meta.store.change((state) => {
      const answered = call.apply(state);
      countAccepted(state, call);
      return answered;
    });
    journal(meta, call, outcomeOf(fault));
    return { status: 200, body, failure: null };
  } catch (error) {
    if (!(error instanceof GraphFailure)) throw error;
    const { code, subcode, status } = error.detail;
    journal(meta, call, `${status}, code ${code}${subcode === undefined ? '' : `/${subcode}`}`);
    const trace = meta.store.change((state) => nextOrdinal(state, 'trace'));
    return { status, body: graphErrorBodyOf(error.detail, trace), failure: error };
  }
}

function outcomeOf(fault: CallFault | null): string {
  if (fault?.kind === 'lost-answer') return '200, answer lost';
  return fault?.kind === 'odd-answer' ? `${fault.status}, ${fault.as}` : '200';
}

function refusePlanned(fault: CallFault | null): void {
  if (fault?.kind === 'rate-limited') throw rateLimited(fault);
  if (fault?.kind !== 'error') return;
  const { status, code, subcode, isTransient } = fault;
  throw new GraphFailure({
    status,
    code,
    message: `(#${code}) Planned failure`,
    ...(code === 100 && subcode === 33 ? { type: 'GraphMethodException' } : {}),
    ...(subcode === undefined ? {} : { subcode }),
    ...(isTransient === undefined ? {} : { isTransient }),
  });
}

function namesOf(call: GraphCall): string[] {
  return [call.subject, call.digits, call.wabaId].filter((name) => name !== null);
}

function journal(meta: LocalMeta, call: GraphCall, outcome: string): void {
  meta.store.change((state) => journalCall(state, call, { atMs: nowMsOf(meta), outcome }));
}

/** Percent of the allowance used in the last hour; a rate limit shows 100 and, when it tells, the minutes until access returns. */
function usageHeadersOf(meta: LocalMeta, call: GraphCall, failure: GraphFailure | null): Record<string, string> {
  const regainMinutes = failure?.detail.regainMinutes;
  const sinceMs = nowMsOf(meta) - 3_600_000;
  const recent = meta.store.state.journal.filter((entry) => entry.atMs > sinceMs).length;
  const percent = regainMinutes === undefined ? Math.min(99, Math.ceil((100 * recent) / CALLS_PER_HOUR)) : 100;
  const usage = { call_count: percent, total_cputime: percent, total_time: percent };
  const regain = regainMinutes === null ? {} : { estimated_time_to_regain_access: regainMinutes ?? 0 };
  return {
    'x-app-usage': JSON.stringify(usage),
    'x-business-use-case-usage': JSON.stringify({
      [call.wabaId ?? meta.options.businessId]: [{ type: 'whatsapp_business_management', ...usage, ...regain }],
    }),
  };
}
