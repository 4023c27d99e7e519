/**
 * The one way in which every Graph call is answered: count it, run it into its planned fault, check it, apply it.
 * The order of refusals is rate, token, proof, asset access, parameters; each answer carries the usage headers.
 */
import { setTimeout as waitMs } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { countAccepted, countAsked, journalCall } from './calls.ts';
import { takeCallFault } from './call-faults.ts';
import { GraphFailure, graphErrorBodyOf, rateLimited } from './graph-errors.ts';
import { nowMsOf } from './local-meta.ts';
import type { LocalMeta } from './local-meta.ts';
import { nextOrdinal } from './state.ts';
import type { CallFault, CallName, SimulatorState } from './state.ts';

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
  const { request, reply } = exchange;
  const fault = meta.store.change((state) => {
    countAsked(state, call);
    return takeCallFault(state, call.call, namesOf(call));
  });
  if (fault?.kind === 'hang') {
    journal(meta, call, 'hang');
    return reply.hijack();
  }
  if (fault?.kind === 'delay') await waitMs(fault.ms, undefined, { signal: meta.closing });
  const answer = answerOf(meta, call, fault);
  if (fault?.kind === 'delay-after') await waitMs(fault.ms, undefined, { signal: meta.closing });
  if (fault?.kind === 'lost-answer') {
    request.raw.socket.destroy();
    return reply.hijack();
  }
  return reply
    .code(answer.status)
    .headers(usageHeadersOf(meta, call, answer.failure))
    .send(answer.body);
}

function answerOf(meta: LocalMeta, call: GraphCall, fault: CallFault | null): Answer {
  try {
    refusePlanned(fault);
    const body = meta.store.change((state) => {
      const answered = call.apply(state);
      countAccepted(state, call);
      return answered;
    });
    journal(meta, call, fault?.kind === 'lost-answer' ? '200, answer lost' : '200');
    return { status: 200, body, failure: null };
  } catch (error) {
    if (!(error instanceof GraphFailure)) throw error;
    const { code, subcode, status } = error.detail;
    journal(meta, call, `${status}, code ${code}${subcode === undefined ? '' : `/${subcode}`}`);
    const trace = meta.store.change((state) => nextOrdinal(state, 'trace'));
    return { status, body: graphErrorBodyOf(error.detail, trace), failure: error };
  }
}

function refusePlanned(fault: CallFault | null): void {
  if (fault?.kind === 'rate-limited') throw rateLimited(fault.minutes);
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

/** Percent of the allowance used in the last hour; a rate limit shows 100 and the minutes until access returns. */
function usageHeadersOf(meta: LocalMeta, call: GraphCall, failure: GraphFailure | null): Record<string, string> {
  const regainMinutes = failure?.detail.regainMinutes;
  const sinceMs = nowMsOf(meta) - 3_600_000;
  const recent = meta.store.state.journal.filter((entry) => entry.atMs > sinceMs).length;
  const percent = regainMinutes === undefined ? Math.min(99, Math.ceil((100 * recent) / CALLS_PER_HOUR)) : 100;
  const usage = { call_count: percent, total_cputime: percent, total_time: percent };
  return {
    'x-app-usage': JSON.stringify(usage),
    'x-business-use-case-usage': JSON.stringify({
      [call.wabaId ?? meta.options.businessId]: [
        { type: 'whatsapp_business_management', ...usage, estimated_time_to_regain_access: regainMinutes ?? 0 },
      ],
    }),
  };
}
