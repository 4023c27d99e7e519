/** Signs the text of an event as Standard Webhooks 1.0 has it: HMAC-SHA256 over id, time and text. */
import { createHmac } from 'node:crypto';

/** Named as the headers are with which an event would be sent. */
export interface EventSignature {
  'webhook-id': string;
  /** Epoch seconds. */
  'webhook-timestamp': string;
  /** One `v1,…` for each secret that is valid, parted by spaces. */
  'webhook-signature': string;
}

const PREFIX = 'whsec_';

interface Signed {
  eventId: string;
  payload: string;
  /** When it is told: receivers refuse what was signed long ago. */
  nowMs: number;
}

export function signEvent({ eventId, payload, nowMs }: Signed, secrets: readonly string[]): EventSignature {
  const timestamp = String(Math.floor(nowMs / 1_000));
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
    return `v1,${createHmac('sha256', key).update(`${eventId}.${timestamp}.${payload}`).digest('base64')}`;
  });
  return { 'webhook-id': eventId, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}
