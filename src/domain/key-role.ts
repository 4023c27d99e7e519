/** What a key may do: a tenant's backend acts for its own numbers, an operator looks after the fleet. */
export const KEY_ROLES = ['backend', 'operator'] as const;
export type KeyRole = (typeof KEY_ROLES)[number];

/** Who can act: by a key of one of these roles, or at the command line, where there is no key. */
export const ACTORS = [...KEY_ROLES, 'cli'] as const;
export type Actor = (typeof ACTORS)[number];

/** Enough to tell the keys of a fleet apart, and nothing by which a key could be found. */
const KEY_ID_CHARACTERS = 12;

/** The name of a key wherever people must tell it from others: the beginning of its SHA-256 in hex, never of the key. */
export function keyIdOf(keyHash: string): string {
  return keyHash.slice(0, KEY_ID_CHARACTERS);
}
