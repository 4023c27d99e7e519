/** `tandem tenant add`: makes a further tenant and prints its key, this once; only its hash is kept. */
import { makeApiKey } from '../launch/secrets.ts';
import { LaunchError } from '../launch/launch-error.ts';
import type { Env } from '../env.ts';
import { addTenant } from './processes.ts';

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
  await addTenant(env, { id, name, isEntitled: entitled ? true : null, apiKey });
  console.log(`Tenant   ${id}`);
  console.log(`API key  ${apiKey}`);
  console.log('The key is shown this once: keep it where secrets are kept.');
}
