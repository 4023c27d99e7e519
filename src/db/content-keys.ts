/** Names imported content by keyed digests: Meta's ids hold phone numbers, and a plain digest of those could be guessed. */
import { createHmac, randomBytes } from 'node:crypto';
import { eq } from 'drizzle-orm';
import type { NumberId, TenantId } from '../domain/ids.ts';
import type { ContentItem } from '../domain/news.ts';
import type { Executor } from './connect.ts';
import { contentKeys } from './schema-content.ts';
import { SecretUnreadable, type SecretBox } from './secret-box.ts';

/** The digest of an item's id, then that of its second one. */
type KeysOf = (item: ContentItem) => readonly string[];

const KEY_BYTES = 32;
/** Of hexadecimal digits: 128 bits. */
const DIGEST_CHARACTERS = 32;

const placeOf = (tenantId: TenantId) => ({ tenantId, record: 'content-key' });

/** The key of a tenant never changes, so that a message is known again after the encryption keys were rotated. */
export async function contentKeysOf(
  tx: Executor,
  { secretBox, tenantId, numberId }: { secretBox: SecretBox; tenantId: TenantId; numberId: NumberId },
): Promise<KeysOf> {
  const key = (await readKey(tx, secretBox, tenantId)) ?? (await keepKey(tx, secretBox, tenantId));
  const digestOf = (named: readonly string[]): string =>
    createHmac('sha256', key).update(JSON.stringify(named)).digest('hex').slice(0, DIGEST_CHARACTERS);
  return ({ kind, id, alsoId }) =>
    [id, alsoId].flatMap((one) => (one === null ? [] : [digestOf([numberId, kind, one])]));
}

/** Null where there is none yet, or where it must be sealed anew. */
async function readKey(tx: Executor, secretBox: SecretBox, tenantId: TenantId): Promise<Buffer | null> {
  const [row] = await tx.select().from(contentKeys).where(eq(contentKeys.tenantId, tenantId));
  return row !== undefined && secretBox.isSealedNow(row.sealed) ? keyIn(secretBox, row) : null;
}

/** Makes the key at first use, and seals it anew after a rotation: the row's lock lets one of several do so. */
async function keepKey(tx: Executor, secretBox: SecretBox, tenantId: TenantId): Promise<Buffer> {
  const made = randomBytes(KEY_BYTES);
  const seal = (key: Buffer): Promise<string> => secretBox.seal(placeOf(tenantId), key.toString('base64'));
  const isOwn = eq(contentKeys.tenantId, tenantId);
  await tx
    .insert(contentKeys)
    .values({ tenantId, sealed: await seal(made) })
    .onConflictDoNothing();
  const [row] = await tx.select().from(contentKeys).where(isOwn).for('update');
  if (row === undefined) throw new Error('the key was just kept');
  const known = await keyIn(secretBox, row);
  const key = known ?? made;
  if (known === null || !secretBox.isSealedNow(row.sealed))
    await tx
      .update(contentKeys)
      .set({ sealed: await seal(key) })
      .where(isOwn);
  return key;
}

/** Null where its encryption key is no longer configured: nor can what it has named be opened, so a new one may begin. */
async function keyIn(
  secretBox: SecretBox,
  { tenantId, sealed }: typeof contentKeys.$inferSelect,
): Promise<Buffer | null> {
  try {
    return Buffer.from(await secretBox.open(placeOf(tenantId), sealed), 'base64');
  } catch (error) {
    if (error instanceof SecretUnreadable) return null;
    throw error;
  }
}
