/** The owner's way through Meta's dialog at the door: what a page tells, and what it reads. */
import { describe, expect, it } from 'vitest';
import { createDoor, NOW_MS } from './door.ts';
import { forged } from './forged.ts';

const MINUTE_MS = 60_000;
const at = (ms: number): string => new Date(ms).toISOString();

async function opened() {
  const door = createDoor();
  const id = await door.onboard();
  const { json } = await door.openDialog(id);
  const signed: string = json.state;
  const tell = (step: string, state = signed) => door.post('/v1/signup/steps', { state, step });
  const guide = (more = '', state = signed) =>
    door.get(`/v1/signup/guide?${more}`, { authorization: `Dialog ${state}` });
  return { ...door, id, signed, tell, guide };
}

describe('what the owner did', () => {
  it('U03 U04 U08 U09 is told with the state alone, and shown as the way so far', async () => {
    const { app, signed, guide, state } = await opened();
    const payload = { state: signed, step: 'window-opened' };
    expect((await app.inject({ method: 'POST', url: '/v1/signup/steps', payload })).statusCode).toBe(202);
    state.nowMs += MINUTE_MS;
    const { status, json, headers } = await guide();
    expect([status, headers['cache-control'], json.next, json.variant]).toEqual([200, 'no-store', 'log-in', 'code']);
    expect(json.steps[0]).toMatchObject({ step: 'open-window', state: 'done', doneAt: at(NOW_MS) });
    expect(json.steps[1]).toMatchObject({ step: 'log-in', state: 'next', doneAt: null });
    expect(json.hint).toBeNull();
  });

  it('counts once: its first time stays, also where it is told again after the end', async () => {
    const { tell, guide, state, post, signed } = await opened();
    await tell('window-opened');
    state.nowMs += MINUTE_MS;
    expect((await tell('window-opened')).status).toBe(202);
    await post('/v1/signup/code', { state: signed, code: 'AQ1' });
    expect((await tell('window-opened')).status).toBe(202);
    expect((await guide()).json.steps[0].doneAt).toBe(at(NOW_MS));
  });

  it('is refused where it is none of the list', async () => {
    const { tell } = await opened();
    const { status, json } = await tell('paid');
    expect([status, json.code, json.errors[0].field]).toEqual([400, 'REQUEST_INVALID', 'step']);
  });

  it('is refused for a state that expired, has given its code, or is not ours, with what to do', async () => {
    const { tell, guide, state, post, signed, dialogs, openDialog, id } = await opened();
    for (const foreign of [forged(signed), 'a-state']) {
      expect((await tell('logged-in', foreign)).json.code).toBe('SIGNUP_STATE_INVALID');
      expect((await guide('', foreign)).json.code).toBe('SIGNUP_STATE_INVALID');
    }
    await post('/v1/signup/code', { state: signed, code: 'AQ1' });
    const used = await tell('logged-in');
    expect([used.status, used.json.code, used.json.remedy.length]).toEqual([409, 'INVITATION_USED', 1]);
    const second = String((await openDialog(id)).json.state);
    state.nowMs += 60 * MINUTE_MS + 1;
    const expired = await tell('logged-in', second);
    expect([expired.status, expired.json.code]).toEqual([409, 'SIGNUP_STATE_INVALID']);
    expect((await guide('', second)).json.code).toBe('SIGNUP_STATE_INVALID');
    expect([...dialogs.runs.values()].map(({ moments }) => moments ?? [])).toEqual([[], []]);
  });

  it('is read with the state in a header: one in the query, where proxies log it, is not taken', async () => {
    const { get, signed } = await opened();
    const { status, json } = await get(`/v1/signup/guide?state=${encodeURIComponent(signed)}`);
    expect([status, json.code, json.errors[0].field]).toEqual([400, 'REQUEST_INVALID', 'authorization']);
  });

  it('is refused for a number that waits for no signup any more', async () => {
    const { tell, guide, alter, id } = await opened();
    alter(id, () => ({ closed: 'withdrawn' }));
    expect([(await tell('logged-in')).status, (await guide()).status]).toEqual([410, 410]);
  });

  it('is refused, with the date to go on, where a run calls more than 120 times within a minute', async () => {
    const { tell, guide, state, openDialog, id } = await opened();
    for (let call = 0; call < 120; call += 1) expect((await tell('window-opened')).status).toBe(202);
    const { status, json } = await guide();
    expect([status, json.code, json.retryAt]).toEqual([429, 'DIALOG_CALLS_EXHAUSTED', at(NOW_MS + MINUTE_MS)]);
    expect((await tell('window-opened', String((await openDialog(id)).json.state))).status).toBe(202);
    state.nowMs += MINUTE_MS;
    expect((await tell('logged-in')).status).toBe(202);
  });
});

describe('the guide', () => {
  it('U08 hints at the app where its message does not come within two minutes', async () => {
    const { tell, guide, state } = await opened();
    await tell('number-entered');
    state.nowMs += 2 * MINUTE_MS - 1;
    expect((await guide()).json.hint).toBeNull();
    state.nowMs += 1;
    const { hint } = (await guide()).json;
    expect(hint).toMatchObject({ code: 'APP_MESSAGE_MISSING', waitingSince: at(NOW_MS) });
    expect(hint.words[0]).toMatch(/Update the WhatsApp Business app/);
  });

  it('U09 shows the QR code or the code to copy, as the page asks and as the phone settles it', async () => {
    const { tell, guide } = await opened();
    const shown = async (more = ''): Promise<unknown[]> => {
      const { variant, steps } = (await guide(more)).json;
      return [String(variant), String(steps[5].step)];
    };
    expect(await shown('variant=qr')).toEqual(['qr', 'scan-qr']);
    await tell('qr-scanned');
    expect(await shown('&variant=code')).toEqual(['qr', 'scan-qr']);
    expect((await guide('&variant=both')).status).toBe(400);
  });

  it('is all done once the code is here, and is read for a day', async () => {
    const { guide, post, signed, state } = await opened();
    await post('/v1/signup/code', { state: signed, code: 'AQ1' });
    state.nowMs += 24 * 60 * MINUTE_MS;
    const { json } = await guide();
    expect([json.next, json.hint, json.steps[6]]).toMatchObject([null, null, { step: 'finish', state: 'done' }]);
    state.nowMs += 1;
    expect((await guide()).json.code).toBe('SIGNUP_STATE_INVALID');
  });

  it('is refused once the dialog has ended in an error', async () => {
    const { guide, post, signed } = await opened();
    const message = { type: 'WA_EMBEDDED_SIGNUP', event: 'CANCEL', data: { error_code: '4563015' } };
    await post('/v1/signup/result', { state: signed, message });
    expect((await guide()).json.code).toBe('INVITATION_USED');
  });
});
