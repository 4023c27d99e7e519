/** Whether other services may send through the number now: derived on every read, never stored (lifecycle.md 10.2). */
import type { Snapshot } from './snapshot.ts';

export interface SendGate {
  replies: boolean;
  templates: boolean;
  utility: boolean;
  /** Why it is shut; null when open. */
  reason: 'not-connected' | 'paused' | 'access-lost' | null;
  /** When that may end by itself; null where no date is known. */
  untilMs: number | null;
  warnings: readonly ('unverified' | 'leaving' | 'at-risk' | 'replies-may-be-lost')[];
}

function shut(reason: NonNullable<SendGate['reason']>, untilMs: number | null): SendGate {
  return { replies: false, templates: false, utility: false, reason, untilMs, warnings: [] };
}

/** First match wins. */
export function sendGateOf(s: Snapshot): SendGate {
  if (s.closed !== 'no') return shut('not-connected', null);
  if (s.link.state === 'suspended') return shut('paused', s.link.pause?.untilMs ?? null);
  if (s.link.state !== 'live') return shut('not-connected', null);
  if (s.credential !== 'valid') return shut('access-lost', null);
  return { replies: true, templates: true, utility: true, reason: null, untilMs: null, warnings: warningsOf(s) };
}

function warningsOf(s: Snapshot): SendGate['warnings'] {
  return [
    ...(s.link.suspect ? (['unverified'] as const) : []),
    ...(s.leave.state !== 'none' ? (['leaving'] as const) : []),
    ...(s.activity.overdueSinceMs !== null ? (['at-risk'] as const) : []),
    ...(s.subscription?.found ? (['replies-may-be-lost'] as const) : []),
  ];
}
