/** What the activity watch asks of the store: the last sign of the app, and a reminder that is owed once at most. */
import { eq } from 'drizzle-orm';
import type { EvidenceKind } from '../domain/facts.ts';
import type { NumberId, TenantId } from '../domain/ids.ts';
import type { Executor, Store } from './connect.ts';
import { appendEvent } from './events.ts';
import { touchForward } from './evidence.ts';
import { appActivity, outbox } from './schema-numbers.ts';

interface Reminder {
  numberId: NumberId;
  tenantId: TenantId;
  cycle: number;
  evidenceAtMs: number;
  rung: string;
  dueAtMs: number;
}

type Reminded = { kind: 'reminded' } | { kind: 'seen'; atMs: number; evidence: EvidenceKind };

interface ActivityRows {
  read(numberId: NumberId): Promise<{ anyAtMs: number | null; evidence: EvidenceKind | null }>;
  touch(numberId: NumberId, evidence: EvidenceKind, atMs: number): Promise<void>;
  remind(reminder: Reminder): Promise<Reminded>;
}

export function createActivityRows({ db }: Store): ActivityRows {
  return {
    read: async (numberId) => {
      const [row] = await db.select().from(appActivity).where(eq(appActivity.numberId, numberId));
      return { anyAtMs: row?.anyAtMs ?? null, evidence: row?.evidence ?? null };
    },
    // The workflow's own word (a confirmed signup, a return, "I opened the app") is exact: no debounce.
    touch: (numberId, evidence, atMs) =>
      db.transaction((tx) => touchForward(tx, [{ numberId, evidence, atMs }], { debounceMs: 1, receivedAtMs: atMs })),
    remind: (reminder) => db.transaction((tx) => remind(tx, reminder)),
  };
}

/** The row's lock decides the race with evidence: whichever comes second sees the first. */
async function remind(tx: Executor, reminder: Reminder): Promise<Reminded> {
  const { numberId, tenantId, evidenceAtMs } = reminder;
  await tx.insert(appActivity).values({ numberId, tenantId }).onConflictDoNothing();
  const [row] = await tx.select().from(appActivity).where(eq(appActivity.numberId, numberId)).for('update');
  const isNewer = row !== undefined && row.anyAtMs !== null && row.anyAtMs > evidenceAtMs;
  const dedupeKey = `reminder/${numberId}/${reminder.cycle}/${evidenceAtMs}/${reminder.rung}`;
  // What was told before stays told, also where the app was seen since: a repeat answers as the first call did.
  const [told] = await tx.select().from(outbox).where(eq(outbox.dedupeKey, dedupeKey));
  if (told !== undefined) return { kind: 'reminded' };
  if (isNewer && row.anyAtMs !== null) return { kind: 'seen', atMs: row.anyAtMs, evidence: row.evidence ?? 'echo' };

  const payload = { cycle: reminder.cycle, evidenceAtMs, rung: reminder.rung };
  await tx.update(appActivity).set({ wantsEvidence: true }).where(eq(appActivity.numberId, numberId));
  await appendEvent(tx, { tenantId, numberId, dedupeKey, kind: 'reminder', payload, dueAtMs: reminder.dueAtMs });
  return { kind: 'reminded' };
}
