/** Keeps a phone number with one number under care, and a WABA with one tenant, whoever races for them. */
import { and, eq, inArray, ne, not, or, sql } from 'drizzle-orm';
import type { Clock } from '../domain/clock.ts';
import type { FactEnvelope } from '../domain/facts.ts';
import type { HandedOver } from '../domain/hand-over.ts';
import type { NumberId, PhoneNumberId, TenantId, WabaId } from '../domain/ids.ts';
import { phoneNumberId } from '../domain/ids.ts';
import { DAY_MS, POLICY } from '../domain/policy.ts';
import type { ExpectedAccount } from '../domain/expectations.ts';
import { keepAccount, keepCandidates } from './accounts.ts';
import { releaseClaims } from './claim-ends.ts';
import { storable } from './columns.ts';
import { noteMoment } from './connect-times.ts';
import type { Executor, Store } from './connect.ts';
import { noteOtherBusiness } from './dialog-ledger.ts';
import { expectedOf } from './expectations.ts';
import { handOver, isWithoutLink, takenOverBy, type Giver } from './hand-over.ts';
import { lockIds, lockWaba } from './id-locks.ts';
import { takeParked } from './parked-facts.ts';
import { numbers } from './schema-numbers.ts';
import { attemptFindings, claims } from './schema-signup.ts';
import { isNeededBySetAside } from './yielded-claims.ts';

interface AttemptKey {
  numberId: NumberId;
  cycle: number;
  attempt: number;
}

interface Finding {
  wabaId: WabaId;
  phoneNumberId: PhoneNumberId;
  digits: string;
  verifiedName: string | null;
}

type Claimed =
  | { kind: 'claimed'; parked: readonly FactEnvelope[] }
  | { kind: 'held-elsewhere' }
  | { kind: 'duplicate'; of: NumberId };

interface Claims {
  keepFinding(key: AttemptKey, finding: Finding): Promise<void>;
  keepCandidates(key: AttemptKey, waba: WabaId, listed: Parameters<typeof keepCandidates>[2]): Promise<void>;
  keepAccount(numberId: NumberId, waba: WabaId, account: Parameters<typeof keepAccount>[2]): Promise<void>;
  noteOtherBusiness(key: AttemptKey): Promise<void>;
  readExpectations(
    numberId: NumberId,
    waba: WabaId,
  ): Promise<{
    expectedDigits: string | null;
    heldIds: readonly PhoneNumberId[];
    expectedAccount: ExpectedAccount | null;
  }>;
  claim(key: AttemptKey, tenant: TenantId, told: HandedOver): Promise<Claimed>;
  release(key: AttemptKey): Promise<'done' | 'not-needed'>;
  withWaba<Result>(waba: WabaId, numberId: NumberId, act: (isNeeded: boolean) => Promise<Result>): Promise<Result>;
}

type FindingRow = typeof attemptFindings.$inferSelect;

const UNROUTED_MS = POLICY.unroutedDays.value * DAY_MS;

export function createClaims({ db, lockDb, secretBox }: Store, { clock }: { clock: Clock }): Claims {
  return {
    keepFinding: (key, finding) =>
      db.transaction(async (tx) => {
        await keepFinding(tx, key, finding);
        await noteMoment(tx, key, { moment: 'number-found', atMs: clock.nowMs() });
      }),
    keepCandidates: (key, waba, listed) => db.transaction((tx) => keepCandidates(tx, { ...key, wabaId: waba }, listed)),
    keepAccount: (numberId, waba, account) => keepAccount(db, { numberId, wabaId: waba }, account),
    noteOtherBusiness: (key) => noteOtherBusiness(db, key),
    readExpectations: (numberId, waba) => readExpectations(db, numberId, waba),
    claim: async (key, tenant, told) => {
      const claimer = { ...key, tenantId: tenant, handOver: told, secretBox };
      try {
        return await db.transaction(async (tx) => {
          const claimed = await claim(tx, claimer, clock.nowMs() - UNROUTED_MS);
          const done = { moment: 'number-claimed', atMs: clock.nowMs() } as const;
          if (claimed.kind === 'claimed') await noteMoment(tx, key, done);
          return claimed;
        });
      } catch (error) {
        if (error instanceof HeldElsewhere) return { kind: 'held-elsewhere' };
        throw error;
      }
    },
    release: (key) => db.transaction((tx) => releaseClaims(tx, key)),
    withWaba: (waba, numberId, act) =>
      lockDb.transaction(async (tx) => {
        await lockWaba(tx, waba);
        return act(await isNeededByAnother(tx, waba, numberId));
      }),
  };
}

/** Ends the transaction of a claim that lost, so that nothing of it stays. */
class HeldElsewhere extends Error {}

async function keepFinding(db: Executor, key: AttemptKey, finding: Finding): Promise<void> {
  const { wabaId, digits } = finding;
  const verifiedName = finding.verifiedName === null ? null : storable(finding.verifiedName);
  await db.execute(sql`
    insert into attempt_findings
      (number_id, cycle, attempt, tenant_id, waba_id, phone_number_id, digits, verified_name)
    select number_id, ${key.cycle}, ${key.attempt}, tenant_id, ${wabaId}, ${finding.phoneNumberId}, ${digits}, ${verifiedName}
    from numbers where number_id = ${key.numberId}
    on conflict (number_id, cycle, attempt) do update set
      waba_id = excluded.waba_id, phone_number_id = excluded.phone_number_id,
      digits = excluded.digits, verified_name = excluded.verified_name`);
}

async function readExpectations(
  db: Executor,
  numberId: NumberId,
  waba: WabaId,
): ReturnType<Claims['readExpectations']> {
  const [own] = await db.select().from(numbers).where(eq(numbers.numberId, numberId));
  const held = await db
    .select({ value: claims.value })
    .from(claims)
    .innerJoin(numbers, eq(numbers.numberId, claims.numberId))
    .where(
      and(
        eq(claims.kind, 'phone-number-id'),
        eq(claims.wabaId, waba),
        ne(claims.numberId, numberId),
        inArray(numbers.linkState, ['live', 'suspended']),
      ),
    )
    .orderBy(claims.value);
  const expectedAccount = (await expectedOf(db, [numberId])).get(numberId) ?? null;
  const heldIds = held.map(({ value }) => phoneNumberId(value));
  return { expectedDigits: own?.invitedDigits ?? null, heldIds, expectedAccount };
}

/** Locks first, in one order for all; then looks; then writes. */
type Claimer = AttemptKey & Pick<Giver, 'tenantId' | 'handOver' | 'secretBox'>;

async function claim(tx: Executor, claimer: Claimer, sinceMs: number): Promise<Claimed> {
  const { handOver: told, secretBox, ...key } = claimer;
  const [finding] = await tx
    .select()
    .from(attemptFindings)
    .where(
      and(
        eq(attemptFindings.numberId, key.numberId),
        eq(attemptFindings.cycle, key.cycle),
        eq(attemptFindings.attempt, key.attempt),
      ),
    );
  if (finding === undefined) throw new Error('nothing found yet that could be claimed');
  await lockIds(tx, [finding], 'claim');
  const duplicate = await duplicateOf(tx, { key, tenantId: key.tenantId, finding, handOver: told, secretBox });
  if (duplicate !== null) return { kind: 'duplicate', of: duplicate };

  const dormant = await dormantHolders(tx, finding);
  await assertWabaIsFree(tx, { wabaId: finding.wabaId, tenantId: key.tenantId, yielding: dormant });
  // set aside: the number keeps what it needs to be given them back (releaseClaim)
  if (dormant.length > 0) await tx.delete(claims).where(isLinkOf(dormant));
  await takeClaims(tx, finding, key);

  const isAlone = !(await isClaimedByAnother(tx, finding.wabaId, key.numberId));
  return { kind: 'claimed', parked: await takeParked(tx, key, { finding, sinceMs, isAlone }) };
}

/** ST5: a number of the same tenant holds the ids, alone: it takes the attempt over, unless it is busy (AT38). */
async function duplicateOf(tx: Executor, giver: Giver): Promise<NumberId | null> {
  const { finding, key, tenantId } = giver;
  const earlier = await takenOverBy(tx, key);
  if (earlier !== null) return earlier;
  const holders = await tx
    .selectDistinct({ numberId: claims.numberId, tenantId: claims.tenantId })
    .from(claims)
    .where(and(namesFound(finding), ne(claims.numberId, finding.numberId)));
  const [holder, ...others] = holders;
  if (!holder || others.length > 0 || holder.tenantId !== tenantId) return null;
  if (!(await isWithoutLink(tx, key.numberId))) return null;
  await assertWabaIsFree(tx, { wabaId: finding.wabaId, tenantId, yielding: [] });
  const receiver = await handOver(tx, giver, holder.numberId);
  if (receiver) await takeClaims(tx, finding, { ...receiver, tenantId });
  return holder.numberId;
}

const namesFound = ({ digits, phoneNumberId: phone }: FindingRow) =>
  or(
    and(eq(claims.kind, 'digits'), eq(claims.value, digits)),
    and(eq(claims.kind, 'phone-number-id'), eq(claims.value, phone)),
  );

/** An attempt's claim on another number does not yield with the link's. */
const isLinkOf = (holders: NumberId[]) => sql`(${inArray(claims.numberId, holders)} and ${claims.isLinked})`;

/** Other numbers that hold the ids over a link that is gone: they yield. Any other holder ends the claim. */
async function dormantHolders(tx: Executor, finding: FindingRow): Promise<NumberId[]> {
  const holders = await tx
    .select({ numberId: claims.numberId, isLinked: claims.isLinked, linkState: numbers.linkState })
    .from(claims)
    .innerJoin(numbers, eq(numbers.numberId, claims.numberId))
    .where(and(namesFound(finding), ne(claims.numberId, finding.numberId)))
    .orderBy(claims.kind, claims.value);
  if (holders.some(({ isLinked, linkState }) => !isLinked || linkState !== 'gone')) throw new HeldElsewhere();
  return holders.map(({ numberId }) => numberId);
}

/**
 * A WABA belongs to the tenant whose claims lie in it and goes with the last of them; those that are about to yield no
 * longer hold it. NOTE: no unique key can say this; the lock of the WABA's id, taken before, decides the race.
 */
async function assertWabaIsFree(
  tx: Executor,
  { wabaId, tenantId, yielding }: { wabaId: WabaId; tenantId: TenantId; yielding: NumberId[] },
): Promise<void> {
  const stays = yielding.length === 0 ? undefined : not(isLinkOf(yielding));
  const [foreign] = await tx
    .select({ numberId: claims.numberId })
    .from(claims)
    .where(and(eq(claims.wabaId, wabaId), ne(claims.tenantId, tenantId), stays))
    .limit(1);
  if (foreign !== undefined) throw new HeldElsewhere();
}

async function takeClaims(tx: Executor, finding: FindingRow, key: AttemptKey & { tenantId: TenantId }): Promise<void> {
  const own = { ...key, wabaId: finding.wabaId, isLinked: false };
  const taken = await tx
    .insert(claims)
    .values([
      { ...own, kind: 'digits', value: finding.digits },
      { ...own, kind: 'phone-number-id', value: finding.phoneNumberId },
    ])
    .onConflictDoUpdate({
      target: [claims.kind, claims.value],
      set: {
        wabaId: finding.wabaId,
        cycle: key.cycle,
        attempt: key.attempt,
        // A repeat of the attempt that made the link leaves the claim linked.
        isLinked: sql`${claims.isLinked} and ${claims.cycle} = ${key.cycle} and ${claims.attempt} = ${key.attempt}`,
      },
      setWhere: eq(claims.numberId, key.numberId),
    })
    .returning();
  if (taken.length < 2) throw new HeldElsewhere();
}

/** Live, suspended, held or past its claim: all of these hold a claim, or have it set aside, until the credential is forgotten. */
async function isNeededByAnother(tx: Executor, waba: WabaId, numberId: NumberId): Promise<boolean> {
  return (await isClaimedByAnother(tx, waba, numberId)) || isNeededBySetAside(tx, waba, numberId);
}

async function isClaimedByAnother(tx: Executor, waba: WabaId, numberId: NumberId): Promise<boolean> {
  const [other] = await tx
    .select({ numberId: claims.numberId })
    .from(claims)
    .where(and(eq(claims.wabaId, waba), ne(claims.numberId, numberId)))
    .limit(1);
  return other !== undefined;
}
