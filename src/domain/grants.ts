/** The permissions that the owner gives in Meta's dialog: which are needed, which are missing (C14 to C17). */
import type { Grant } from './snapshot.ts';

/** Without either of them the number can be neither read nor messaged. Source: M14, checked 2026-11. */
export const NEEDED_SCOPES = ['whatsapp_business_management', 'whatsapp_business_messaging'] as const;

/** What the dialog's last page lists, in its order. Source: the guide, set-up step 7 (S34a to S34d), checked 2026-11. */
export const ASKED_SCOPES = ['business_management', ...NEEDED_SCOPES, 'whatsapp_business_manage_events'] as const;

/** Asked for and not given; needed or not. */
export function missingGrants(grants: readonly Grant[]): readonly string[] {
  return ASKED_SCOPES.filter((scope) => !grants.some((grant) => grant.scope === scope));
}
