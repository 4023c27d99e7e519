/** Says at start that the key of the settings was taken back: it stays so, and nobody would know before a backend is refused. */
import { hashOfKey } from '../api/plugins/api-key.ts';
import { isRevokedKey } from '../db/api-keys.ts';
import type { Store } from '../db/connect.ts';
import { keyIdOf } from '../domain/key-role.ts';

type Warn = (fields: Record<string, unknown>, message: string) => void;

const REMEDY = 'make another with `tandem tenant add-key --id ten_first`, and put it into TANDEM_API_KEY';

/** The server starts all the same: other keys open it. A store that does not answer is told of elsewhere, and holds nothing up. */
export async function warnOfRevokedKey(store: Store, { apiKey, warn }: { apiKey: string; warn: Warn }): Promise<void> {
  const keyHash = hashOfKey(apiKey);
  const keyId = keyIdOf(keyHash);
  try {
    if (await isRevokedKey(store, keyHash)) {
      warn({ keyId, remedy: REMEDY }, 'the key in TANDEM_API_KEY was revoked: it opens nothing');
    }
  } catch (error) {
    warn({ keyId, reason: kindOf(error) }, 'could not look whether the key in TANDEM_API_KEY is still valid');
  }
}

/** The kind of the error alone, and of what lies behind it: the message of a query quotes the hash of the key. */
function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const { name, cause } = error;
  if (cause instanceof Error) return kindOf(cause);
  return 'code' in error && typeof error.code === 'string' ? `${name} ${error.code}` : name;
}
