/** The numbers under care as their workflows last told, their cycles, their story and what is owed to people about them. */
import { sql } from 'drizzle-orm';
import {
  bigserial,
  boolean,
  customType,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import type { Connection } from '../domain/connection.ts';
import type { EvidenceKind } from '../domain/facts.ts';
import type { NumberId, PhoneNumber, PhoneNumberId, TenantId, WabaId } from '../domain/ids.ts';
import type { DeadlineKind } from '../domain/record.ts';
import { completeSnapshot } from '../domain/older-snapshot.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { SentenceKey, TimelineLine } from '../domain/timeline.ts';
import { epochMs, jsonText } from './columns.ts';

/** Written as it is, read in the shape of today. */
const snapshotText = customType<{ data: Snapshot; driverData: string }>({
  dataType: () => 'text',
  toDriver: (snapshot) => JSON.stringify(snapshot),
  fromDriver: (written) => completeSnapshot(JSON.parse(written) as Snapshot), // this column holds nothing else
});

export const numbers = pgTable(
  'numbers',
  {
    numberId: text('number_id').$type<NumberId>().primaryKey(),
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    phoneNumber: text('phone_number').$type<PhoneNumber>(),
    /** The digits that the invitation expects. */
    invitedDigits: text('invited_digits'),
    /** The digits that a gate has proved. */
    digits: text('digits'),
    reference: text('reference'),
    createdAtMs: epochMs('created_at_ms').notNull(),
    updatedAtMs: epochMs('updated_at_ms').notNull(),
    /** Null until Temporal has taken the workflow. */
    startedAtMs: epochMs('started_at_ms'),
    snapshot: snapshotText('snapshot').notNull(),
    connection: text('connection').$type<Connection>().notNull(),
    linkState: text('link_state').$type<Snapshot['link']['state']>().notNull(),
    credentialState: text('credential_state').$type<Snapshot['credential']>().notNull(),
    cycle: integer('cycle').notNull(),
    /** The cycle that made the link. */
    linkCycle: integer('link_cycle'),
    wabaId: text('waba_id').$type<WabaId>(),
    phoneNumberId: text('phone_number_id').$type<PhoneNumberId>(),
    attemptWabaId: text('attempt_waba_id').$type<WabaId>(),
    formerIds: text('former_ids').array().notNull(),
    nextDeadlineKind: text('next_deadline_kind').$type<DeadlineKind>(),
    nextDeadlineAtMs: epochMs('next_deadline_at_ms'),
    /** The fence: the run that may write, its latest sequence, and the runs that may write no more. */
    runId: text('run_id'),
    sequence: integer('sequence').notNull(),
    supersededRunIds: text('superseded_run_ids').array().notNull(),
  },
  (table) => [
    index('numbers_by_tenant').on(table.tenantId, table.numberId),
    index('numbers_open')
      .on(table.numberId)
      .where(sql`${table.connection} <> 'closed'`),
    index('numbers_unstarted')
      .on(table.createdAtMs, table.numberId)
      .where(sql`${table.startedAtMs} is null`),
    index('numbers_by_waba').on(table.wabaId),
    index('numbers_by_attempt_waba').on(table.attemptWabaId),
    index('numbers_by_phone_number_id').on(table.phoneNumberId),
    index('numbers_by_digits').on(table.digits),
    index('numbers_by_former_ids').using('gin', table.formerIds),
  ],
);

export const cycles = pgTable(
  'cycles',
  {
    numberId: text('number_id').$type<NumberId>().notNull(),
    cycle: integer('cycle').notNull(),
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    openedAtMs: epochMs('opened_at_ms').notNull(),
    connectedAtMs: epochMs('connected_at_ms'),
    endedAtMs: epochMs('ended_at_ms'),
    /** An end reason, a close reason, or `lapsed`: a re-onboarding that came to nothing. */
    endReason: text('end_reason'),
  },
  (table) => [primaryKey({ columns: [table.numberId, table.cycle] })],
);

/** Append-only. */
export const timeline = pgTable(
  'timeline',
  {
    position: bigserial('position', { mode: 'number' }).primaryKey(),
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    numberId: text('number_id').$type<NumberId>().notNull(),
    cycle: integer('cycle').notNull(),
    /** Empty for the line that is written with the row itself. */
    runId: text('run_id').notNull(),
    sequence: integer('sequence').notNull(),
    lineIndex: integer('line_index').notNull(),
    atMs: epochMs('at_ms').notNull(),
    row: text('row').notNull(),
    key: text('key').$type<SentenceKey>().notNull(),
    params: jsonText('params').$type<TimelineLine['params']>().notNull(),
  },
  (table) => [
    uniqueIndex('timeline_once').on(table.numberId, table.runId, table.sequence, table.lineIndex),
    index('timeline_by_number').on(table.numberId, table.position),
  ],
);

/** Forward-only: a time here never moves back. */
export const appActivity = pgTable('app_activity', {
  numberId: text('number_id').$type<NumberId>().primaryKey(),
  tenantId: text('tenant_id').$type<TenantId>().notNull(),
  anyAtMs: epochMs('any_at_ms'),
  evidence: text('evidence').$type<EvidenceKind>(),
  /** The workflow waits for a sign of the app: the next newer evidence posts one fact. */
  wantsEvidence: boolean('wants_evidence').notNull().default(false),
  /** The workflow does not know whether contacts were asked for: the next data posts one fact. */
  wantsChunk: boolean('wants_chunk').notNull().default(false),
});

/** What is to be told to people and backends. */
export const outbox = pgTable(
  'outbox',
  {
    position: bigserial('position', { mode: 'number' }).primaryKey(),
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    numberId: text('number_id').$type<NumberId>().notNull(),
    dedupeKey: text('dedupe_key').notNull(),
    kind: text('kind').notNull(),
    payload: jsonText('payload').notNull(),
    dueAtMs: epochMs('due_at_ms').notNull(),
    deliveredAtMs: epochMs('delivered_at_ms'),
  },
  (table) => [
    uniqueIndex('outbox_once').on(table.dedupeKey),
    index('outbox_by_tenant').on(table.tenantId, table.position),
    index('outbox_undelivered')
      .on(table.position)
      .where(sql`${table.deliveredAtMs} is null`),
  ],
);
