/** The two imports of a number as a backend and support see them: state, progress, and all that Meta was asked. */
import { z } from 'zod';
import { FAILURES, type FailureCode } from '../domain/failures.ts';
import { SYNC_STATES, type Snapshot, type Sync } from '../domain/snapshot.ts';
import { windowBeganAtMs } from '../domain/sync-alerts.ts';
import { syncAnswerOf } from '../domain/sync-words.ts';
import { needsOpenApp, stateSeen } from '../domain/sync-seen.ts';
import { iso } from './number-resource.ts';
import type { ImportTrace, ImportTraces, NumberRow } from './ports.ts';
import { failureCode } from './problem.ts';

const isoDate = z.string().meta({ description: 'ISO 8601, UTC' });
const count = z.int().min(0);

const requestSchema = z.object({
  ask: count.meta({ description: '1 for the first call of the cycle' }),
  at: isoDate,
  outcome: z.string().nullable().meta({ description: 'null: the call had no answer yet, or it was lost' }),
  requestId: z.string().nullable().meta({ description: "Meta's own, for its support" }),
});

const importSchema = z.object({
  isWanted: z.boolean(),
  state: z.enum(SYNC_STATES),
  sentence: z.string().meta({ description: 'For the owner.' }),
  failure: z.object({ code: failureCode, sentence: z.string(), remedy: z.array(z.string()) }).nullable(),
  notBefore: isoDate.nullable().meta({ description: 'Meta asked for a wait: the call comes after it.' }),
  requests: z.array(requestSchema),
  firstDataAt: isoDate.nullable(),
  lastDataAt: isoDate.nullable(),
  dropped: count.meta({ description: 'Came although the import is off; its content was not kept.' }),
});

export const importsSchema = z
  .object({
    cycle: count,
    window: z.object({ beganAt: isoDate, endsAt: isoDate }).nullable(),
    limits: z.object({ historyDays: count, mediaDays: count, contentDays: count }),
    keepAppOpen: z.boolean().meta({ description: 'The phone sends the data: the app should stay open on it.' }),
    contacts: importSchema.extend({ added: count, removed: count }),
    history: importSchema.extend({
      progress: count.max(100),
      chunks: count,
      messages: count,
      media: count,
      groupChatsDropped: count.meta({ description: 'Group chats are never synced.' }),
      phases: z.array(
        z.object({ phase: count, chunks: count, messages: count, progress: count.max(100), lastAt: isoDate }),
      ),
    }),
  })
  .meta({ id: 'Imports' });
export type ImportsResource = z.infer<typeof importsSchema>;

export function importsResource({ snapshot }: NumberRow, traces: ImportTraces): ImportsResource {
  const { contacts, history, phases } = traces;
  const { historyDays, mediaDays, contentDays } = snapshot.policy;
  return {
    cycle: snapshot.cycle,
    window: windowOf(snapshot),
    limits: { historyDays, mediaDays, contentDays },
    keepAppOpen: [seenOf(snapshot.contacts, contacts), seenOf(snapshot.history, history)].some(({ state }) =>
      needsOpenApp(state),
    ),
    contacts: {
      ...importOf(snapshot.contacts, { isWanted: snapshot.imports.contacts, trace: contacts }),
      added: contacts.counted - contacts.removed,
      removed: contacts.removed,
    },
    history: {
      ...importOf(snapshot.history, { isWanted: snapshot.imports.history, trace: history }),
      progress: Math.max(history.progress, snapshot.history.progress),
      chunks: history.chunks,
      messages: history.counted,
      media: history.media,
      groupChatsDropped: history.groups,
      phases: phases.map(({ lastAtMs, ...phase }) => ({ ...phase, lastAt: iso(lastAtMs) })),
    },
  };
}

function windowOf(snapshot: Snapshot): ImportsResource['window'] {
  const { syncWindowEndsAtMs } = snapshot;
  if (syncWindowEndsAtMs === null) return null;
  return { beganAt: iso(windowBeganAtMs(snapshot)), endsAt: iso(syncWindowEndsAtMs) };
}

function importOf(
  sync: Sync,
  { isWanted, trace }: { isWanted: boolean; trace: ImportTrace },
): z.infer<typeof importSchema> {
  const { firstAtMs, lastAtMs, dropped, requests } = trace;
  const seen = seenOf(sync, trace);
  return {
    isWanted,
    state: seen.state,
    sentence: syncAnswerOf(seen),
    failure: failureOf(seen),
    notBefore: sync.notBeforeMs === null ? null : iso(sync.notBeforeMs),
    requests: requests.map(({ ask, atMs, outcome, requestId }) => ({ ask, at: iso(atMs), outcome, requestId })),
    firstDataAt: firstAtMs === null ? null : iso(firstAtMs),
    lastDataAt: lastAtMs === null ? null : iso(lastAtMs),
    dropped,
  };
}

function seenOf(sync: Sync, { lastAtMs, requests }: ImportTrace): Sync {
  const isAccepted = requests.some(({ outcome }) => outcome === 'requested');
  return { ...sync, state: stateSeen(sync, { isAccepted, hasData: lastAtMs !== null }) };
}

/** A stalled import that is not given up has no failure yet, but a remedy. */
function failureOf({ state, failure }: Sync): z.infer<typeof importSchema>['failure'] {
  const code: FailureCode | null = failure ?? (state === 'stalled' ? 'HISTORY_STALLED' : null);
  if (code === null) return null;
  const { sentence, remedy } = FAILURES[code];
  return { code, sentence, remedy: [...remedy] };
}
