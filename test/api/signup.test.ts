import { describe, expect, it } from 'vitest';
import { createDoor, NOW_MS } from './door.ts';

const MINUTE_MS = 60_000;

function finish(event = 'FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING', waba = '1001') {
  return { type: 'WA_EMBEDDED_SIGNUP', event, version: 3, data: { waba_id: waba } };
}

async function opened() {
  const door = createDoor();
  const id = await door.onboard();
  const { json } = await door.post(`/v1/numbers/${id}/signup-dialogs`);
  const state: string = json.state;
  const dialogRunId: string = json.dialogRunId;
  const sendCode = (code = 'AQ1', signed = state) => door.post('/v1/signup/code', { state: signed, code });
  const sendResult = (message: unknown = finish()) => door.post('/v1/signup/result', { state, message });
  return { ...door, id, dialogRunId, signed: state, sendCode, sendResult };
}

describe('opening a dialog', () => {
  it('gives a signed state for an hour and what to pass to the login', async () => {
    const { post, onboard } = createDoor();
    const { status, json } = await post(`/v1/numbers/${await onboard()}/signup-dialogs`);
    expect(status).toBe(201);
    expect(json).toMatchObject({
      expiresAt: new Date(NOW_MS + 60 * MINUTE_MS).toISOString(),
      facebookLogin: {
        extras: { setup: {}, featureType: 'whatsapp_business_app_onboarding', sessionInfoVersion: '3' },
      },
    });
    expect(json.state).toContain(json.dialogRunId);
  });

  it('gives the same state to a repeat, and stores none', async () => {
    const { post, onboard, state } = createDoor();
    const path = `/v1/numbers/${await onboard()}/signup-dialogs`;
    const first = await post(path, undefined, { 'idempotency-key': 'k' });
    const second = await post(path, undefined, { 'idempotency-key': 'k' });
    expect(second.json).toEqual(first.json);
    expect(state.runs.size).toBe(1);
    expect(JSON.stringify([...state.keys.values()])).not.toContain(first.json.state);
  });

  it('never outlives the invitation, and is gone with it', async () => {
    const { post, onboard, alter } = createDoor();
    const id = await onboard();
    alter(id, ({ attempt }) => ({ attempt: { ...attempt, expiresAtMs: NOW_MS + MINUTE_MS } }));
    const { json } = await post(`/v1/numbers/${id}/signup-dialogs`);
    expect(json.expiresAt).toBe(new Date(NOW_MS + MINUTE_MS).toISOString());
    alter(id, ({ attempt }) => ({ attempt: { ...attempt, expiresAtMs: NOW_MS } }));
    const late = await post(`/v1/numbers/${id}/signup-dialogs`);
    expect([late.status, late.json.code]).toEqual([410, 'INVITATION_EXPIRED']);
  });

  it.each(['cooling', 'queued'] as const)('is refused while %s, with the date to return', async (state) => {
    const { post, onboard, alter } = createDoor();
    const id = await onboard();
    alter(id, ({ attempt }) => ({ attempt: { ...attempt, state, opensAtMs: NOW_MS + MINUTE_MS } }));
    const { status, json } = await post(`/v1/numbers/${id}/signup-dialogs`);
    expect([status, json.code, json.retryAt]).toEqual([
      409,
      'ATTEMPT_RESTING',
      new Date(NOW_MS + MINUTE_MS).toISOString(),
    ]);
  });

  it('is refused while another run is being worked on, and after the end', async () => {
    const { post, onboard, alter } = createDoor();
    const id = await onboard();
    alter(id, ({ attempt }) => ({ attempt: { ...attempt, state: 'running' } }));
    expect((await post(`/v1/numbers/${id}/signup-dialogs`)).json.code).toBe('COMMAND_OUT_OF_STATE');
    alter(id, ({ attempt }) => ({ attempt: { ...attempt, state: 'open' }, closed: 'withdrawn' }));
    expect((await post(`/v1/numbers/${id}/signup-dialogs`)).json.code).toBe('COMMAND_OUT_OF_STATE');
  });
});

describe('the code', () => {
  it('is stored, then told to the workflow before it is accepted', async () => {
    const { sendCode, state, id, dialogRunId } = await opened();
    expect((await sendCode()).status).toBe(202);
    const fact = { kind: 'signupCodeReceived', attempt: 1, dialogRunId };
    const envelope = { factId: `code/${dialogRunId}`, occurredAtMs: NOW_MS, cycle: 1, fact };
    expect(state.posted).toEqual([{ id, envelope }]);
    expect(JSON.stringify(state.posted)).not.toContain('AQ1');
  });

  it('needs neither key nor Idempotency-Key: the state is the credential', async () => {
    const { app, signed } = await opened();
    const payload = { state: signed, code: 'AQ1' };
    expect((await app.inject({ method: 'POST', url: '/v1/signup/code', payload })).statusCode).toBe(202);
  });

  it('is accepted again when identical, under the same fact id, and refused when another', async () => {
    const { sendCode, state } = await opened();
    await sendCode('AQ1');
    expect((await sendCode('AQ1')).status).toBe(202);
    expect(new Set(state.posted.map(({ envelope }) => envelope.factId)).size).toBe(1);
    const other = await sendCode('AQ2');
    expect([other.status, other.json.code]).toEqual([409, 'SIGNUP_PART_DIFFERENT']);
    expect(state.posted).toHaveLength(2);
  });

  it('is not accepted while the engine is down, and is once it is back', async () => {
    const { sendCode, state } = await opened();
    state.isEngineDown = true;
    const down = await sendCode();
    expect([down.status, down.json.code, down.json.retryable]).toEqual([503, 'ENGINE_UNAVAILABLE', true]);
    state.isEngineDown = false;
    expect((await sendCode()).status).toBe(202);
    expect(state.posted).toHaveLength(1);
  });

  it('starts a number that has no run from its stored snapshot', async () => {
    const { sendCode, state, id } = await opened();
    state.running.clear();
    expect((await sendCode()).status).toBe(202);
    expect(state.started).toEqual([id, id]);
    expect(state.posted).toHaveLength(1);
  });

  it('is refused for a number that has closed', async () => {
    const { sendCode, state, id, alter } = await opened();
    state.running.clear();
    alter(id, () => ({ closed: 'withdrawn' }));
    expect((await sendCode()).json.code).toBe('COMMAND_OUT_OF_STATE');
    expect(state.started).toHaveLength(1);
  });

  it('is refused with a state that is forged, foreign, unknown or expired', async () => {
    const { sendCode, signed, state, dialogRunId } = await opened();
    const [run = '', signature = ''] = signed.split('.');
    const flipped = `${run}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
    const foreign = `dlg_${'x'.repeat(22)}.${signature}`;
    for (const wrong of [flipped, foreign, dialogRunId, 'x']) {
      const { status, json } = await sendCode('AQ1', wrong);
      expect([status, json.code]).toEqual([409, 'SIGNUP_STATE_INVALID']);
    }
    state.nowMs += 60 * MINUTE_MS;
    expect((await sendCode()).json.code).toBe('SIGNUP_STATE_INVALID');
    state.runs.clear();
    expect((await sendCode()).json.code).toBe('SIGNUP_STATE_INVALID');
    expect(state.posted).toEqual([]);
  });

  it('says 503 where the store is down, and tells nobody', async () => {
    const { sendCode, state } = await opened();
    state.isStoreDown = true;
    expect((await sendCode()).json.code).toBe('STORE_UNAVAILABLE');
    expect(state.posted).toEqual([]);
  });
});

describe('the result of a dialog', () => {
  it('of coexistence is stored without a signal', async () => {
    const { sendResult, state } = await opened();
    expect((await sendResult()).status).toBe(202);
    expect([...state.runs.values()][0]?.result).toContain('coexistence');
    expect(state.posted).toEqual([]);
  });

  it('of any other ending is told at once', async () => {
    const { sendResult, state, dialogRunId } = await opened();
    expect((await sendResult(finish('FINISH'))).status).toBe(202);
    const fact = { kind: 'signupFinished', attempt: 1, ending: 'standard', wabaId: '1001' };
    expect(state.posted[0]?.envelope).toMatchObject({ factId: `result/${dialogRunId}`, cycle: 1, fact });
  });

  it('is accepted again when identical and refused when another', async () => {
    const { sendResult } = await opened();
    await sendResult();
    expect((await sendResult()).status).toBe(202);
    expect((await sendResult(finish(undefined, '1002'))).json.code).toBe('SIGNUP_PART_DIFFERENT');
  });

  it('of a cancelled dialog changes nothing', async () => {
    const { sendResult, state } = await opened();
    const cancelled = { type: 'WA_EMBEDDED_SIGNUP', event: 'CANCEL', data: { current_step: 'PHONE' } };
    expect((await sendResult(cancelled)).status).toBe(202);
    expect([...state.runs.values()][0]?.result).toBeUndefined();
  });

  it('is refused where the message is none of the dialog', async () => {
    const { sendResult } = await opened();
    const { status, json } = await sendResult({ type: 'OTHER' });
    expect([status, json.code]).toEqual([400, 'SIGNUP_MESSAGE_UNREADABLE']);
  });
});
