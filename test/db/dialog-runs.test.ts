/** Runs of Meta's dialog on real Postgres: each part once, bound to its attempt, and what they add up to. */
import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { numbers, outbox } from '../../src/db/schema-numbers.ts';
import { dialogRuns as runTable } from '../../src/db/schema-signup.ts';
import { dialogRunId, tenantId, wabaId } from '../../src/domain/ids.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { createNumber, ids, invited, START_MS, type Ids } from './builders.ts';
import { useDatabase } from './database.ts';

const bench = useDatabase();
const HOUR_MS = 3_600_000;
const LIFE_MS = HOUR_MS;
const LIMITS = { windowMs: HOUR_MS, perNumber: 99, perTenant: 999 };
const GOOD = { ending: 'coexistence', wabaId: wabaId('901') } as const;
const TOO_OLD = { failure: 'APP_TOO_OLD', metaCode: '4563015', supportReference: '9c41' } as const;
let made = 0;

async function runOf(id: Ids, atMs = START_MS, attempt = 1) {
  made += 1;
  const run = dialogRunId(`dlg_${id.numberId}_${made}`);
  const key = { dialogRunId: run, numberId: id.numberId, cycle: 1, attempt };
  const disclosure = { version: 1, by: 'the owner' };
  await bench.stores.dialogRuns.open({ ...key, openedAtMs: atMs, expiresAtMs: atMs + LIFE_MS, disclosure }, LIMITS);
  return { key, claim: { dialogRunId: run, tenantId: id.tenantId, cycle: 1, attempt } };
}

async function opened(tenant?: string) {
  const id = ids(tenant);
  await createNumber(bench, id);
  return { id, ...(await runOf(id)) };
}

/** As the number's workflow would have told. */
async function becomes(id: Ids, change: (s: Snapshot) => Partial<Snapshot>): Promise<void> {
  const snapshot = { ...invited(id), ...change(invited(id)) };
  await bench.store.db.update(numbers).set({ snapshot }).where(eq(numbers.numberId, id.numberId));
}

async function rowOf(run: { dialogRunId: string }) {
  const [row] = await bench.store.db
    .select()
    .from(runTable)
    .where(eq(runTable.dialogRunId, dialogRunId(run.dialogRunId)));
  return row;
}

describe('a dialog run', () => {
  it('keeps who accepted which disclosure, and opening it again changes nothing', async () => {
    const { claim, key } = await opened();
    const { numberId: _number, ...of } = key;
    const run = { ...of, expiresAtMs: START_MS + LIFE_MS };
    const again = { ...key, attempt: 2, openedAtMs: START_MS, expiresAtMs: START_MS + 9 * LIFE_MS };
    const disclosure = { version: 9, by: 'somebody else' };
    const answer = await bench.stores.dialogRuns.open({ ...again, disclosure }, { ...LIMITS, perNumber: 1 });
    expect(answer).toEqual({ kind: 'opened', run });
    expect(await bench.stores.dialogRuns.readOpened(claim.tenantId, claim.dialogRunId)).toEqual(run);
    expect(await bench.stores.dialogRuns.readOpened(tenantId('ten_b'), claim.dialogRunId)).toBeNull();
    expect(await rowOf(claim)).toMatchObject({
      disclosureVersion: 1,
      disclosureBy: 'the owner',
      expiresAtMs: START_MS + LIFE_MS,
    });
  });

  it('takes one code: the same again is known, also late; another is refused', async () => {
    const { claim, key } = await opened();
    const { dialogRuns } = bench.stores;
    const stored = { kind: 'stored', run: key, isNews: true };
    expect(await dialogRuns.acceptCode(claim, 'one', START_MS + LIFE_MS)).toEqual(stored);
    expect(await dialogRuns.acceptCode(claim, 'one', START_MS + 5 * LIFE_MS)).toEqual({ ...stored, kind: 'same' });
    expect(await dialogRuns.acceptCode(claim, 'two', START_MS + 1)).toEqual({ kind: 'different' });
  });

  it('is known only with the tenant, cycle and attempt that it was opened for', async () => {
    const { claim } = await opened();
    const { dialogRuns } = bench.stores;
    for (const other of [
      { ...claim, dialogRunId: dialogRunId('dlg_none') },
      { ...claim, tenantId: tenantId('ten_b') },
      { ...claim, cycle: 2 },
      { ...claim, attempt: 2 },
    ]) {
      expect(await dialogRuns.acceptCode(other, 'one', START_MS)).toEqual({ kind: 'unknown' });
      expect(await dialogRuns.acceptResult(other, GOOD, START_MS)).toEqual({ kind: 'unknown' });
      expect(await dialogRuns.acceptError(other, TOO_OLD, START_MS)).toEqual({ kind: 'unknown' });
      expect(await dialogRuns.acceptAbandoned(other, 'PERMISSIONS', START_MS)).toEqual({ kind: 'unknown' });
    }
  });

  it('takes nothing new after its expiry', async () => {
    const { claim } = await opened();
    const { dialogRuns } = bench.stores;
    const lateMs = START_MS + LIFE_MS + 1;
    expect(await dialogRuns.acceptCode(claim, 'one', lateMs)).toEqual({ kind: 'expired' });
    expect(await dialogRuns.acceptResult(claim, GOOD, lateMs)).toEqual({ kind: 'expired' });
    expect(await dialogRuns.acceptError(claim, TOO_OLD, lateMs)).toEqual({ kind: 'expired' });
    expect(await dialogRuns.acceptAbandoned(claim, null, lateMs)).toEqual({ kind: 'expired' });
  });

  it('takes nothing once its number has closed or its attempt has gone', async () => {
    const { dialogRuns } = bench.stores;
    const closed = await opened();
    await becomes(closed.id, () => ({ closed: 'withdrawn' }));
    expect(await dialogRuns.acceptCode(closed.claim, 'one', START_MS)).toEqual({ kind: 'over' });
    expect(await dialogRuns.acceptAbandoned(closed.claim, null, START_MS)).toEqual({ kind: 'over' });
    const ended = await opened();
    await becomes(ended.id, ({ attempt }) => ({ attempt: { ...attempt, state: 'none' } }));
    expect(await dialogRuns.acceptCode(ended.claim, 'one', START_MS)).toEqual({ kind: 'over' });
    const next = await opened();
    await becomes(next.id, ({ attempt }) => ({ attempt: { ...attempt, ordinal: 2, dialogOrdinal: 2 } }));
    expect(await dialogRuns.acceptCode(next.claim, 'one', START_MS)).toEqual({ kind: 'used' });
    expect(await dialogRuns.acceptAbandoned(next.claim, null, START_MS)).toEqual({ kind: 'used' });
  });

  it('FA04 keeps where it was left first, once; a repeat is known, also late, and after another ending it counts no more', async () => {
    const { dialogRuns } = bench.stores;
    const { id, claim, key } = await opened();
    const answer = { kind: 'stored', run: key, isNews: false };
    expect(await dialogRuns.acceptAbandoned(claim, 'PERMISSIONS', START_MS + 1)).toEqual(answer);
    for (const step of ['PERMISSIONS', 'PHONE_NUMBER_SETUP']) {
      expect(await dialogRuns.acceptAbandoned(claim, step, START_MS + 9 * LIFE_MS)).toEqual({
        ...answer,
        kind: 'same',
      });
    }
    expect(await rowOf(claim)).toMatchObject({ abandonedStep: 'PERMISSIONS', abandonedAtMs: START_MS + 1 });
    const failed = (await runOf(id)).claim;
    await dialogRuns.acceptError(failed, TOO_OLD, START_MS);
    expect(await dialogRuns.acceptAbandoned(failed, null, START_MS)).toEqual({ kind: 'used' });
    expect(await rowOf(failed)).toMatchObject({ abandonedAtMs: null });
  });

  it('tells of a result that waits for its code, until it is posted or the code comes', async () => {
    const { claim, key } = await opened();
    const { dialogRuns } = bench.stores;
    const stored = { kind: 'stored', run: key, isNews: false };
    expect(await dialogRuns.acceptResult(claim, GOOD, START_MS + 10)).toEqual(stored);
    expect(await dialogRuns.acceptResult(claim, GOOD, START_MS + 11)).toMatchObject({ kind: 'same' });
    expect(await dialogRuns.acceptResult(claim, { ...GOOD, wabaId: null }, START_MS + 11)).toEqual({
      kind: 'different',
    });
    const waiting = { ...key, ...GOOD, receivedAtMs: START_MS + 10 };
    const mine = async (before: number) =>
      (await dialogRuns.listResultsWithoutCode(before, 99)).filter((one) => one.numberId === key.numberId);
    expect(await mine(START_MS + 10)).toEqual([]);
    expect(await mine(START_MS + 11)).toEqual([waiting]);
    await dialogRuns.markResultPosted(claim.dialogRunId);
    expect(await mine(START_MS + 11)).toEqual([]);

    const other = await opened();
    await dialogRuns.acceptResult(other.claim, GOOD, START_MS + 10);
    await dialogRuns.acceptCode(other.claim, 'code', START_MS + 11);
    expect(await dialogRuns.listResultsWithoutCode(START_MS + 99, 99)).toEqual([]);
  });

  it('AT16 a late result is news where it names another account than the one that was found', async () => {
    const { dialogRuns, claims } = bench.stores;
    for (const [found, isNews] of [
      [wabaId('901'), false],
      [wabaId('902'), true],
    ] as const) {
      const { id, claim, key } = await opened();
      await dialogRuns.acceptCode(claim, 'one', START_MS);
      await claims.keepFinding(
        { numberId: id.numberId, cycle: 1, attempt: 1 },
        { ...id, wabaId: found, verifiedName: null },
      );
      expect(await dialogRuns.acceptResult(claim, GOOD, START_MS)).toEqual({ kind: 'stored', run: key, isNews });
    }
  });

  it('takes one error, with its reference; then no code and no other result', async () => {
    const { claim, key } = await opened();
    const { dialogRuns } = bench.stores;
    expect(await dialogRuns.acceptError(claim, TOO_OLD, START_MS)).toEqual({ kind: 'stored', run: key, isNews: true });
    expect(await dialogRuns.acceptError(claim, TOO_OLD, START_MS + 1)).toMatchObject({ kind: 'same', isNews: true });
    const other = { ...TOO_OLD, metaCode: '3441041' };
    expect(await dialogRuns.acceptError(claim, other, START_MS + 1)).toEqual({ kind: 'different' });
    expect(await dialogRuns.acceptCode(claim, 'one', START_MS + 1)).toEqual({ kind: 'used' });
    expect(await dialogRuns.acceptResult(claim, GOOD, START_MS + 1)).toEqual({ kind: 'used' });
    expect(await rowOf(claim)).toMatchObject({
      errorFailure: 'APP_TOO_OLD',
      errorReference: '9c41',
      driftedAtMs: null,
    });
  });

  it('AT18 an error after a code or a good ending, of any run of the attempt, is kept and is no news', async () => {
    const { dialogRuns } = bench.stores;
    const coded = await opened();
    await dialogRuns.acceptCode(coded.claim, 'one', START_MS);
    const sibling = await runOf(coded.id);
    for (const { claim } of [coded, sibling]) {
      expect(await dialogRuns.acceptError(claim, TOO_OLD, START_MS)).toMatchObject({ kind: 'stored', isNews: false });
    }
    const half = await opened();
    await dialogRuns.acceptResult(half.claim, GOOD, START_MS);
    const second = await runOf(half.id);
    expect(await dialogRuns.acceptError(second.claim, TOO_OLD, START_MS)).toMatchObject({ isNews: false });
  });
});

describe('the ledger of dialogs', () => {
  it('counts wrong dialogs of the fleet, by ending and by code, from a time on', async () => {
    const { dialogRuns, dialogLedger } = bench.stores;
    const dayMs = START_MS + 40 * 24 * HOUR_MS;
    const [byEnding, byCode, other] = [await opened(), await opened(), await opened()];
    const at = async ({ id }: { id: Ids }) => (await runOf(id, dayMs)).claim;
    await dialogRuns.acceptResult(await at(byEnding), { ...GOOD, ending: 'standard' }, dayMs);
    await dialogRuns.acceptError(await at(byCode), { ...TOO_OLD, failure: 'SIGNUP_MODE_DRIFTED' }, dayMs + 1);
    await dialogRuns.acceptError(await at(other), TOO_OLD, dayMs + 1);
    expect(await dialogLedger.countDrifts(dayMs - 1)).toBe(2);
    expect(await dialogLedger.countDrifts(dayMs)).toBe(1);
  });

  it('U10 counts each run of a tenant once, by what it came to', async () => {
    const { dialogRuns, dialogLedger } = bench.stores;
    const { id, claim } = await opened('ten_funnel');
    await dialogRuns.acceptAbandoned(claim, 'PERMISSIONS', START_MS);
    await dialogRuns.acceptCode(claim, 'one', START_MS);
    const next = async () => (await runOf(id)).claim;
    await dialogRuns.acceptAbandoned(await next(), 'PERMISSIONS', START_MS);
    const left = await next();
    await dialogRuns.acceptAbandoned(left, 'PHONE_NUMBER_SETUP', START_MS);
    await dialogRuns.acceptAbandoned(await next(), null, START_MS);
    await dialogRuns.acceptError(await next(), TOO_OLD, START_MS);
    await dialogRuns.acceptError(await next(), TOO_OLD, START_MS);
    await dialogRuns.acceptResult(await next(), { ...GOOD, ending: 'waba-only' }, START_MS);
    const funnel = await dialogLedger.readFunnel(id.tenantId, START_MS - 1);
    const byStep = (a: { step: string | null }, b: { step: string | null }) => `${a.step}`.localeCompare(`${b.step}`);
    expect({ ...funnel, abandoned: funnel.abandoned.toSorted(byStep) }).toEqual({
      opened: 7,
      finished: 1,
      abandoned: [
        { step: null, count: 1 },
        { step: 'PERMISSIONS', count: 1 },
        { step: 'PHONE_NUMBER_SETUP', count: 1 },
      ],
      errors: [{ failure: 'APP_TOO_OLD', metaCode: '4563015', count: 2 }],
      otherEndings: [{ ending: 'waba-only', count: 1 }],
    });
    expect((await dialogLedger.readFunnel(id.tenantId, START_MS)).opened).toBe(0);
  });

  it('shows the latest run with the number', async () => {
    const { dialogRuns, numbers: store } = bench.stores;
    const { id, claim } = await opened();
    await dialogRuns.acceptAbandoned(claim, 'PERMISSIONS', START_MS);
    const shown = async () => (await store.read(id.tenantId, id.numberId))?.lastDialog;
    const none = { wrongAccount: null };
    expect(await shown()).toEqual({ openedAtMs: START_MS, abandonedStep: 'PERMISSIONS', isAbandoned: true, ...none });
    await dialogRuns.acceptCode(claim, 'one', START_MS);
    expect(await shown()).toMatchObject({ isAbandoned: false });
    await runOf(id, START_MS + 7);
    expect(await shown()).toEqual({ openedAtMs: START_MS + 7, abandonedStep: null, isAbandoned: false, ...none });
  });
});

describe('the login of another business (U04)', () => {
  it('is entered with an error that smells of it, and with no other', async () => {
    const [foreign, old] = [await opened(), await opened()];
    const error = { failure: 'NUMBER_IN_OTHER_BUSINESS', metaCode: '3441041', supportReference: null } as const;
    await bench.stores.dialogRuns.acceptError(foreign.claim, error, START_MS);
    await bench.stores.dialogRuns.acceptError(old.claim, TOO_OLD, START_MS);
    expect(await rowOf(foreign.claim)).toMatchObject({ wrongAccount: 'refused' });
    expect(await rowOf(old.claim)).toMatchObject({ wrongAccount: null });
  });

  it('is entered in the run whose code was exchanged for the attempt, in no other', async () => {
    const { id, key, claim } = await opened();
    const other = await runOf(id);
    const { dialogRunId: run, ...attempt } = key;
    await bench.stores.claims.noteOtherBusiness(attempt);
    expect(await rowOf(claim), 'nothing was exchanged yet').toMatchObject({ wrongAccount: null });
    await bench.stores.credentials.intendExchange(attempt, run, START_MS);
    await bench.stores.claims.noteOtherBusiness(attempt);
    expect(await rowOf(claim)).toMatchObject({ wrongAccount: 'other-business' });
    expect(await rowOf(other.claim)).toMatchObject({ wrongAccount: null });
  });
});

describe('the nudge (AT09)', () => {
  const nudgesOf = (id: Ids) => bench.store.db.select().from(outbox).where(eq(outbox.numberId, id.numberId));
  const lookAt = (beforeMs: number) =>
    bench.stores.dialogLedger.nudgeAbandoned({
      beforeMs,
      atMs: START_MS + HOUR_MS,
      limit: 99,
    });

  it('is owed once for a run that was left, at the step that was left', async () => {
    const { id, claim } = await opened();
    await bench.stores.dialogRuns.acceptAbandoned(claim, 'PERMISSIONS', START_MS + 5);
    await lookAt(START_MS + 4);
    expect(await nudgesOf(id)).toEqual([]);
    await lookAt(START_MS + 5);
    await lookAt(START_MS + 5);
    const payload = { dialogRunId: claim.dialogRunId, cycle: 1, attempt: 1, step: 'PERMISSIONS' };
    expect(await nudgesOf(id)).toMatchObject([{ kind: 'signup-nudge', tenantId: id.tenantId, payload }]);
  });

  it('U10 carries what the link of its owner is made of, and never the link, which is a credential', async () => {
    const { id } = await opened();
    const [row] = await bench.store.db.select().from(numbers).where(eq(numbers.numberId, id.numberId));
    await lookAt(START_MS);
    const [nudge] = await nudgesOf(id);
    expect(nudge?.payload).toMatchObject({ cycle: 1, expiresAtMs: row?.snapshot.attempt.expiresAtMs });
    expect(JSON.stringify(nudge)).not.toMatch(/resume|https?:/);
  });

  it('is owed too where the window was closed without a word', async () => {
    const { id } = await opened();
    await lookAt(START_MS);
    expect(await nudgesOf(id)).toHaveLength(1);
  });

  it('is not owed after an end, for a run before the latest, or where nobody waits for a signup', async () => {
    const { dialogRuns } = bench.stores;
    const [coded, failed, retried, resting, expired] = [
      await opened(),
      await opened(),
      await opened(),
      await opened(),
      await opened(),
    ];
    await dialogRuns.acceptCode(coded.claim, 'one', START_MS);
    await dialogRuns.acceptError(failed.claim, TOO_OLD, START_MS);
    await runOf(retried.id, START_MS + 9);
    await becomes(resting.id, ({ attempt }) => ({ attempt: { ...attempt, state: 'cooling' } }));
    await becomes(expired.id, ({ attempt }) => ({ attempt: { ...attempt, expiresAtMs: START_MS } }));
    await lookAt(START_MS + 8);
    for (const { id } of [coded, failed, retried, resting, expired]) expect(await nudgesOf(id)).toEqual([]);
    await lookAt(START_MS + 9);
    expect(await nudgesOf(retried.id)).toHaveLength(1);
  });
});
