/** What Meta's answer to a sync request says of the import, and of the link and its credential (SY rows). */
import type { SyncType } from './commands.ts';
import type { Snapshot } from './snapshot.ts';
import { say } from './story.ts';
import { afterAsk, type SyncOutcome } from './syncs.ts';

export interface SyncAnswer {
  outcome: SyncOutcome;
  /** Goes with `due`: not before that long, ms. */
  waitMs: number | null;
  /** Meta named the credential or the number, not the request. */
  isLinkInDoubt?: boolean;
}

/** SY04: 190, 100/33 and missing permissions say nothing of the import; it stays due, and a look at the link decides. */
export function afterAnswer(
  s: Snapshot,
  { type, answer }: { type: SyncType; answer: SyncAnswer },
  nowMs: number,
): Snapshot {
  const { outcome, waitMs, isLinkInDoubt = false } = answer;
  const next = afterAsk(s, { type, outcome, waitMs }, nowMs);
  return isLinkInDoubt ? doubtLink(next, nowMs) : next;
}

/** A doubt that is there already has its own look. */
function doubtLink(s: Snapshot, nowMs: number): Snapshot {
  if (s.link.suspect !== null || s.link.state !== 'live') return s;
  const seen = { class: null, firstAtMs: null, looks: 0, isReturn: false, removal: null };
  const suspect = { ...seen, sinceMs: nowMs, lookAtMs: nowMs };
  const why = 'Meta refused our credential, or did not know the number';
  return say({ ...s, link: { ...s.link, suspect } }, 'linkSuspected', { row: 'SY04', atMs: nowMs, why });
}
