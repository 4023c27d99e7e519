/** Turns Meta's times (seconds) into ours, under the rule that no time of theirs may lie after our receipt (GR1). */

/** Coexistence began on 2025-02-11: no event of it can be older (GR1). */
const COEXISTENCE_BEGAN_MS = Date.UTC(2025, 1, 11);

/** How far an evidence of activity may lie ahead of our clock: tolerance for a wrong clock at the other end (GR1). */
const EVIDENCE_AHEAD_MS = 5 * 60_000;

export interface EventTime {
  occurredAtMs: number;
  isUntimed: boolean;
}

/** A time in the future becomes the receipt; an absent or absurd one too, and is marked. */
export function eventTimeOf(seconds: number | null, receivedAtMs: number): EventTime {
  const toldMs = plausibleMs(seconds);
  if (toldMs === null) return { occurredAtMs: receivedAtMs, isUntimed: true };
  return { occurredAtMs: Math.min(toldMs, receivedAtMs), isUntimed: false };
}

/** The newest of several times, at most five minutes after the receipt; the receipt where none can be read. */
export function newestEvidenceMs(allSeconds: Iterable<number | null>, receivedAtMs: number): number {
  let newest: number | null = null;
  for (const seconds of allSeconds) {
    const toldMs = plausibleMs(seconds);
    if (toldMs !== null && (newest === null || toldMs > newest)) newest = toldMs;
  }
  return newest === null ? receivedAtMs : Math.min(newest, receivedAtMs + EVIDENCE_AHEAD_MS);
}

function plausibleMs(seconds: number | null): number | null {
  if (seconds === null) return null;
  const toldMs = Math.trunc(seconds * 1000);
  return toldMs < COEXISTENCE_BEGAN_MS ? null : toldMs;
}
