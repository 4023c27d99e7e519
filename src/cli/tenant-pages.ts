/** `tandem tenant pages`: which pages may speak for the owners of a tenant, and where they go on with a dialog that was left. */
import { isPageOrigin, isPageUrl, PAGE_ORIGINS_MAX } from '../api/page-origin.ts';
import { createTenants } from '../db/tenants.ts';
import { tenantId } from '../domain/ids.ts';
import type { Env } from '../env.ts';
import { LaunchError } from '../launch/launch-error.ts';
import { signedAtCommandLine, withStore } from './processes.ts';

export interface TenantPages {
  id: string;
  /** All of them, in place of those before. */
  origin?: readonly string[];
  url?: string;
}

/** Without a change it only tells. */
export async function setTenantPages(env: Env, { id, origin, url }: TenantPages): Promise<void> {
  const wrong = faultOf({ origin, url });
  if (wrong !== null) throw refused(wrong);
  const change = { ...(origin ? { pageOrigins: origin } : {}), ...(url === undefined ? {} : { pageUrl: url }) };
  const tenant = await withStore(env, (store) => {
    const tenants = createTenants(store);
    const isRead = Object.keys(change).length === 0;
    return isRead ? tenants.read(tenantId(id)) : tenants.change(tenantId(id), change, signedAtCommandLine());
  });
  if (tenant === null) {
    throw new LaunchError({
      cause: `there is no tenant ${id}: nothing was changed`,
      remedy: 'check the id, or make the tenant first',
      next: `tandem tenant add --id ${id} --name "Example"`,
    });
  }
  console.log(`Pages    ${tenant.pageOrigins.join(', ') || 'none: only its backend may speak for its owners'}`);
  console.log(`Resume   ${tenant.pageUrl ?? 'nowhere: no link is sent'}`);
}

function faultOf({ origin = [], url }: { origin: TenantPages['origin']; url: string | undefined }): string | null {
  if (origin.length > PAGE_ORIGINS_MAX) return `more than ${PAGE_ORIGINS_MAX} origins`;
  const wrong = origin.find((one) => !isPageOrigin(one));
  if (wrong !== undefined) return `${wrong} is no exact origin`;
  return url === undefined || isPageUrl(url) ? null : `${url} is no https address without a fragment`;
}

function refused(cause: string): LaunchError {
  return new LaunchError({
    cause: `${cause}: nothing was changed`,
    remedy: 'write scheme and host as the browser does, https alone but for this machine, and no wildcard',
    next: 'tandem tenant pages --id ten_example --origin https://shop.example --url https://shop.example/connect',
  });
}
