/** A number as a backend sees it: ISO dates, words, and what is derived on every read. */
import { z } from 'zod';
import { connectionOf, CONNECTIONS } from '../domain/connection.ts';
import { FAILURES, type FailureCode } from '../domain/failures.ts';
import { ASKED_SCOPES } from '../domain/grants.ts';
import { HEADLINES, headlineOf, needsAttention } from '../domain/headline.ts';
import { settlesUntilMs } from '../domain/link-looks.ts';
import { DEADLINE_KINDS } from '../domain/record.ts';
import { TASK_FOR, TASK_KINDS, TASK_WORDS } from '../domain/task-kinds.ts';
import { stateSeen } from '../domain/sync-seen.ts';
import { GATE_REASONS, GATE_WARNINGS, sendGateOf } from '../domain/send-gate.ts';
import {
  ATTEMPT_STATES,
  ATTEMPT_STEPS,
  END_REASONS,
  SYNC_STATES,
  UNDO_STEPS,
  WAIT_REASONS,
  type Snapshot,
  type Sync,
} from '../domain/snapshot.ts';
import { EVIDENCE_KINDS, INITIATORS } from '../domain/facts.ts';
import { wrongAccountSignOf } from '../domain/wrong-account.ts';
import { accountResource, accountSchema, hintResource, hintSchema } from './account-resource.ts';
import { connectStepResources, connectStepsSchema } from './connect-steps-resource.ts';
import type { NumberRow } from './ports.ts';
import { failureCode } from './problem.ts';

const isoDate = z.string().meta({ description: 'ISO 8601, UTC' });
const count = z.int().min(0);
const stillLinked = z.enum(['no', 'likely', 'unknown']);

const failure = z.object({
  code: failureCode,
  sentence: z.string().meta({ description: 'For the customer.' }),
  remedy: z.array(z.string()),
  isHint: z.boolean().meta({ description: 'Meta said something that we do not know: a hint, no diagnosis.' }),
});
const sync = z.object({ state: z.enum(SYNC_STATES), failure: failure.nullable() });

const waitSchema = z
  .object({
    for: z.enum(WAIT_REASONS),
    step: z.enum(ATTEMPT_STEPS),
    until: isoDate,
    nextLookAt: isoDate.nullable(),
    choices: z
      .object({
        kind: z.enum(['waba', 'number']),
        options: z.array(
          z.object({ id: z.string(), phoneNumber: z.string().nullable(), verifiedName: z.string().nullable() }),
        ),
      })
      .nullable(),
  })
  .meta({ id: 'AttemptWait', description: 'What the attempt waits for; a choice is answered with one of its ids' });

const grantSchema = z
  .object({ scope: z.string(), granted: z.boolean(), count })
  .meta({ id: 'Grant', description: 'A permission that is asked for, and for how many accounts it was given' });

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
      reason: z.enum(GATE_REASONS).nullable().meta({ description: 'Why it is shut; null when open.' }),
      until: isoDate.nullable(),
      warnings: z.array(z.enum(GATE_WARNINGS)),
    }),
    cycle: count,
    attempt: z.object({
      ordinal: count,
      state: z.enum(ATTEMPT_STATES),
      step: z.enum(ATTEMPT_STEPS).nullable(),
      expiresAt: isoDate,
      retryAt: isoDate.nullable(),
      failure: failure
        .extend({
          at: isoDate,
          phoneStillLinked: stillLinked,
          step: z.enum(ATTEMPT_STEPS).nullable(),
          detail: z.string().nullable(),
          metaCode: z.string().nullable().meta({ description: "Meta's own code" }),
          supportReference: z.string().nullable().meta({ description: "Meta's reference, for its support" }),
          hint: hintSchema.nullable(),
        })
        .nullable(),
      wait: waitSchema.nullable(),
    }),
    account: accountSchema.nullable(),
    dialog: z
      .object({
        lastRunAt: isoDate.nullable(),
        lastStep: z.string().nullable().meta({ description: "Meta's name of the screen at which the owner stopped." }),
        abandoned: failure.nullable().meta({ description: 'Set while the latest run was left and has not ended.' }),
        hint: hintSchema
          .nullable()
          .meta({ description: 'Set where the owner may have used the login of another business.' }),
      })
      .meta({ id: 'LastDialog', description: "The latest run of Meta's dialog" }),
    grants: z.array(grantSchema),
    timeToConnectSeconds: count.nullable().meta({ description: "From the end of Meta's dialog to connected" }),
    connectSteps: connectStepsSchema,
    link: z.object({
      state: z.enum(['none', 'live', 'suspended', 'gone']),
      since: isoDate.nullable(),
      settlesUntil: isoDate
        .nullable()
        .meta({ description: 'Until then a read that does not find the link does not count.' }),
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
      evidence: z.enum(EVIDENCE_KINDS).nullable(),
      overdueSince: isoDate.nullable(),
      remindedDays: z.array(count),
    }),
    duplicateOf: z.string().nullable().meta({ description: 'The number that took the signup over' }),
    tasks: z
      .array(
        z.object({ kind: z.enum(TASK_KINDS), for: z.enum(['owner', 'operator']), words: z.string(), since: isoDate }),
      )
      .meta({ description: 'What people should do next; what is over is left out.' }),
    incompleteUndo: z
      .array(z.enum(UNDO_STEPS))
      .meta({ description: 'What could not be undone: an operator finishes it by hand.' }),
    needsAttention: z.boolean().meta({ description: 'An operator should look.' }),
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
  const { sentence, remedy, isHint } = FAILURES[code];
  return { code, sentence, remedy: [...remedy], isHint };
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
    attempt: attemptResource(row),
    account: accountResource(row),
    dialog: dialogResource(row),
    grants: grantResources(snapshot),
    timeToConnectSeconds: secondsToConnect(snapshot),
    connectSteps: connectStepResources(row.connectMoments),
    link: linkResource(snapshot),
    syncs: syncResources(row),
    activity: {
      lastSeenAt: isoOrNull(row.lastAppActivity?.atMs),
      evidence: row.lastAppActivity?.evidence ?? null,
      overdueSince: isoOrNull(snapshot.activity.overdueSinceMs),
      remindedDays: [...snapshot.activity.remindedDays],
    },
    duplicateOf: snapshot.duplicateOf,
    tasks: snapshot.tasks
      .filter(({ state }) => state === 'open')
      .map(({ kind, sinceMs }) => ({ kind, for: TASK_FOR[kind], words: TASK_WORDS[kind], since: iso(sinceMs) })),
    incompleteUndo: [...snapshot.incompleteUndo],
    needsAttention: needsAttention(snapshot),
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

function attemptResource(row: NumberRow): NumberResource['attempt'] {
  const { attempt } = row.snapshot;
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
      step: failed.step,
      detail: failed.detail,
      metaCode: failed.metaCode,
      supportReference: failed.supportReference,
      hint: hintResource(row, wrongAccountSignOf(failed.code) ?? row.lastDialog?.wrongAccount),
    },
    wait: waitResource(row),
  };
}

function waitResource({ snapshot, candidates }: NumberRow): NumberResource['attempt']['wait'] {
  const { wait } = snapshot.attempt;
  if (!wait) return null;
  const { choices } = wait;
  const byId = new Map<string, NumberRow['candidates'][number]>(candidates.map((row) => [row.phoneNumberId, row]));
  return {
    for: wait.for,
    step: wait.step,
    until: iso(wait.untilMs),
    nextLookAt: isoOrNull(wait.lookAtMs),
    choices: choices && {
      kind: choices.kind,
      options: choices.ids.map((id) => {
        const known = byId.get(id);
        return { id, phoneNumber: known ? `+${known.digits}` : null, verifiedName: known?.verifiedName ?? null };
      }),
    },
  };
}

/** U10: where the owner stopped, and how to go on. */
function dialogResource(row: NumberRow): NumberResource['dialog'] {
  const { lastDialog: last } = row;
  const abandoned = last?.isAbandoned ? failureResource('SIGNUP_ABANDONED') : null;
  const hint = hintResource(row, last?.wrongAccount);
  return { lastRunAt: isoOrNull(last?.openedAtMs), lastStep: last?.abandonedStep ?? null, abandoned, hint };
}

/** C14 to C17: of the attempt under way, else of the link; empty before a token was read. */
function grantResources({ attempt, grants }: Snapshot): NumberResource['grants'] {
  const given = attempt.found.grants.length > 0 ? attempt.found.grants : grants;
  if (given.length === 0) return [];
  const countOf = (scope: string): number | null => given.find((grant) => grant.scope === scope)?.count ?? null;
  return ASKED_SCOPES.map((scope) => ({ scope, granted: countOf(scope) !== null, count: countOf(scope) ?? 0 }));
}

/** C23. */
function secondsToConnect({ lastSignup }: Snapshot): number | null {
  return lastSignup && Math.max(0, Math.round((lastSignup.connectedAtMs - lastSignup.finishedAtMs) / 1000));
}

/** When a resting attempt opens by itself, epoch ms; null where no date is known. */
export function retryAtOf({ opensAtMs, failure: failed }: Snapshot['attempt']): number | null {
  return opensAtMs ?? failed?.retryAtMs ?? null;
}

function linkResource(snapshot: Snapshot): NumberResource['link'] {
  const { state, sinceMs, pause, end, hold } = snapshot.link;
  return {
    state,
    since: isoOrNull(sinceMs),
    settlesUntil: state === 'live' ? isoOrNull(settlesUntilMs(snapshot)) : null,
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

/** State and progress may be newer than the snapshot's: what arrives is counted without waking the workflow. */
function syncResources({ snapshot, contacts, history }: NumberRow): NumberResource['syncs'] {
  const stateOf = (from: Sync, hasData: boolean): z.infer<typeof sync> => {
    const state = stateSeen(from, { isAccepted: false, hasData });
    const { failure: code } = from;
    const why = code ?? (state === 'off' && snapshot.imports.isForbidden ? 'IMPORT_NOT_ALLOWED' : null);
    return { state, failure: why && failureResource(why) };
  };
  const progress = Math.max(history.progress, snapshot.history.progress);
  const { chunks, messages, phases } = history;
  return {
    contacts: { ...stateOf(snapshot.contacts, contacts.counted > 0), counted: contacts.counted },
    history: { ...stateOf(snapshot.history, chunks > 0), progress, chunks, messages, phases: [...phases] },
  };
}
