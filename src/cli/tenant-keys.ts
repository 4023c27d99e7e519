/** `tandem tenant keys | add-key | revoke-key`: the keys of a tenant's backend, by their ids. */
import { hashOfKey } from '../api/plugins/api-key.ts';
import { addKey, listKeyIds, revokeKey } from '../db/api-keys.ts';
import type { Store } from '../db/connect.ts';
import { tenantId } from '../domain/ids.ts';
import type { Env } from '../env.ts';
import { LaunchError } from '../launch/launch-error.ts';
import { makeApiKey } from '../launch/secrets.ts';
import { printKey } from './add-tenant.ts';
import { signedAtCommandLine, withStore } from './processes.ts';

/** As `tandem tenant keys` prints it; anything shorter could mean several keys. */
const KEY_ID = /^[0-9a-f]{12}$/;

export async function printKeyIds(env: Env, { id }: { id: string }): Promise<void> {
  const ids = await withStore(env, (store) => listKeyIds(store, tenantId(id)));
  if (ids.length === 0) console.log(`${id} has no valid key.`);
  for (const keyId of ids) console.log(`Key id   ${keyId}`);
}

export async function printNewKey(env: Env, { id }: { id: string }): Promise<void> {
  const apiKey = makeApiKey();
  const key = { tenantId: tenantId(id), keyHash: hashOfKey(apiKey) };
  if ((await withStore(env, (store) => addKey(store, key, signedAtCommandLine()))) === 'unknown') {
    throw new LaunchError({
      cause: `there is no tenant ${id}: nothing was changed`,
      remedy: 'check the id, or make the tenant first',
      next: `tandem tenant add --id ${id} --name "Example"`,
    });
  }
  printKey(id, apiKey);
}

export async function revokeOneKey(env: Env, { id, key: keyId }: { id: string; key: string }): Promise<void> {
  const key = { tenantId: tenantId(id), keyId };
  const revoke = (store: Store): Promise<boolean> => revokeKey(store, key, signedAtCommandLine());
  const isRevoked = KEY_ID.test(keyId) && (await withStore(env, revoke));
  if (!isRevoked) {
    throw new LaunchError({
      cause: `${id} has no valid key with the id ${keyId}: nothing was changed`,
      remedy: 'take one of the ids that are listed; never the key itself',
      next: `tandem tenant keys --id ${id}`,
    });
  }
  console.log(`Revoked  ${keyId} of ${id}: it opens nothing from now on.`);
}
