/** The secret that a tenant's events are signed with: made with the tenant, sealed at rest, shown once, changed at will. */
import { randomBytes } from 'node:crypto';
import { and, eq, isNull, sql } from 'drizzle-orm';
import type { TenantId } from '../domain/ids.ts';
import { DAY_MS } from '../domain/policy.ts';
import { keepAct, type Signed } from './audit.ts';
import type { Executor, Store } from './connect.ts';
import { eventSecrets } from './schema-events.ts';
import { tenants } from './schema-tenants.ts';
import type { SecretBox, SecretPlace } from './secret-box.ts';

/** Source: Standard Webhooks 1.0, between 24 and 64 bytes, written in base64 after its prefix. */
const SECRET_BYTES = 32;
const PREFIX = 'whsec_';
/** How long the former secret signs beside the new one. Ours, 2026-11. */
const FORMER_MS = DAY_MS;

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
  const { secretSealed, formerSealed, formerUntilMs } = row;
  const isFormerValid = formerSealed !== null && formerUntilMs !== null && nowMs < formerUntilMs;
  const sealed = isFormerValid ? [secretSealed, formerSealed] : [secretSealed];
  const secrets = await Promise.all(sealed.map((one) => secretBox.open(placeOf(tenantId), one)));
  const [secret] = secrets;
  if (secret !== undefined && !secretBox.isSealedNow(secretSealed)) {
    await sealAnew({ db, secretBox }, row, secret);
  }
  return secrets;
}

/** Before the key that it was sealed with is taken out of the settings. A secret that was changed meanwhile stays as it is. */
async function sealAnew(
  { db, secretBox }: Pick<Store, 'db' | 'secretBox'>,
  { tenantId, secretSealed }: typeof eventSecrets.$inferSelect,
  secret: string,
): Promise<void> {
  const isSame = and(eq(eventSecrets.tenantId, tenantId), eq(eventSecrets.secretSealed, secretSealed));
  const anew = await secretBox.seal(placeOf(tenantId), secret);
  await db.update(eventSecrets).set({ secretSealed: anew }).where(isSame);
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
        formerUntilMs: atMs + FORMER_MS,
      })
      .where(eq(eventSecrets.tenantId, tenantId));
    await keepAct(tx, signed, { act: 'event-secret-rotate', tenantId, given: {} });
    return secret;
  });
}

async function isTenant(tx: Executor, tenantId: TenantId): Promise<boolean> {
  return (await tx.select().from(tenants).where(eq(tenants.tenantId, tenantId))).length > 0;
}

async function readRow(db: Executor, tenantId: TenantId): Promise<typeof eventSecrets.$inferSelect | null> {
  const [row] = await db.select().from(eventSecrets).where(eq(eventSecrets.tenantId, tenantId));
  return row ?? null;
}
