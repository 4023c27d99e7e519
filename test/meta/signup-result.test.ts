/** How the browser's message event is read. Source: M4, and cases 3 to 10. */
import { describe, expect, it } from 'vitest';
import { readSignupMessage } from '../../src/meta/signup-result.ts';

const WABA = '310000000000017';
const message = (event: string, data: object = { waba_id: WABA }): object => ({
  type: 'WA_EMBEDDED_SIGNUP',
  event,
  version: 3,
  data,
});

describe('a signup message', () => {
  it.each([
    ['FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING', 'coexistence'],
    ['FINISH', 'standard'],
    ['FINISH_ONLY_WABA', 'waba-only'],
    ['FINISH_GRANT_ONLY_API_ACCESS', 'grant-only'],
    ['FINISH_OBO_MIGRATION', 'on-behalf'],
    ['FINISH_SOMETHING_NEW', 'unknown-finish'],
  ])('%s ends as %s', (event, ending) => {
    expect(readSignupMessage(message(event))).toEqual({ kind: 'finished', ending, wabaId: WABA });
  });

  it('is taken as JSON text and with numeric ids, short and long', () => {
    const event = 'FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING';
    const finished = (wabaId: string) => ({ kind: 'finished', ending: 'coexistence', wabaId });
    expect(readSignupMessage(JSON.stringify(message(event)))).toEqual(finished(WABA));
    expect(readSignupMessage(message(event, { waba_id: 310000000000017 }))).toEqual(finished(WABA));
    const long = JSON.stringify(message(event)).replace(`"${WABA}"`, '31000000000000017001');
    expect(readSignupMessage(long)).toEqual(finished('31000000000000017001'));
  });

  it('may name its only WABA in the list', () => {
    expect(readSignupMessage(message('FINISH', { waba_ids: [WABA] }))).toMatchObject({
      ending: 'standard',
      wabaId: WABA,
    });
    expect(readSignupMessage(message('FINISH', { waba_ids: [WABA, '2'] }))).toMatchObject({ ending: 'malformed' });
  });

  it.each([[{}], [{ waba_id: '' }], [{ waba_id: {} }], [{ waba_id: '../me' }], [{ phone_number_id: '1' }]])(
    'that finishes without a WABA is malformed: %j',
    (data) => {
      expect(readSignupMessage(message('FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING', data))).toEqual({
        kind: 'finished',
        ending: 'malformed',
        wabaId: null,
      });
    },
  );

  it('cancelled at a step is abandoned there', () => {
    expect(readSignupMessage(message('CANCEL', { current_step: 'PHONE_NUMBER_VERIFICATION' }))).toEqual({
      kind: 'abandoned',
      step: 'PHONE_NUMBER_VERIFICATION',
    });
    expect(readSignupMessage(message('CANCEL', {}))).toEqual({ kind: 'abandoned', step: null });
  });

  it.each([
    ['error_code as text', { error_code: '3441045' }],
    ['error_code as number', { error_code: 3441045 }],
    ['error_id', { error_id: '3441045' }],
  ])('cancelled with %s is a reported error with its reference', (_name, named) => {
    const data = { error_message: 'not eligible', session_id: '9c41d07be2f0a86', current_step: 'X', ...named };
    const reported = { kind: 'error-reported', code: '3441045', sessionId: '9c41d07be2f0a86' };
    expect(readSignupMessage(message('CANCEL', data))).toEqual(reported);
    expect(readSignupMessage(message('ERROR', data))).toEqual(reported);
  });

  it('of an error without a code is a reported error all the same', () => {
    const nameless = { kind: 'error-reported', code: null, sessionId: null };
    expect(readSignupMessage(message('CANCEL', { error_message: 'oops' }))).toEqual(nameless);
    expect(readSignupMessage(message('ERROR', {}))).toEqual(nameless);
  });

  it.each([
    ['another type', { type: 'OTHER', event: 'FINISH', data: { waba_id: WABA } }],
    ['another event', message('PROGRESS')],
    ['an event that only begins alike', message('FINISHED')],
    ['no JSON', 'cb=f1&domain=x'],
    ['nothing', undefined],
    ['null', null],
    ['a list', [message('FINISH')]],
    ['a number', 7],
  ])('that is %s is malformed', (_name, given) => {
    expect(readSignupMessage(given)).toEqual({ kind: 'malformed' });
  });
});
