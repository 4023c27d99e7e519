/** How many runs of the dialog a number and a tenant may open, whoever races (U16). */
import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { consents } from '../../src/db/schema-eligibility.ts';
import { dialogRunId } from '../../src/domain/ids.ts';
import { createNumber, ids, START_MS, type Ids } from './builders.ts';
import { useDatabase } from './database.ts';

const bench = useDatabase();
const HOUR_MS = 3_600_000;
const limits = { windowMs: HOUR_MS, perNumber: 10, perTenant: 12 };
let made = 0;

async function twoOf(tenant: string): Promise<[Ids, Ids]> {
  const both: [Ids, Ids] = [ids(tenant), ids(tenant)];
  for (const id of both) await createNumber(bench, id);
  return both;
}

async function open(id: Ids, openedAtMs = START_MS, by = 'the owner') {
  made += 1;
  const run = { dialogRunId: dialogRunId(`dlg_${made}`), numberId: id.numberId, cycle: 1, attempt: 1 };
  const times = { openedAtMs, expiresAtMs: openedAtMs + HOUR_MS };
  return bench.stores.dialogRuns.open({ ...run, ...times, disclosure: { version: 1, by } }, limits);
}

const openedOf = (answers: readonly { kind: string }[]) => answers.filter(({ kind }) => kind === 'opened').length;

describe('the limits of dialogs (U16)', () => {
  it('hold for a number, though fifty runs are opened at once', async () => {
    const [id, other] = await twoOf('ten_race');
    const answers = await Promise.all(Array.from({ length: 50 }, () => open(id)));
    expect(openedOf(answers)).toBe(10);
    expect(await open(id, START_MS + 1)).toEqual({ kind: 'exhausted', retryAtMs: START_MS + HOUR_MS });
    expect(await open(other)).toMatchObject({ kind: 'opened' });
  });

  it('hold for a tenant, whichever the number, and leave other tenants alone', async () => {
    const both = await twoOf('ten_crowd');
    const answers = await Promise.all(Array.from({ length: 40 }, (_none, index) => open(both[index % 2] ?? both[0])));
    expect(openedOf(answers)).toBe(12);
    const [stranger] = await twoOf('ten_stranger');
    expect(await open(stranger)).toMatchObject({ kind: 'opened' });
  });

  it('end when the oldest run within the limit leaves the window', async () => {
    const [id] = await twoOf('ten_window');
    for (let run = 0; run < 10; run += 1) await open(id, START_MS + run);
    expect(await open(id, START_MS + HOUR_MS - 1)).toEqual({ kind: 'exhausted', retryAtMs: START_MS + HOUR_MS });
    expect(await open(id, START_MS + HOUR_MS)).toMatchObject({ kind: 'opened' });
    expect(await open(id, START_MS + HOUR_MS)).toEqual({ kind: 'exhausted', retryAtMs: START_MS + 1 + HOUR_MS });
  });
});

describe('the consent with which a run is opened (CM28)', () => {
  const consentsOf = (id: Ids) => bench.stores.eligibility.readConsents(id.tenantId, id.numberId);

  it('is kept with the run, once for a person, with the text that was shown', async () => {
    const [id] = await twoOf('ten_consent');
    await open(id);
    await open(id, START_MS + 5);
    const kept = await consentsOf(id);
    expect(kept).toMatchObject([{ kind: 'disclosure', version: 1, person: 'the owner', atMs: START_MS }]);
    expect(kept[0]?.text.split('\n').length).toBeGreaterThan(12);
    const rows = await bench.store.db.select().from(consents).where(eq(consents.subject, id.numberId));
    expect(rows[0]?.textDigest).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is not kept of a run that the limits refuse', async () => {
    const [id] = await twoOf('ten_refused');
    for (let run = 0; run < 10; run += 1) await open(id);
    expect(await open(id, START_MS + 1, 'somebody else')).toMatchObject({ kind: 'exhausted' });
    expect((await consentsOf(id)).map(({ person }) => person)).toEqual(['the owner']);
  });
});
