/** Answers whether Meta sent a webhook: its signature over the raw bytes, and its one-time handshake of an endpoint. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** Meta writes 64 lower-case hex digits; anything else is refused before a hash is made. Source: M9. */
const SIGNATURE = /^sha256=([0-9a-f]{64})$/;

/**
 * Constant in time over all secrets: several are valid while one is being rotated. The body must be the received bytes,
 * because parsing and writing again changes Meta's escapes. A header that came twice is refused.
 */
export function isSignedBy(
  secrets: readonly string[],
  rawBody: Buffer,
  header: string | readonly string[] | undefined,
): boolean {
  const hex = typeof header === 'string' ? SIGNATURE.exec(header)?.[1] : undefined;
  if (hex === undefined) return false;
  const claimed = Buffer.from(hex, 'hex');
  let isSigned = false;
  for (const secret of secrets) {
    // An empty secret would let anyone sign.
    if (secret !== '' && timingSafeEqual(hmacOf(secret, rawBody), claimed)) isSigned = true;
  }
  return isSigned;
}

/** The challenge to echo as the bare body of a 200, or null: the handshake is not ours and answers 403. Source: M9. */
export function challengeOf(query: Readonly<Record<string, unknown>>, verifyToken: string): string | null {
  const { 'hub.mode': mode, 'hub.challenge': challenge, 'hub.verify_token': token } = query;
  if (mode !== 'subscribe' || typeof challenge !== 'string' || typeof token !== 'string') return null;
  if (challenge === '' || verifyToken === '') return null;
  return isSameText(token, verifyToken) ? challenge : null;
}

function hmacOf(secret: string, rawBody: Buffer): Buffer {
  return createHmac('sha256', secret).update(rawBody).digest();
}

/** Compares digests, so that neither content nor length shows in the time taken. */
function isSameText(left: string, right: string): boolean {
  const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digestOf(left), digestOf(right));
}
