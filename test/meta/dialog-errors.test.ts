/** What Meta's dialog reports, from the browser's message to the catalogue. Sources: M4, M5; cases 3 to 10. */
import { describe, expect, it } from 'vitest';
import { DIALOG_FAILURES } from '../../src/domain/dialog-failures.ts';
import { FAILURES } from '../../src/domain/failures.ts';
import { failureOfDialog } from '../../src/meta/dialog-errors.ts';
import { errorOfAnswer } from '../../src/meta/graph-errors.ts';
import { readSignupMessage } from '../../src/meta/signup-result.ts';

const walk = Object.entries(DIALOG_FAILURES).flatMap(([row, { metaCodes }]) =>
  metaCodes.filter((code) => /^\d+$/.test(code)).map((metaCode) => [metaCode, row] as const),
);

const message = (event: string, data: object = { waba_id: '310000000000017' }): object => ({
  type: 'WA_EMBEDDED_SIGNUP',
  event,
  version: 3,
  data,
});

/** As the browser hands it over: what came out of the dialog, named as a row. */
function failureIn(sent: unknown): string {
  const read = readSignupMessage(sent);
  return read.kind === 'error-reported' ? failureOfDialog(read.code) : read.kind;
}

/** Meta's whole table for coexistence (M5), by hand: the catalogue must say the same. */
const COEXISTENCE = [
  ['3441041', 'NUMBER_IN_OTHER_BUSINESS', null],
  ['3441045', 'NUMBER_NOT_ACTIVE_ENOUGH', 7 * 24 * 60],
  ['2655095', 'NUMBER_NOT_ON_BUSINESS_APP', null],
  ['2655048', 'NUMBER_NOT_ON_BUSINESS_APP', null],
  ['3441042', 'REGION_NOT_SUPPORTED', null],
  ['2655093', 'PLATFORM_STILL_SHARED', 15],
  ['2655082', 'NUMBER_LINKED_TO_PAGE', null],
  ['3441049', 'PLATFORM_STILL_CONNECTED', 15],
  ['2655094', 'PLATFORM_STILL_CONNECTED', 15],
  ['3441030', 'SIGNUP_MODE_DRIFTED', null],
  ['3441047', 'MARKETING_PRODUCT_ENROLLED', null],
  ['4563015', 'APP_TOO_OLD', null],
  ['2593037', 'OTP_LIMITED', 12 * 60],
  ['2494158', 'OTP_LIMITED', 12 * 60],
  ['2388091', 'OTP_FAILED', 5],
  ['3441051', 'NUMBER_INVALID', 5],
  ['2388002', 'NUMBER_NOT_ADDABLE', 3],
  ['3441033', 'SIGNUP_RATE_LIMITED', 60],
  ['1675030', 'SIGNUP_UNAVAILABLE', 5],
] as const;

describe("each code of Meta's dialog", () => {
  it.each(COEXISTENCE)('%s is %s, with a wait of %s minutes', (metaCode, code, waitMinutes) => {
    expect(failureOfDialog(metaCode)).toBe(code);
    expect(FAILURES[code].waitMinutes).toBe(waitMinutes);
  });

  it('stands in the catalogue: 68 of them, none twice', () => {
    expect(walk.length).toBe(68);
    expect(new Set(walk.map(([metaCode]) => metaCode)).size).toBe(walk.length);
  });

  it.each(walk)('%s leads to %s, as text or number, by error_code or error_id, in CANCEL or ERROR', (metaCode, row) => {
    for (const event of ['CANCEL', 'ERROR']) {
      for (const value of [metaCode, Number(metaCode)]) {
        expect(failureIn(message(event, { error_code: value, session_id: 's' }))).toBe(row);
        expect(failureIn(JSON.stringify(message(event, { error_id: value })))).toBe(row);
      }
    }
  });

  it.each(walk)('%s means nothing of the kind in an answer of Graph', (metaCode, row) => {
    const refused = (error: object) =>
      errorOfAnswer({ call: 'readNumber', httpStatus: 400, body: { error }, usage: null });
    expect(refused({ code: Number(metaCode) }).failureCode).not.toBe(row);
    expect(refused({ code: 100, error_subcode: Number(metaCode) }).failureCode).toBe('REQUEST_WRONG');
  });

  it.each([
    ['a code that we do not know', { error_code: '9999999' }],
    ["a code of Graph's", { error_code: 190 }],
    ['words alone', { error_message: 'Something went wrong' }],
    ['a code that is no text', { error_code: {}, error_message: 'x' }],
  ])('%s is unknown, and a hint', (_name, data) => {
    expect(failureIn(message('CANCEL', data))).toBe('SIGNUP_ERROR_UNKNOWN');
    expect(FAILURES.SIGNUP_ERROR_UNKNOWN.isHint).toBe(true);
    expect(FAILURES.APP_TOO_OLD.isHint).toBe(false);
  });
});

describe('cases of other systems', () => {
  it.each([
    ['another sender', { type: 'OTHER', event: 'CANCEL' }],
    ['bad JSON', '{"type":'],
    ['a form', 'cb=f1&relation=opener'],
  ])('case 3: %s is no message of the signup', (_name, sent) => {
    expect(readSignupMessage(sent)).toEqual({ kind: 'malformed' });
  });

  it('case 4: numeric ids and parsed objects are taken', () => {
    const sent = message('FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING', { waba_id: 310_000_000_000_017 });
    expect(readSignupMessage(sent)).toMatchObject({ ending: 'coexistence', wabaId: '310000000000017' });
  });

  it('case 5: a cancel with a step was abandoned there; one with an error reports it with its reference', () => {
    expect(readSignupMessage(message('CANCEL', { current_step: 'PERMISSIONS' }))).toEqual({
      kind: 'abandoned',
      step: 'PERMISSIONS',
    });
    expect(
      readSignupMessage(message('CANCEL', { current_step: 'X', error_code: '4563015', session_id: '9c41' })),
    ).toEqual({ kind: 'error-reported', code: '4563015', sessionId: '9c41' });
  });

  it.each([
    ['case 6: a new FINISH_*', message('FINISH_TOMORROW'), 'unknown-finish'],
    ['case 7: the ordinary dialog', message('FINISH'), 'standard'],
    [
      'case 8: coexistence without a phone number id',
      message('FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING'),
      'coexistence',
    ],
    ['case 9: an ending without a number', message('FINISH_ONLY_WABA'), 'waba-only'],
    ['case 10: no WABA id', message('FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING', {}), 'malformed'],
  ])('%s ends as told', (_name, sent, ending) => {
    expect(readSignupMessage(sent)).toMatchObject({ kind: 'finished', ending });
  });
});
