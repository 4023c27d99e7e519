/** The secret that a tenant's events are signed with: made with the tenant, sealed at rest, shown once, changed at will. */
import { randomBytes } from 'node:crypto';
import { and, eq, isNull, sql } from 'drizzle-orm';
import { FORMER_SECRET_MS } from '../domain/events.ts';
import type { TenantId } from '../domain/ids.ts';
import { keepAct, type Signed } from './audit.ts';
import type { Executor, Store } from './connect.ts';
import { eventSecrets } from './schema-events.ts';
import { tenants } from './schema-tenants.ts';
import { SecretUnreadable, type SecretBox, type SecretPlace } from './secret-box.ts';

/** Source: Standard Webhooks 1.0, between 24 and 64 bytes, written in base64 after its prefix. */
const SECRET_BYTES = 32;
const PREFIX = 'whsec_';

const placeOf = (tenantId: TenantId): SecretPlace => ({ tenantId, record: 'event-secret' });

function newSecret(): string {
  return `${PREFIX}${randomBytes(SECRET_BYTES).toString('base64')}`;
}

/** A tenant that has one keeps it. */
export async function ensureEventSecret(tx: Executor, secretBox: SecretBox, tenantId: TenantId): Promise<void> {
  const secretSealed = await secretBox.seal(placeOf(tenantId), newSecret());
  await tx.insert(eventSecrets).values({ tenantId, secretSealed }).onConflictDoNothing();
}

/** What signs now, the newest first; a tenant of an earlier release gets its own here. */
export async function signingSecretsOf(
  { db, secretBox }: Pick<Store, 'db' | 'secretBox'>,
  tenantId: TenantId,
  nowMs: number,
): Promise<readonly string[]> {
  const known = await readRow(db, tenantId);
  if (known === null) await ensureEventSecret(db, secretBox, tenantId);
  const row = known ?? (await readRow(db, tenantId));
  if (row === null) throw new Error('the event secret of this tenant is gone: it was there a moment ago');
  const secret = await openPresent(secretBox, row);
  const former = await openFormer(secretBox, row, nowMs);
  await sealAnew({ db, secretBox }, row, { secret, former });
  return former === null ? [secret] : [secret, former];
}

type Row = typeof eventSecrets.$inferSelect;

/** Nothing can be signed without it: only a new one helps. */
async function openPresent(secretBox: SecretBox, { tenantId, secretSealed }: Row): Promise<string> {
  try {
    return await secretBox.open(placeOf(tenantId), secretSealed);
  } catch (error) {
    if (!(error instanceof SecretUnreadable)) throw error;
    const remedy = `tandem tenant event-secret --id ${tenantId} --rotate`;
    throw new SecretUnreadable(`event secret ${error.message}; make a new one: ${remedy}`, { cause: error });
  }
}

/** One that does not open is as if it were not there: where the present one did not open, a new one puts an end to it. */
async function openFormer(secretBox: SecretBox, row: Row, nowMs: number): Promise<string | null> {
  const { tenantId, formerSealed, formerUntilMs } = row;
  if (formerSealed === null || formerUntilMs === null || nowMs >= formerUntilMs) return null;
  try {
    return await secretBox.open(placeOf(tenantId), formerSealed);
  } catch (error) {
    if (error instanceof SecretUnreadable) return null;
    throw error;
  }
}

/** Before the key that they were sealed with is taken out of the settings. What was changed meanwhile stays as it is. */
async function sealAnew(
  { db, secretBox }: Pick<Store, 'db' | 'secretBox'>,
  { tenantId, secretSealed, formerSealed }: Row,
  { secret, former }: { secret: string; former: string | null },
): Promise<void> {
  const anew = async (sealed: string, text: string): Promise<string> =>
    secretBox.isSealedNow(sealed) ? sealed : secretBox.seal(placeOf(tenantId), text);
  const set = {
    secretSealed: await anew(secretSealed, secret),
    formerSealed: former === null || formerSealed === null ? formerSealed : await anew(formerSealed, former),
  };
  if (set.secretSealed === secretSealed && set.formerSealed === formerSealed) return;
  const isFormer =
    formerSealed === null ? isNull(eventSecrets.formerSealed) : eq(eventSecrets.formerSealed, formerSealed);
  const isSame = and(eq(eventSecrets.tenantId, tenantId), eq(eventSecrets.secretSealed, secretSealed), isFormer);
  await db.update(eventSecrets).set(set).where(isSame);
}

export type Shown = { kind: 'shown'; secret: string } | { kind: 'shown-before'; atMs: number } | { kind: 'unknown' };

/** Once, with its entry in the audit: whoever asks first gets it, and nobody after that. `unknown`: there is no such tenant. */
export async function showEventSecret({ db, secretBox }: Store, tenantId: TenantId, signed: Signed): Promise<Shown> {
  const { atMs } = signed;
  return db.transaction(async (tx) => {
    if (!(await isTenant(tx, tenantId))) return { kind: 'unknown' };
    await ensureEventSecret(tx, secretBox, tenantId);
    const isUnseen = and(eq(eventSecrets.tenantId, tenantId), isNull(eventSecrets.shownAtMs));
    const [taken] = await tx.update(eventSecrets).set({ shownAtMs: atMs }).where(isUnseen).returning();
    if (!taken) return { kind: 'shown-before', atMs: (await readRow(tx, tenantId))?.shownAtMs ?? atMs };
    await keepAct(tx, signed, { act: 'event-secret-show', tenantId, given: {} });
    return { kind: 'shown', secret: await secretBox.open(placeOf(tenantId), taken.secretSealed) };
  });
}

/** A new secret, told this once, with its entry in the audit; the one before it signs beside it for a day. Null: no such tenant. */
export async function rotateEventSecret(
  { db, secretBox }: Store,
  tenantId: TenantId,
  signed: Signed,
): Promise<string | null> {
  const { atMs } = signed;
  const secret = newSecret();
  const secretSealed = await secretBox.seal(placeOf(tenantId), secret);
  return db.transaction(async (tx) => {
    if (!(await isTenant(tx, tenantId))) return null;
    await ensureEventSecret(tx, secretBox, tenantId);
    await tx
      .update(eventSecrets)
      .set({
        secretSealed,
        shownAtMs: atMs,
        formerSealed: sql`${eventSecrets.secretSealed}`,
        formerUntilMs: atMs + FORMER_SECRET_MS,
      })
      .where(eq(eventSecrets.tenantId, tenantId));
    await keepAct(tx, signed, { act: 'event-secret-rotate', tenantId, given: {} });
    return secret;
  });
}

async function isTenant(tx: Executor, tenantId: TenantId): Promise<boolean> {
  return (await tx.select().from(tenants).where(eq(tenants.tenantId, tenantId))).length > 0;
}

async function readRow(db: Executor, tenantId: TenantId): Promise<Row | null> {
  const [row] = await db.select().from(eventSecrets).where(eq(eventSecrets.tenantId, tenantId));
  return row ?? null;
}
