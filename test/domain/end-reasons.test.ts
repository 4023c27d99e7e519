import { describe, expect, it } from 'vitest';
import { endReasonOf } from '../../src/domain/end-link.ts';
import type { Initiator, RemovalReason } from '../../src/domain/facts.ts';
import type { EndReason, PhoneStillLinked } from '../../src/domain/snapshot.ts';
import { takeFact } from '../../src/domain/react.ts';
import { days, envelope, live, removed, T0 } from './builders.ts';

type Row = [RemovalReason | null, Initiator | null, [EndReason, PhoneStillLinked]];

const ROWS: readonly Row[] = [
  ['PRIMARY_INACTIVITY', null, ['inactivity', 'no']],
  ['COMPANION_INACTIVITY', null, ['companion-inactivity', 'no']],
  ['ACCOUNT_DISCONNECTED', 'USER', ['owner-disconnected', 'no']],
  ['ACCOUNT_DISCONNECTED', 'SYSTEM', ['enforced-or-deleted', 'unknown']],
  ['ACCOUNT_DISCONNECTED', null, ['unknown', 'unknown']],
  ['BUSINESS_DOWNGRADE', 'USER', ['moved-to-consumer-app', 'no']],
  ['CHANGE_NUMBER', 'USER', ['number-changed', 'no']],
  ['USER_RE_REGISTERED', null, ['re-registered', 'no']],
  [null, null, ['unknown', 'unknown']],
];

describe('8.2 why a connection ended', () => {
  it.each(ROWS)('%s by %s is %j', (reason, initiatedBy, [ours, phoneStillLinked]) => {
    const at = T0 + days(1);
    const next = takeFact(live(), envelope(removed({ reason, initiatedBy }), at), at);
    expect(next.link.end).toEqual({ reason: ours, initiator: initiatedBy, atMs: at, phoneStillLinked });
  });

  it.each(ROWS)('%s by %s while the owner is leaving', (reason, initiatedBy, [ours]) => {
    const isUnexplained = reason === null || reason === 'ACCOUNT_DISCONNECTED';
    const found = endReasonOf({ reason, initiatedBy }, { state: 'asked', untilMs: null });
    expect(found).toBe(isUnexplained ? 'owner-disconnected' : ours);
  });
});
