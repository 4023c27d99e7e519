/** `tandem tenant event-secret`: what a tenant verifies its events with, printed once. */
import { rotateEventSecret, showEventSecret } from '../db/event-secrets.ts';
import { tenantId } from '../domain/ids.ts';
import type { Env } from '../env.ts';
import { LaunchError } from '../launch/launch-error.ts';
import { signedAtCommandLine, withStore } from './processes.ts';

interface Asked {
  id: string;
  rotate: boolean;
}

export async function printEventSecret(env: Env, { id, rotate }: Asked): Promise<void> {
  const signed = signedAtCommandLine();
  if (rotate) {
    const secret = await withStore(env, (store) => rotateEventSecret(store, tenantId(id), signed));
    if (secret === null) throw unknownTenant(id);
    return print(id, secret);
  }
  const shown = await withStore(env, (store) => showEventSecret(store, tenantId(id), signed));
  switch (shown.kind) {
    case 'unknown':
      throw unknownTenant(id);
    case 'shown-before':
      throw new LaunchError({
        cause: `the event secret of ${id} was shown on ${new Date(shown.atMs).toISOString()}: it is shown once`,
        remedy: 'take it from where it was kept, or make a new one; the one before signs beside it for a day',
        next: `tandem tenant event-secret --id ${id} --rotate`,
      });
    case 'shown':
      return print(id, shown.secret);
  }
}

function unknownTenant(id: string): LaunchError {
  return new LaunchError({
    cause: `there is no tenant ${id}: nothing was changed`,
    remedy: 'check the id, or make the tenant first',
    next: `tandem tenant add --id ${id} --name "Example"`,
  });
}

function print(id: string, secret: string): void {
  console.log(`Tenant        ${id}`);
  console.log(`Event secret  ${secret}`);
  console.log('The secret is shown this once: keep it where secrets are kept.');
}
