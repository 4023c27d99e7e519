/** Seals what must be readable again but never at rest: JWE with A256GCM, bound to its tenant and record. */
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader, errors } from 'jose';

export interface EncryptionKey {
  /** Written beside each sealed record, so that keys can be rotated. */
  readonly keyId: string;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

/** What a sealed text belongs to. It is part of the authenticated header: moved elsewhere, the text does not open. */
export interface SecretPlace {
  readonly tenantId: string;
  readonly record: string;
}

export interface SecretBox {
  seal(place: SecretPlace, secret: string): Promise<string>;
  /** Throws `SecretUnreadable` when the key is unknown, the text was changed, or it belongs elsewhere. */
  open(place: SecretPlace, sealed: string): Promise<string>;
  /** Whether it is sealed with the first key; what is not is to be sealed anew before its key is taken out. */
  isSealedNow(sealed: string): boolean;
}

export class SecretUnreadable extends Error {
  override readonly name = 'SecretUnreadable';
}

/** The first key seals, every key opens: a new key goes first, the old one leaves when nothing is sealed with it. */
export function createSecretBox(keys: readonly EncryptionKey[]): SecretBox {
  const [first] = keys;
  if (first === undefined) throw new Error('a secret box needs at least one encryption key');
  const byId = new Map(keys.map(({ keyId, key }) => [keyId, key]));

  return {
    seal: ({ tenantId, record }, secret) =>
      new CompactEncrypt(new TextEncoder().encode(secret))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: first.keyId, tenant: tenantId, record })
        .encrypt(first.key),
    open: async ({ tenantId, record }, sealed) => {
      const { plaintext, protectedHeader } = await decrypt(sealed, byId);
      if (protectedHeader['tenant'] !== tenantId || protectedHeader['record'] !== record) {
        throw new SecretUnreadable('sealed for another place');
      }
      return new TextDecoder().decode(plaintext);
    },
    isSealedNow: (sealed) => decodeProtectedHeader(sealed).kid === first.keyId,
  };
}

async function decrypt(sealed: string, keys: ReadonlyMap<string, Uint8Array>): ReturnType<typeof compactDecrypt> {
  const keyOf = ({ kid }: { kid?: string }): Uint8Array => {
    const key = kid === undefined ? undefined : keys.get(kid);
    if (key === undefined) throw new SecretUnreadable('sealed with a key that is not configured');
    return key;
  };
  try {
    return await compactDecrypt(sealed, keyOf, {
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
    });
  } catch (error) {
    if (error instanceof errors.JOSEError) throw new SecretUnreadable('not sealed by us, or changed', { cause: error });
    throw error;
  }
}
