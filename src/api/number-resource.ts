/** A number as a backend sees it: ISO dates, words, and what is derived on every read. */
import { z } from 'zod';
import { connectionOf, CONNECTIONS } from '../domain/connection.ts';
import { FAILURES, type FailureCode } from '../domain/failures.ts';
import { HEADLINES, headlineOf } from '../domain/headline.ts';
import { DEADLINE_KINDS } from '../domain/record.ts';
import { sendGateOf } from '../domain/send-gate.ts';
import {
  ATTEMPT_STATES,
  ATTEMPT_STEPS,
  END_REASONS,
  SYNC_STATES,
  type Snapshot,
  type Sync,
} from '../domain/snapshot.ts';
import { INITIATORS } from '../domain/facts.ts';
import type { NumberRow } from './ports.ts';

const isoDate = z.string().meta({ description: 'ISO 8601, UTC' });
const count = z.int().min(0);
const stillLinked = z.enum(['no', 'likely', 'unknown']);

const failure = z.object({
  code: z.string(),
  sentence: z.string().meta({ description: 'For the customer.' }),
  remedy: z.array(z.string()),
});
const sync = z.object({ state: z.enum(SYNC_STATES), failure: failure.nullable() });

export const numberSchema = z
  .object({
    id: z.string(),
    phoneNumber: z.string().nullable(),
    reference: z.string().nullable(),
    createdAt: isoDate,
    updatedAt: isoDate,
    connection: z.enum(CONNECTIONS),
    headline: z.enum(HEADLINES),
    sendGate: z.object({
      replies: z.boolean(),
      templates: z.boolean(),
      utility: z.boolean(),
      reason: z.string().nullable(),
      until: isoDate.nullable(),
      warnings: z.array(z.string()),
    }),
    cycle: count,
    attempt: z.object({
      ordinal: count,
      state: z.enum(ATTEMPT_STATES),
      step: z.enum(ATTEMPT_STEPS).nullable(),
      expiresAt: isoDate,
      retryAt: isoDate.nullable(),
      failure: failure.extend({ at: isoDate, phoneStillLinked: stillLinked }).nullable(),
    }),
    link: z.object({
      state: z.enum(['none', 'live', 'suspended', 'gone']),
      since: isoDate.nullable(),
      pausedUntil: isoDate.nullable(),
      end: z
        .object({
          reason: z.enum(END_REASONS),
          initiator: z.enum(INITIATORS).nullable(),
          at: isoDate,
          phoneStillLinked: stillLinked,
        })
        .nullable(),
      heldUntil: isoDate.nullable(),
    }),
    syncs: z.object({
      contacts: sync.extend({ counted: count }),
      history: sync.extend({ progress: count, chunks: count, messages: count, phases: z.array(count) }),
    }),
    activity: z.object({
      lastSeenAt: isoDate.nullable(),
      evidence: z.string().nullable(),
      overdueSince: isoDate.nullable(),
      remindedDays: z.array(count),
    }),
    nextDeadline: z.object({ kind: z.enum(DEADLINE_KINDS), at: isoDate }).nullable(),
    wabaId: z.string().nullable(),
    phoneNumberId: z.string().nullable(),
    links: z.object({ self: z.string(), timeline: z.string() }),
  })
  .meta({ id: 'Number' });
export type NumberResource = z.infer<typeof numberSchema>;

export function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}

function isoOrNull(atMs: number | null | undefined): string | null {
  return atMs == null ? null : iso(atMs);
}

function failureResource(code: FailureCode): z.infer<typeof failure> {
  const { sentence, remedy } = FAILURES[code];
  return { code, sentence, remedy: [...remedy] };
}

export function numberResource(row: NumberRow): NumberResource {
  const { snapshot } = row;
  const self = `/v1/numbers/${row.numberId}`;
  return {
    id: row.numberId,
    phoneNumber: row.phoneNumber,
    reference: row.reference,
    createdAt: iso(row.createdAtMs),
    updatedAt: iso(row.updatedAtMs),
    connection: connectionOf(snapshot),
    headline: headlineOf(snapshot),
    sendGate: gateResource(snapshot),
    cycle: snapshot.cycle,
    attempt: attemptResource(snapshot),
    link: linkResource(snapshot),
    syncs: syncResources(row),
    activity: {
      lastSeenAt: isoOrNull(row.lastAppActivity?.atMs),
      evidence: row.lastAppActivity?.evidence ?? null,
      overdueSince: isoOrNull(snapshot.activity.overdueSinceMs),
      remindedDays: [...snapshot.activity.remindedDays],
    },
    nextDeadline: row.nextDeadline && { kind: row.nextDeadline.kind, at: iso(row.nextDeadline.atMs) },
    wabaId: snapshot.wabaId,
    phoneNumberId: snapshot.phoneNumberId,
    links: { self, timeline: `${self}/timeline` },
  };
}

function gateResource(snapshot: Snapshot): NumberResource['sendGate'] {
  const { untilMs, warnings, ...gate } = sendGateOf(snapshot);
  return { ...gate, until: isoOrNull(untilMs), warnings: [...warnings] };
}

function attemptResource({ attempt }: Snapshot): NumberResource['attempt'] {
  const { ordinal, state, step, expiresAtMs } = attempt;
  const { failure: failed } = attempt;
  return {
    ordinal,
    state,
    step,
    expiresAt: iso(expiresAtMs),
    retryAt: isoOrNull(retryAtOf(attempt)),
    failure: failed && {
      ...failureResource(failed.code),
      at: iso(failed.atMs),
      phoneStillLinked: failed.phoneStillLinked,
    },
  };
}

/** When a resting attempt opens by itself, epoch ms; null where no date is known. */
export function retryAtOf({ opensAtMs, failure: failed }: Snapshot['attempt']): number | null {
  return opensAtMs ?? failed?.retryAtMs ?? null;
}

function linkResource({ link }: Snapshot): NumberResource['link'] {
  const { state, sinceMs, pause, end, hold } = link;
  return {
    state,
    since: isoOrNull(sinceMs),
    pausedUntil: isoOrNull(pause?.untilMs),
    end: end && {
      reason: end.reason,
      initiator: end.initiator,
      at: iso(end.atMs),
      phoneStillLinked: end.phoneStillLinked,
    },
    heldUntil: isoOrNull(hold?.untilMs),
  };
}

/** The row's progress may be newer than the snapshot's: chunks are counted without waking the workflow. */
function syncResources({ snapshot, contacts, history }: NumberRow): NumberResource['syncs'] {
  const stateOf = ({ state, failure: code }: Sync): z.infer<typeof sync> => ({
    state,
    failure: code && failureResource(code),
  });
  const progress = Math.max(history.progress, snapshot.history.progress);
  const { chunks, messages, phases } = history;
  return {
    contacts: { ...stateOf(snapshot.contacts), counted: contacts.counted },
    history: { ...stateOf(snapshot.history), progress, chunks, messages, phases: [...phases] },
  };
}
