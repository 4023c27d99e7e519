import { describe, expect, it } from 'vitest';
import { guideOf, type GuideMoment, type GuideVariant, type Journal } from '../../src/domain/guide.ts';
import { doorPolicy } from '../../src/domain/door-policy.ts';
import { MINUTE_MS } from '../../src/domain/policy.ts';

const OPENED_MS = Date.UTC(2026, 10, 24, 9);
const policy = doorPolicy();

/** Each moment a second after the one before; then so long nothing. */
function journal(...moments: GuideMoment[]): Journal {
  const told = moments.map((moment, index) => ({ moment, atMs: OPENED_MS + (index + 1) * 1_000 }));
  return { openedAtMs: OPENED_MS, moments: told, hasCode: false };
}
const latestMs = ({ openedAtMs, moments }: Journal): number => Math.max(openedAtMs, ...moments.map(({ atMs }) => atMs));
const guide = (of: Journal, afterMs = 0, variant: GuideVariant | null = null) =>
  guideOf(of, { variant, nowMs: latestMs(of) + afterMs, policy });
const nextOf = (of: Journal, variant: GuideVariant | null = null) =>
  guide(of, 0, variant).steps.find(({ state }) => state === 'next')?.step ?? null;

describe('the way through the dialog', () => {
  it.each([
    ['open-window', []],
    ['log-in', ['window-opened']],
    ['enter-number', ['window-opened', 'logged-in']],
    ['open-message', ['logged-in', 'number-entered']],
    ['open-message', ['code-shown']],
    ['press-connect', ['number-entered', 'app-message-shown']],
    ['copy-code', ['connect-pressed']],
    ['scan-qr', ['qr-shown', 'connect-pressed']],
    ['finish', ['code-copied']],
    ['finish', ['qr-scanned']],
    [null, ['finish-pressed']],
  ] as const)('goes on with %s after %j', (step, moments) => {
    expect(nextOf(journal(...moments))).toBe(step);
  });

  it('has what lies before as done, with its own time where it was told, and what lies behind as later', () => {
    const { steps } = guide(journal('window-opened', 'app-message-shown'));
    expect(steps.map(({ step, state, doneAtMs }) => [step, state, doneAtMs])).toEqual([
      ['open-window', 'done', OPENED_MS + 1_000],
      ['log-in', 'done', null],
      ['enter-number', 'done', null],
      ['open-message', 'done', OPENED_MS + 2_000],
      ['press-connect', 'next', null],
      ['copy-code', 'later', null],
      ['finish', 'later', null],
    ]);
  });

  it('is done with the code, whatever was told before, and hints at nothing', () => {
    const { steps, hint } = guide({ ...journal('window-opened'), hasCode: true }, 60 * MINUTE_MS);
    expect([new Set(steps.map(({ state }) => state)), hint]).toEqual([new Set(['done']), null]);
  });
});

describe('scanning or copying', () => {
  it.each([
    ['code', [], null],
    ['qr', [], 'qr'],
    ['qr', ['qr-shown'], null],
    ['code', ['qr-shown', 'code-shown'], null],
    ['qr', ['code-shown', 'qr-shown'], null],
    ['code', ['qr-shown'], 'code'],
    ['qr', ['qr-scanned'], 'code'],
    ['code', ['qr-shown', 'code-copied'], 'qr'],
  ] as const)('is %s after %j where the page wants %s', (variant, moments, wanted) => {
    const { variant: shown, steps } = guide(journal(...moments), 0, wanted);
    expect(shown).toBe(variant);
    const names = steps.map(({ step }) => step);
    expect([names.includes('scan-qr'), names.includes('copy-code')]).toEqual([variant === 'qr', variant === 'code']);
  });
});

describe('the hint', () => {
  it.each([
    ['WINDOW_NOT_OPENED', policy.guideWindowMinutes, []],
    ['LOGIN_TAKES_LONG', policy.guideLoginMinutes, ['window-opened']],
    ['NUMBER_NOT_ENTERED', policy.guideLoginMinutes, ['logged-in']],
    ['APP_MESSAGE_MISSING', policy.guideMessageMinutes, ['number-entered']],
    ['CONNECT_NOT_PRESSED', policy.guidePhoneMinutes, ['app-message-shown']],
    ['QR_NOT_SCANNED', policy.guidePhoneMinutes, ['qr-shown', 'connect-pressed']],
    ['CODE_NOT_COPIED', policy.guidePhoneMinutes, ['connect-pressed']],
    ['FINISH_MISSING', policy.guideFinishMinutes, ['code-copied']],
    ['FINISH_MISSING', policy.guideFinishMinutes, ['finish-pressed']],
  ] as const)('%s comes after %i minutes without news, to the millisecond, after %j', (code, minutes, moments) => {
    const of = journal(...moments);
    expect(guide(of, minutes * MINUTE_MS - 1).hint).toBeNull();
    const { hint } = guide(of, minutes * MINUTE_MS);
    expect(hint).toMatchObject({ code, sinceMs: latestMs(of) });
    expect(hint?.words.length).toBeGreaterThan(0);
  });

  it('is counted from the latest moment, in whatever order they were told', () => {
    const early = { moment: 'window-opened', atMs: OPENED_MS } as const;
    const late = { moment: 'number-entered', atMs: OPENED_MS + 9 * MINUTE_MS } as const;
    const of = { openedAtMs: OPENED_MS, moments: [late, early], hasCode: false };
    expect(guideOf(of, { variant: null, nowMs: late.atMs + MINUTE_MS, policy }).hint).toBeNull();
    expect(guideOf(of, { variant: null, nowMs: late.atMs + 2 * MINUTE_MS, policy }).hint?.code).toBe(
      'APP_MESSAGE_MISSING',
    );
  });

  it('keeps the patience that it is given', () => {
    const nowMs = OPENED_MS + 1_000 + 3 * MINUTE_MS;
    const ask = (guideMessageMinutes: number) =>
      guideOf(journal('number-entered'), {
        variant: null,
        nowMs,
        policy: { ...policy, guideMessageMinutes },
      });
    expect([ask(3).hint?.code, ask(4).hint]).toEqual(['APP_MESSAGE_MISSING', null]);
  });
});
