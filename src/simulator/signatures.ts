/** Meta's two keyed hashes and the exact bytes that a webhook is signed over. */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** Meta writes every non-ASCII UTF-16 unit as lowercase `\uXXXX`; the signature covers these bytes. */
export function serializeAsMeta(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Value of `X-Hub-Signature-256`. */
export function webhookSignatureOf(rawBody: string, appSecret: string): string {
  return `sha256=${hexHmac(appSecret, rawBody)}`;
}

export function appSecretProofOf(accessToken: string, appSecret: string): string {
  return hexHmac(appSecret, accessToken);
}

export function isSameText(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function hexHmac(key: string, text: string): string {
  return createHmac('sha256', key).update(text, 'utf8').digest('hex');
}
