/** `tandem tenant add`: makes a further tenant and prints its key, this once; only the key's hash is kept. */
import { makeApiKey } from '../launch/secrets.ts';
import { LaunchError } from '../launch/launch-error.ts';
import type { Env } from '../env.ts';
import { hashOfKey } from '../api/plugins/api-key.ts';
import { makeTenant } from '../db/tenants.ts';
import { keyIdOf } from '../domain/key-role.ts';
import { tenantId } from '../domain/ids.ts';
import { signedAtCommandLine, withStore } from './processes.ts';

export interface NewTenant {
  id: string;
  name: string;
  /** Without it operators decide later whether it may begin onboardings. */
  entitled: boolean;
}

/** An id that search attributes and paths can carry. */
const TENANT_ID = /^ten_[a-z0-9_-]{1,60}$/;

export async function printNewTenant(env: Env, { id, name, entitled }: NewTenant): Promise<void> {
  if (!TENANT_ID.test(id)) {
    throw new LaunchError({
      cause: `${id} is no id of a tenant`,
      remedy: 'write ten_ and up to 60 small letters, digits, - or _',
      next: 'tandem tenant add --id ten_example --name "Example"',
    });
  }
  const apiKey = makeApiKey();
  const tenant = { tenantId: tenantId(id), name, isEntitled: entitled ? true : null, apiKeyHash: hashOfKey(apiKey) };
  if ((await withStore(env, (store) => makeTenant(store, tenant, signedAtCommandLine()))) === 'there') {
    throw new LaunchError({
      cause: `the tenant ${id} is there already: nothing was changed, and no key was made`,
      remedy: 'make a further key of it, or have an operator change what it may do with PUT /v1/operator/tenants/{id}',
      next: `tandem tenant add-key --id ${id}`,
    });
  }
  printKey(id, apiKey);
}

/** The key itself this once, and the id by which it can be told and revoked. */
export function printKey(id: string, apiKey: string): void {
  console.log(`Tenant   ${id}`);
  console.log(`API key  ${apiKey}`);
  console.log(`Key id   ${keyIdOf(hashOfKey(apiKey))}`);
  console.log('The key is shown this once: keep it where secrets are kept.');
}
