/** Whether other services may send through the number now: derived on every read, never stored. */
import type { Snapshot } from './snapshot.ts';

export const GATE_REASONS = ['not-connected', 'paused', 'access-lost'] as const;
export const GATE_WARNINGS = ['unverified', 'leaving', 'at-risk', 'replies-may-be-lost'] as const;

export interface SendGate {
  replies: boolean;
  templates: boolean;
  utility: boolean;
  /** Why it is shut; null when open. */
  reason: (typeof GATE_REASONS)[number] | null;
  /** When that may end by itself; null where no date is known. */
  untilMs: number | null;
  warnings: readonly (typeof GATE_WARNINGS)[number][];
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
