import { describe, expect, it } from 'vitest';
import { takeFact } from '../../src/domain/react.ts';
import { days, envelope, gone, hours, live, offboarded, reconnected, removed, suspended, T0 } from './builders.ts';

const NOW = T0 + days(2);
const SIBLING = removed({ isOnlyNumber: false });

describe('the end of a link', () => {
  it('LI02 cuts open imports, holds the credential for 72 hours and plans the clean-up', () => {
    const s = { ...live(), history: { ...live().history, state: 'receiving' as const } };
    const next = takeFact(s, envelope(removed(), NOW), NOW);
    expect([next.contacts.state, next.history.state]).toEqual(['complete', 'cut']);
    expect(next.link.hold).toEqual({ untilMs: NOW + hours(72) });
    expect([next.credential, next.activity.anyAtMs]).toEqual(['held', null]);
    expect(next.compensation).toEqual(['forgetCredential', 'unsubscribeIfLast']);
  });

  it('LI53 takes reason, initiator, time and phone from the fuller word, and keeps an explained end', () => {
    const told = removed({ reason: 'ACCOUNT_DISCONNECTED', initiatedBy: 'USER' });
    const filled = takeFact(gone(), envelope(told, NOW), NOW).link.end;
    expect(filled).toEqual({ reason: 'owner-disconnected', initiator: 'USER', atMs: NOW, phoneStillLinked: 'no' });
    const end = { reason: 'inactivity', initiator: null, atMs: NOW, phoneStillLinked: 'no' } as const;
    expect(takeFact(gone({ end }), envelope(told, NOW), NOW).link.end).toEqual(end);
  });

  it("LE03 an open wish makes an unexplained end the owner's, and a fuller word still corrects it", () => {
    const leaving = live({}, { leave: { state: 'asked', untilMs: NOW + days(14) } });
    const ended = takeFact(leaving, envelope(removed(), NOW), NOW);
    expect([ended.link.end?.reason, ended.leave.state]).toEqual(['owner-disconnected', 'none']);
    const fuller = takeFact(ended, envelope(removed({ reason: 'PRIMARY_INACTIVITY' }), NOW), NOW);
    expect(fuller.link.end?.reason).toBe('inactivity');
  });

  it('LI02 what was given up stays as it was; only what is open is cut', () => {
    const final = { ...live().history, state: 'stalled' as const, failure: 'HISTORY_SILENT' as const };
    expect(takeFact({ ...live(), history: final }, envelope(removed(), NOW), NOW).history).toEqual(final);
  });

  it('LI03 of two doubted removals the one with a reason is kept, and a look is asked for at once', () => {
    const told = [removed({ isOnlyNumber: false, reason: 'CHANGE_NUMBER' }), SIBLING].map((one) => envelope(one, NOW));
    for (const order of [told, told.toReversed()]) {
      const next = order.reduce((state, one) => takeFact(state, one, NOW), live());
      expect(next.link.suspect).toMatchObject({ removal: { reason: 'CHANGE_NUMBER' }, lookAtMs: NOW });
    }
  });

  it('LI32 a newer offboard keeps a return that is newer still', () => {
    const returning = takeFact(suspended(), envelope(reconnected(), NOW), NOW);
    const older = takeFact(returning, envelope(offboarded(), NOW - hours(1)), NOW);
    expect(older.link.verify).not.toBeNull();
    expect(takeFact(returning, envelope(offboarded(), NOW + 1), NOW + 1).link.verify).toBeNull();
  });
});
