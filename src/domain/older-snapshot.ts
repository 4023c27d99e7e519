/** A snapshot that older code has stored, in the shape of today: what it does not know yet has not happened. */
import { freshSnapshot, NO_LINK, NOTHING_FOUND, openAttempt, SYNC_OFF } from './fresh-snapshot.ts';
import { standardPolicy } from './policy.ts';
import type { Attempt, Snapshot } from './snapshot.ts';

const NO_DETAIL = { step: null, detail: null, metaCode: null, supportReference: null };

/** Changes nothing in one of today. An attempt that waited by an older rule goes on at the step that waited. */
export function completeSnapshot(saved: Snapshot): Snapshot {
  const { numberId, tenantId, imports, attempt, link, contacts, history } = saved;
  const { because: _unknown, ...blank } = freshSnapshot({ numberId, tenantId, imports, nowMs: attempt.openedAtMs });
  return {
    ...blank,
    ...saved,
    policy: standardPolicy(saved.policy),
    link: { ...NO_LINK, ...link },
    attempt: completeAttempt(attempt),
    contacts: { ...SYNC_OFF, ...contacts },
    history: { ...SYNC_OFF, ...history },
  };
}

function completeAttempt(saved: Attempt): Attempt {
  const { failure, found } = saved;
  return {
    ...openAttempt(saved.ordinal, saved.openedAtMs, saved.expiresAtMs),
    ...saved,
    found: { ...NOTHING_FOUND, ...found },
    failure: failure && { ...NO_DETAIL, ...failure },
  };
}
