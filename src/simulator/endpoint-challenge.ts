/** What Meta does when a callback URL is saved: the endpoint must give the bare challenge back, at that moment. */
import { nowMsOf } from './local-meta.ts';
import type { LocalMeta } from './local-meta.ts';

const ANSWER_WITHIN_MS = 10_000;

export interface Verified {
  readonly isVerified: boolean;
  readonly status: number | null;
}

export async function challengeEndpoint(meta: LocalMeta, callbackUrl: string, verifyToken: string): Promise<Verified> {
  const challenge = String(1_158_000_000 + (nowMsOf(meta) % 1_000_000));
  try {
    const url = new URL(callbackUrl);
    url.searchParams.set('hub.mode', 'subscribe');
    url.searchParams.set('hub.challenge', challenge);
    url.searchParams.set('hub.verify_token', verifyToken);
    const response = await fetch(url, {
      signal: AbortSignal.any([meta.closing, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
    });
    const isVerified = response.status === 200 && (await response.text()) === challenge;
    return { isVerified, status: response.status };
  } catch {
    return { isVerified: false, status: null };
  }
}
