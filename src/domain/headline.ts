/** The one status word of a number, derived on every read and never stored. */
import { connectionOf } from './connection.ts';
import { TASK_FOR } from './task-kinds.ts';
import type { Attempt, Snapshot } from './snapshot.ts';

export const HEADLINES = [
  'closed',
  'disconnecting',
  'paused',
  'at-risk',
  'connected',
  'in-review',
  'needs-action',
  'connecting',
  'queued',
  'cooling-down',
  'awaiting-signup',
  'disconnected',
] as const;
export type Headline = (typeof HEADLINES)[number];

/** First match wins. A live or suspended link outranks the attempt that would renew it. */
export function headlineOf(s: Snapshot): Headline {
  if (s.closed !== 'no') return 'closed';
  if (s.leave.state !== 'none') return 'disconnecting';
  if (s.link.state === 'suspended') return 'paused';
  if (s.link.state === 'live') return s.activity.overdueSinceMs === null ? 'connected' : 'at-risk';
  if (connectionOf(s) === 'connecting') return headlineOfWait(s.attempt.wait);
  return headlineOfAttempt(s.attempt);
}

/** A review is Meta's; a choice and a phone are for people; everything else takes its time. */
function headlineOfWait(wait: Attempt['wait']): Headline {
  switch (wait?.for) {
    case 'review':
      return 'in-review';
    case 'choice':
    case 'device':
      return 'needs-action';
    default:
      return 'connecting';
  }
}

function headlineOfAttempt(attempt: Attempt): Headline {
  switch (attempt.state) {
    case 'queued':
      return 'queued';
    case 'cooling':
      return 'cooling-down';
    case 'none':
      return 'disconnected';
    default:
      return 'awaiting-signup';
  }
}

/** What an operator should look at: a task of theirs, undo that failed, a disconnect that is stuck, a link in doubt. */
export function needsAttention(s: Snapshot): boolean {
  const isAsked = s.tasks.some(({ kind, state }) => state === 'open' && TASK_FOR[kind] === 'operator');
  return isAsked || s.incompleteUndo.length > 0 || s.leave.state === 'stuck' || s.link.suspect !== null;
}
