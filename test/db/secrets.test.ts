import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { credentials, dialogRuns } from '../../src/db/schema-signup.ts';
import { createSecretBox, SecretUnreadable } from '../../src/db/secret-box.ts';
import { dialogRunId } from '../../src/domain/ids.ts';
import { claimNumber, createNumber, gone, ids, live, recordOf, START_MS } from './builders.ts';
import { useDatabase } from './database.ts';

const bench = useDatabase();
const old = { keyId: 'old', key: new Uint8Array(32).fill(1) };
const fresh = { keyId: 'new', key: new Uint8Array(32).fill(2) };
const place = { tenantId: 'ten_a', record: 'credential/1' };

describe('a secret box', () => {
  it('opens what it sealed, and only at the same tenant and record', async () => {
    const box = createSecretBox([old]);
    const sealed = await box.seal(place, 'EAAG-token');
    expect(sealed).not.toContain('EAAG-token');
    expect(await box.open(place, sealed)).toBe('EAAG-token');
    await expect(box.open({ ...place, tenantId: 'ten_b' }, sealed)).rejects.toThrow(SecretUnreadable);
    await expect(box.open({ ...place, record: 'credential/2' }, sealed)).rejects.toThrow(SecretUnreadable);
  });

  it('seals with the first key and opens with every key', async () => {
    const sealedOld = await createSecretBox([old]).seal(place, 'secret');
    const rotated = createSecretBox([fresh, old]);
    expect(await rotated.open(place, sealedOld)).toBe('secret');
    const sealedNew = await rotated.seal(place, 'secret');
    await expect(createSecretBox([old]).open(place, sealedNew)).rejects.toThrow(SecretUnreadable);
    expect(await createSecretBox([fresh]).open(place, sealedNew)).toBe('secret');
    expect([rotated.isSealedNow(sealedOld), rotated.isSealedNow(sealedNew)]).toEqual([false, true]);
  });

  it('refuses a changed text', async () => {
    const box = createSecretBox([old]);
    const sealed = await box.seal(place, 'secret');
    const changed = sealed.slice(0, -1) + (sealed.endsWith('A') ? 'Q' : 'A');
    await expect(box.open(place, changed)).rejects.toThrow(SecretUnreadable);
  });
});

const DISCLOSURE = { version: 1, by: 'the owner' };
const LIMITS = { windowMs: 3_600_000, perNumber: 99, perTenant: 999 };

async function exchanged(attempt = 1) {
  const id = ids();
  await createNumber(bench, id);
  const run = dialogRunId(`dlg_${id.numberId}`);
  const key = { numberId: id.numberId, cycle: 1, attempt };
  await bench.stores.dialogRuns.open(
    {
      dialogRunId: run,
      ...key,
      openedAtMs: START_MS,
      expiresAtMs: START_MS + 3_600_000,
      disclosure: DISCLOSURE,
    },
    LIMITS,
  );
  const claim = { dialogRunId: run, tenantId: id.tenantId, cycle: 1, attempt };
  await bench.stores.dialogRuns.acceptCode(claim, 'AQB-code', START_MS + 1);
  await bench.stores.credentials.intendExchange(key, run, START_MS + 2);
  return { id, run, key, claim };
}

describe('credentials', () => {
  it('keep the code until it was exchanged, and then forget it', async () => {
    const { run, key, claim } = await exchanged();
    const { credentials: store } = bench.stores;
    expect(await store.readCode(run)).toEqual({ code: 'AQB-code', receivedAtMs: START_MS + 1 });
    expect(await store.intendExchange(key, run, START_MS + 3)).toBe(1);
    expect(await store.hasCandidate(key)).toBe(false);
    await store.keepCandidate(key, run, { accessToken: 'EAAG-1', expiresAtMs: null });
    await store.keepCandidate(key, run, { accessToken: 'EAAG-1', expiresAtMs: null });
    expect(await store.readCode(run)).toBeNull();
    expect(await store.readCandidate(key)).toBe('EAAG-1');
    expect(await store.readCurrent(key.numberId)).toBeNull();
    expect(await bench.stores.dialogRuns.acceptCode(claim, 'AQB-code', START_MS + 9)).toMatchObject({ kind: 'same' });
  });

  it('lie sealed: neither code nor token is in a row', async () => {
    const { run, key } = await exchanged();
    const [codeRow] = await bench.store.db.select().from(dialogRuns).where(eq(dialogRuns.dialogRunId, run));
    expect(JSON.stringify(codeRow)).not.toContain('AQB-code');
    await bench.stores.credentials.keepCandidate(key, run, { accessToken: 'EAAG-2', expiresAtMs: null });
    const [tokenRow] = await bench.store.db.select().from(credentials).where(eq(credentials.numberId, key.numberId));
    expect(JSON.stringify(tokenRow)).not.toContain('EAAG-2');
  });

  it('do not open in the row of another tenant', async () => {
    const { run, key } = await exchanged();
    await bench.stores.credentials.keepCandidate(key, run, { accessToken: 'EAAG-3', expiresAtMs: null });
    const isRow = eq(credentials.numberId, key.numberId);
    await bench.store.db
      .update(credentials)
      .set({ tenantId: ids('ten_b').tenantId })
      .where(isRow);
    await expect(bench.stores.credentials.readCandidate(key)).rejects.toThrow(SecretUnreadable);
  });

  it('change hands when the link goes live: the candidate becomes current, the older one is erased', async () => {
    const { id, run, key } = await exchanged();
    const { credentials: store, projection, dialogRuns: runs } = bench.stores;
    await store.keepCandidate(key, run, { accessToken: 'EAAG-first', expiresAtMs: null });
    await claimNumber(bench, id);
    await projection.record(recordOf(live(id), { goesLive: { attempt: 1, evidenceAtMs: START_MS } }), 'run-1');
    expect(await store.readCurrent(id.numberId)).toBe('EAAG-first');
    expect(await store.forgetCandidate(key, null)).toBe('not-needed');

    const again = { numberId: id.numberId, cycle: 2, attempt: 1 };
    const second = dialogRunId(`dlg_${id.numberId}_2`);
    await runs.open(
      {
        dialogRunId: second,
        ...again,
        openedAtMs: START_MS,
        expiresAtMs: START_MS + 1,
        disclosure: DISCLOSURE,
      },
      LIMITS,
    );
    await store.intendExchange(again, second, START_MS);
    await store.keepCandidate(again, second, { accessToken: 'EAAG-second', expiresAtMs: null });
    expect(await store.readCurrent(id.numberId)).toBe('EAAG-first');
    const renewed = recordOf(live(id, { cycle: 2 }), { sequence: 2, goesLive: { attempt: 1, evidenceAtMs: START_MS } });
    await projection.record(renewed, 'run-1');
    expect(await store.readCurrent(id.numberId)).toBe('EAAG-second');
    expect(await store.readCandidate(key)).toBeNull();
    expect(await store.forgetCurrent(id.numberId)).toBe('done');
    expect(await store.forgetCurrent(id.numberId)).toBe('not-needed');
  });

  it('are all erased when the record closes', async () => {
    const { id, run, key } = await exchanged();
    await bench.stores.credentials.keepCandidate(key, run, { accessToken: 'EAAG-4', expiresAtMs: null });
    await bench.stores.projection.record(recordOf({ ...gone(id, 'forgotten'), closed: 'retired' }), 'run-1');
    expect(await bench.stores.credentials.readCandidate(key)).toBeNull();
  });

  it('tell the signup result of the attempt', async () => {
    const { id, key, claim } = await exchanged();
    expect(await bench.stores.credentials.readSignupResult(key)).toBeNull();
    const result = { ending: 'coexistence', wabaId: id.wabaId } as const;
    await bench.stores.dialogRuns.acceptResult(claim, result, START_MS + 5);
    expect(await bench.stores.credentials.readSignupResult(key)).toEqual(result);
  });

  it('tell it to the next attempt too, where that exchanged the code of the run (AT14)', async () => {
    const { id, run, key, claim } = await exchanged();
    const { credentials: store, dialogRuns: runs } = bench.stores;
    const result = { ending: 'coexistence', wabaId: id.wabaId } as const;
    await runs.acceptResult(claim, result, START_MS + 5);
    const next = { ...key, attempt: 2 };
    expect(await store.readSignupResult(next)).toBeNull();
    await store.intendExchange(next, run, START_MS + 6);
    expect(await store.readSignupResult(next)).toEqual(result);
  });

  it('forget the codes of an attempt, save the one with which the next begins (AT14)', async () => {
    const { run, key } = await exchanged();
    const { credentials: store } = bench.stores;
    expect(await store.forgetCandidate(key, run)).toBe('not-needed');
    expect(await store.readCode(run)).not.toBeNull();
    const next = { ...key, attempt: 2 };
    await store.intendExchange(next, run, START_MS + 6);
    expect(await store.forgetCandidate(next, null)).toBe('done');
    expect(await store.readCode(run)).toBeNull();
  });
});
