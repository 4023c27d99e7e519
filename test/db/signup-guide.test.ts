/** The owner's way through a run on real Postgres: moments once, one page for a run, and marks that change with what is shown. */
import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { dialogMoments } from '../../src/db/schema-guide.ts';
import { numbers } from '../../src/db/schema-numbers.ts';
import { dialogRuns as runTable } from '../../src/db/schema-signup.ts';
import { syncLedger } from '../../src/db/schema-syncs.ts';
import { ensureTenant } from '../../src/db/tenants.ts';
import { GUIDE_MOMENTS } from '../../src/domain/guide.ts';
import { dialogRunId, numberId, tenantId, wabaId } from '../../src/domain/ids.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { createNumber, ids, invited, recordOf, signed, START_MS, type Ids } from './builders.ts';
import { useDatabase } from './database.ts';

const bench = useDatabase();
const LIFE_MS = 3_600_000;
const SHOP = 'https://shop.example';
let made = 0;

async function opened(origin?: string) {
  const id = ids();
  await createNumber(bench, id);
  made += 1;
  const run = dialogRunId(`dlg_guide_${made}`);
  const claim = { dialogRunId: run, tenantId: id.tenantId, cycle: 1, attempt: 1 };
  const { tenantId: _tenant, ...key } = claim;
  const times = { openedAtMs: START_MS, expiresAtMs: START_MS + LIFE_MS };
  const disclosure = { version: 1, by: 'the owner' };
  const opening = { ...key, ...times, numberId: id.numberId, disclosure, ...(origin === undefined ? {} : { origin }) };
  await bench.stores.dialogRuns.open(opening, { windowMs: LIFE_MS, perNumber: 99, perTenant: 999 });
  return { id, claim };
}

async function becomes(id: Ids, change: (s: Snapshot) => Partial<Snapshot>): Promise<void> {
  const snapshot = { ...invited(id), ...change(invited(id)) };
  await bench.store.db.update(numbers).set({ snapshot }).where(eq(numbers.numberId, id.numberId));
}

describe('the moments of a run', () => {
  it('are kept with their first time, in the order of their times, whoever races', async () => {
    const { claim, id } = await opened();
    const { signupGuide } = bench.stores;
    expect(await signupGuide.keepMoment(claim, 'logged-in', START_MS + 9)).toBe('kept');
    const race = Array.from({ length: 20 }, () => signupGuide.keepMoment(claim, 'window-opened', START_MS + 5));
    expect(new Set(await Promise.all(race))).toEqual(new Set(['kept']));
    expect(await signupGuide.keepMoment(claim, 'logged-in', START_MS + 99)).toBe('kept');
    expect(await signupGuide.readRun(claim)).toEqual({
      numberId: id.numberId,
      openedAtMs: START_MS,
      expiresAtMs: START_MS + LIFE_MS,
      codeReceivedAtMs: null,
      hasEndedOtherwise: false,
      moments: [
        { moment: 'window-opened', atMs: START_MS + 5 },
        { moment: 'logged-in', atMs: START_MS + 9 },
      ],
    });
  });

  it('are as many as there are kinds, however often they are told', async () => {
    const { claim } = await opened();
    for (let time = 0; time < 3; time += 1)
      for (const moment of GUIDE_MOMENTS) await bench.stores.signupGuide.keepMoment(claim, moment, START_MS + time);
    const isRun = eq(dialogMoments.dialogRunId, claim.dialogRunId);
    expect(await bench.store.db.select().from(dialogMoments).where(isRun)).toHaveLength(GUIDE_MOMENTS.length);
  });

  it('are of the tenant, cycle and attempt that the run was opened for', async () => {
    const { claim } = await opened();
    for (const other of [
      { ...claim, dialogRunId: dialogRunId('dlg_none') },
      { ...claim, tenantId: tenantId('ten_b') },
      { ...claim, cycle: 2 },
      { ...claim, attempt: 2 },
    ]) {
      expect(await bench.stores.signupGuide.keepMoment(other, 'logged-in', START_MS)).toBe('unknown');
      expect(await bench.stores.signupGuide.readRun(other)).toBeNull();
      expect(await bench.stores.signupGuide.keepOrigin(other, SHOP)).toBeNull();
    }
  });

  it('end with the state, the code, another ending, an error and the number; a repeat is known all the same', async () => {
    const { signupGuide, dialogRuns } = bench.stores;
    const [late, coded, failed, ordinary, good, closed] = [
      await opened(),
      await opened(),
      await opened(),
      await opened(),
      await opened(),
      await opened(),
    ];
    for (const { claim } of [late, coded, failed, ordinary, good, closed])
      await signupGuide.keepMoment(claim, 'window-opened', START_MS);
    await dialogRuns.acceptCode(coded.claim, 'one', START_MS + 1);
    const error = { failure: 'APP_TOO_OLD', metaCode: null, supportReference: null } as const;
    await dialogRuns.acceptError(failed.claim, error, START_MS);
    await dialogRuns.acceptResult(ordinary.claim, { ending: 'standard', wabaId: wabaId('9') }, START_MS);
    await dialogRuns.acceptResult(good.claim, { ending: 'coexistence', wabaId: wabaId('9') }, START_MS);
    await becomes(closed.id, () => ({ closed: 'withdrawn' }));
    const told = async ({ claim }: typeof late, atMs = START_MS + LIFE_MS) =>
      signupGuide.keepMoment(claim, 'finish-pressed', atMs);
    expect(await told(late, START_MS + LIFE_MS + 1)).toBe('expired');
    expect([await told(coded), await told(failed), await told(ordinary)]).toEqual(['used', 'used', 'used']);
    expect([await told(closed), await told(good)]).toEqual(['over', 'kept']);
    for (const { claim } of [late, coded, failed, ordinary, good, closed])
      expect(await signupGuide.keepMoment(claim, 'window-opened', START_MS + 9 * LIFE_MS)).toBe('kept');
    expect(await signupGuide.readRun(coded.claim)).toMatchObject({ codeReceivedAtMs: START_MS + 1 });
    expect(await signupGuide.readRun(ordinary.claim)).toMatchObject({ hasEndedOtherwise: true });
    expect(await signupGuide.readRun(good.claim)).toMatchObject({ hasEndedOtherwise: false });
  });
});

describe('the page of a run', () => {
  it('is the one that opened it, else the first that speaks for it', async () => {
    const { signupGuide } = bench.stores;
    const [named, free] = [await opened(SHOP), await opened()];
    expect(await signupGuide.keepOrigin(named.claim, 'https://b.example')).toBe(SHOP);
    const race = await Promise.all(
      Array.from({ length: 10 }, (_none, index) => signupGuide.keepOrigin(free.claim, `https://p${index}.example`)),
    );
    const [row] = await bench.store.db.select().from(runTable).where(eq(runTable.dialogRunId, free.claim.dialogRunId));
    expect(new Set(race)).toEqual(new Set([row?.origin]));
  });

  it('is known where any tenant has named its exact origin', async () => {
    const { tenants } = bench.stores;
    const id = tenantId('ten_pages');
    await ensureTenant(bench.store, { tenantId: id, name: 'Pages', apiKeyHash: 'pages', isEntitled: null });
    expect(await tenants.read(id)).toMatchObject({ pageOrigins: [], pageUrl: null });
    await tenants.change(id, { pageOrigins: ['https://a.example', 'https://b.example'] }, signed());
    expect(await tenants.knowsOrigin('https://b.example')).toBe(true);
    for (const other of ['https://b.example:8443', 'b.example', 'https://c.example', '', '{}'])
      expect(await tenants.knowsOrigin(other)).toBe(false);
    await tenants.change(id, { pageOrigins: [] }, signed());
    expect(await tenants.knowsOrigin('https://b.example')).toBe(false);
  });
});

describe('the mark of a number', () => {
  const marks = async (...all: Ids[]) => bench.stores.progress.readMarks(all.map(({ numberId: id }) => id));
  const markOf = async (id: Ids) => (await marks(id)).get(id.numberId);

  it('changes with what is recorded, what arrives and what becomes of a dialog, and with nothing else', async () => {
    const { id, claim } = await opened();
    const seen = [await markOf(id)];
    expect(await markOf(id)).toBe(seen[0]);
    await bench.stores.signupGuide.keepMoment(claim, 'window-opened', START_MS);
    expect(await markOf(id)).toBe(seen[0]);
    await bench.stores.projection.record(recordOf(invited(id), { to: 'awaiting-signup' }), 'run-1');
    seen.push(await markOf(id));
    await bench.stores.dialogRuns.acceptAbandoned(claim, 'PERMISSIONS', START_MS);
    seen.push(await markOf(id));
    const { numberId: of, tenantId: tenant } = id;
    const times = { firstAtMs: START_MS, lastAtMs: START_MS };
    const arrived = { chunks: 1, counted: 2, progress: 30, hasSeenFull: false, phases: [] };
    const row = { numberId: of, tenantId: tenant, cycle: 1, type: 'history', ...times, ...arrived } as const;
    await bench.store.db.insert(syncLedger).values(row);
    seen.push(await markOf(id));
    await bench.stores.dialogRuns.acceptCode(claim, 'one', START_MS);
    seen.push(await markOf(id));
    expect(new Set(seen).size).toBe(5);
    expect(seen.every((mark) => mark?.length === 16)).toBe(true);
  });

  it('is told of many numbers at once, and of none that is not there', async () => {
    const [first, second] = [await opened(), await opened()];
    const told = await marks(first.id, second.id, { ...first.id, numberId: numberId('num_none') });
    expect([...told.keys()].toSorted()).toEqual([first.id.numberId, second.id.numberId].toSorted());
    expect(await marks()).toEqual(new Map());
  });
});
