/** What a key may do: a tenant's backend acts for its own numbers, an operator looks after the fleet. */
export const KEY_ROLES = ['backend', 'operator'] as const;
export type KeyRole = (typeof KEY_ROLES)[number];
