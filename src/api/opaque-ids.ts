/** Makes our opaque ids. */
import { randomBytes } from 'node:crypto';

const RANDOM_BYTES = 16;

/** `num_…`, `dlg_…`, `chk_…`: 128 random bits, so that an id cannot be guessed. */
export function newId(prefix: 'num' | 'dlg' | 'chk'): string {
  return `${prefix}_${randomBytes(RANDOM_BYTES).toString('base64url')}`;
}
