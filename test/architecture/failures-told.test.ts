/** How each failure is told of a number: in the story of its attempt or its imports, or in the answer to a command. */
import { describe, expect, it } from 'vitest';
import { afterFailure, endAttempt, failAttempt } from '../../src/domain/attempt.ts';
import type { Command } from '../../src/domain/commands.ts';
import { DIALOG_FAILURES } from '../../src/domain/dialog-failures.ts';
import { FAILURES, type FailureCode } from '../../src/domain/failures.ts';
import { takeCommand } from '../../src/domain/react.ts';
import type { Snapshot, Sync } from '../../src/domain/snapshot.ts';
import { afterLook, type SyncArrivals } from '../../src/domain/sync-arrivals.ts';
import { afterAsk, expireSync } from '../../src/domain/syncs.ts';
import { sentenceOf } from '../../src/domain/timeline.ts';
import { tellUndone } from '../../src/domain/undo-results.ts';
import { days, gone, hours, invited, live, T0, waiting, withAttempt } from '../domain/builders.ts';

const LATE_MS = T0 + days(2);
const NOTHING: SyncArrivals = { lastAtMs: null, progress: 0, hasSeenFull: false };
const SOME: SyncArrivals = { lastAtMs: T0, progress: 40, hasSeenFull: false };

/** Of a live number, asked for at T0. */
function withHistory(over: Partial<Sync>): Snapshot {
  const s = live();
  return { ...s, history: { ...s.history, state: 'requested', askedAtMs: T0, asks: 1, ...over } };
}

const lookAt = (s: Snapshot, history: SyncArrivals): Snapshot => afterLook(s, { contacts: NOTHING, history }, LATE_MS);
const refusedAsk = (type: 'contacts' | 'history'): Snapshot => {
  const s = live();
  return afterAsk({ ...s, [type]: { ...s[type], state: 'asking' } }, { type, outcome: 'refused', waitMs: null }, T0);
};

/** What ends an import, by what really ends it. */
const OF_IMPORTS: Partial<Record<FailureCode, () => Snapshot>> = {
  CONTACTS_SYNC_REFUSED: () => refusedAsk('contacts'),
  HISTORY_SYNC_REFUSED: () => refusedAsk('history'),
  SYNC_WINDOW_MISSED: () => expireSync(withHistory({ state: 'due', askedAtMs: null, asks: 0 }), 'history', LATE_MS),
  SYNC_UNCONFIRMED: () => lookAt(withHistory({ state: 'unknown' }), NOTHING),
  HISTORY_SILENT: () => lookAt(withHistory({}), NOTHING),
  HISTORY_INCOMPLETE: () => lookAt(withHistory({}), SOME),
};

interface Refused {
  of: Snapshot;
  command: Command;
}
const chosen = { kind: 'changeSyncChoice', type: 'history', isWanted: true } as const;

/** What refuses a command: the answer tells it, and the story stays as it is. */
const OF_COMMANDS: Partial<Record<FailureCode, Refused>> = {
  ALREADY_DISCONNECTED: { of: gone(), command: { kind: 'requestDisconnect' } },
  COMMAND_OUT_OF_STATE: { of: invited(), command: { kind: 'requestDisconnect' } },
  CHOICE_NOT_OFFERED: {
    of: waiting({ for: 'choice', choices: { kind: 'number', ids: ['1'] } }),
    command: { kind: 'chooseNumber', choiceId: '2' },
  },
  IMPORT_NOT_ALLOWED: {
    of: live({}, { imports: { contacts: false, history: false, isForbidden: true } }),
    command: chosen,
  },
  HISTORY_DECLINED: { of: withHistory({ state: 'declined' }), command: { kind: 'requestSync', type: 'history' } },
};

/** What an attempt ends with besides a failure of a step; the number shows it. */
const OF_ENDS: Partial<Record<FailureCode, () => Snapshot>> = {
  INVITATION_EXPIRED: () => endAttempt(invited(), { row: 'AT08', why: 'expired' }, T0),
  ATTEMPTS_EXHAUSTED: () => {
    const s = failAttempt(invited(), { row: 'AT21', code: 'SIGNUP_SCOPE_MISSING' }, T0);
    return afterFailure(withAttempt(s, { ordinal: s.policy.attemptsMax }), T0 + hours(1));
  },
};

/** No story names these: an answer or a resource of the API does, and what was requested already counts as requested. */
const AT_THE_DOOR: readonly FailureCode[] = [
  'ONBOARDING_QUOTA_REACHED',
  'PROVIDER_NOT_READY',
  'ELIGIBILITY_REFUSED',
  'ENTITLEMENT_MISSING',
  'INVITATION_USED',
  'SIGNUP_STATE_INVALID',
  'SIGNUP_ABANDONED',
  'STORE_UNAVAILABLE',
  'ENGINE_UNAVAILABLE',
  'HISTORY_STALLED',
  'SYNC_ALREADY_REQUESTED',
];

/** All others fail an attempt at one of its steps. */
const elsewhere = new Set([
  ...[OF_IMPORTS, OF_COMMANDS, OF_ENDS, DIALOG_FAILURES].flatMap(Object.keys),
  ...AT_THE_DOOR,
  'COMPENSATION_INCOMPLETE',
]);
const ofAttempts = (Object.keys(FAILURES) as FailureCode[]).filter((code) => !elsewhere.has(code));

/** What the last change has told. */
const lastTold = (s: Snapshot): string => s.unsaid.map(sentenceOf).join('\n');

describe('what fails', () => {
  it.each(ofAttempts)('an attempt, as %s, is told in its story', (code) => {
    expect(lastTold(failAttempt(invited(), { row: 'AT21', code }, T0))).toContain(code);
  });

  it.each(Object.entries(OF_IMPORTS))('an import, as %s, is told in its story', (code, end) => {
    const s = end();
    expect(lastTold(s)).toContain(`(${code})`);
    expect([s.contacts.failure, s.history.failure]).toContain(code);
  });

  it.each(Object.entries(OF_COMMANDS))('a command, as %s, is told in its answer and changes nothing', (code, given) => {
    const { answer, next } = takeCommand(given.of, { command: given.command, by: 'tenant' }, T0 + hours(1));
    expect(answer).toMatchObject({ outcome: 'refused', failure: code });
    expect(next).toEqual(given.of);
  });

  it.each(Object.entries(OF_ENDS))('an attempt in the end, as %s, is shown by the number', (code, end) => {
    expect(end().attempt.failure?.code).toBe(code);
  });

  it('an undo, as COMPENSATION_INCOMPLETE, is told in its story', () => {
    const s = tellUndone(invited(), { step: 'releaseClaim', result: 'COMPENSATION_INCOMPLETE' }, T0);
    expect(lastTold(s)).toContain('COMPENSATION_INCOMPLETE');
  });
});
