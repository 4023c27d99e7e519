import { describe, expect, it } from 'vitest';
import { createDoor, NOW_MS } from './door.ts';

const MINUTE_MS = 60_000;

function finish(event = 'FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING', waba = '1001') {
  return { type: 'WA_EMBEDDED_SIGNUP', event, version: 3, data: { waba_id: waba } };
}

async function opened() {
  const door = createDoor();
  const id = await door.onboard();
  const { json } = await door.openDialog(id);
  const state: string = json.state;
  const dialogRunId: string = json.dialogRunId;
  const sendCode = (code = 'AQ1', signed = state) => door.post('/v1/signup/code', { state: signed, code });
  const sendResult = (message: unknown = finish()) => door.post('/v1/signup/result', { state, message });
  return { ...door, id, dialogRunId, signed: state, sendCode, sendResult };
}

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

  it('is accepted again when identical, without telling it again, and refused when another', async () => {
    const { sendCode, state } = await opened();
    await sendCode('AQ1');
    expect((await sendCode('AQ1')).status).toBe(202);
    expect(state.posted).toHaveLength(1);
    const other = await sendCode('AQ2');
    expect([other.status, other.json.code]).toEqual([409, 'SIGNUP_PART_DIFFERENT']);
    expect(state.posted).toHaveLength(1);
  });

  it('is told by the repeat where the first was told and not kept', async () => {
    const { sendCode, state } = await opened();
    await sendCode();
    state.kept = [];
    expect((await sendCode()).status).toBe(202);
    expect(new Set(state.posted.map(({ envelope }) => envelope.factId)).size).toBe(1);
    expect([state.posted.length, state.kept.length]).toEqual([2, 1]);
  });

  it('case 17: is not accepted while the engine is down, and is once it is back', async () => {
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
    const { status, json } = await sendCode();
    expect([status, json.code]).toEqual([410, 'INVITATION_EXPIRED']);
    expect(state.started).toHaveLength(1);
  });

  it('mistake 13: is refused with a state that is forged, foreign, unknown or expired', async () => {
    const { sendCode, signed, state, dialogs, dialogRunId } = await opened();
    const { 0: run = '', 4: signature = '' } = signed.split('.');
    const of = (claim: string, by = signature): string => `${claim}.${by}`;
    const flipped = of(`${run}.ten_1.1.1`, `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`);
    expect(signed).toBe(of(`${run}.ten_1.1.1`));
    const others = [`dlg_${'x'.repeat(22)}.ten_1.1.1`, `${run}.ten_2.1.1`, `${run}.ten_1.2.1`, `${run}.ten_1.1.2`];
    for (const wrong of [flipped, ...others.map((other) => of(other)), dialogRunId, 'x']) {
      const { status, json } = await sendCode('AQ1', wrong);
      expect([status, json.code]).toEqual([409, 'SIGNUP_STATE_INVALID']);
    }
    state.nowMs += 60 * MINUTE_MS + 1;
    expect((await sendCode()).json.code).toBe('SIGNUP_STATE_INVALID');
    dialogs.runs.clear();
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
    const { sendResult, state, dialogs } = await opened();
    expect((await sendResult()).status).toBe(202);
    expect([...dialogs.runs.values()][0]?.result).toContain('coexistence');
    expect(state.posted).toEqual([]);
  });

  it('of any other ending is told at once, and not again', async () => {
    const { sendResult, state, dialogRunId } = await opened();
    expect((await sendResult(finish('FINISH'))).status).toBe(202);
    expect((await sendResult(finish('FINISH'))).status).toBe(202);
    expect(state.posted).toHaveLength(1);
    const fact = { kind: 'signupFinished', attempt: 1, ending: 'standard', wabaId: '1001' };
    expect(state.posted[0]?.envelope).toMatchObject({ factId: `result/${dialogRunId}`, cycle: 1, fact });
  });

  it('is accepted again when identical and refused when another', async () => {
    const { sendResult } = await opened();
    await sendResult();
    expect((await sendResult()).status).toBe(202);
    expect((await sendResult(finish(undefined, '1002'))).json.code).toBe('SIGNUP_PART_DIFFERENT');
  });

  it('is refused where the message is none of the dialog', async () => {
    const { sendResult } = await opened();
    const { status, json } = await sendResult({ type: 'OTHER' });
    expect([status, json.code]).toEqual([400, 'SIGNUP_MESSAGE_UNREADABLE']);
  });
});

const reported = (error_code: string | number = '3441049') => ({
  type: 'WA_EMBEDDED_SIGNUP',
  event: 'CANCEL',
  data: { error_message: 'no', error_code, session_id: '9c41d07be2f0a86', current_step: 'PHONE_NUMBER_SETUP' },
});

describe('a dialog that was left (FA04)', () => {
  const left = (current_step: string) => ({ type: 'WA_EMBEDDED_SIGNUP', event: 'CANCEL', data: { current_step } });

  it('is a row with its first step, tells nobody, and may still give its code', async () => {
    const { sendResult, sendCode, state, dialogs } = await opened();
    for (const step of ['PERMISSIONS', 'PERMISSIONS', 'PHONE_NUMBER_VERIFICATION'])
      expect((await sendResult(left(step))).status).toBe(202);
    expect([...dialogs.runs.values()][0]?.step).toBe('PERMISSIONS');
    expect(state.posted).toEqual([]);
    expect((await sendCode()).status).toBe(202);
  });

  it('of a state that we do not know, or that has expired, is refused', async () => {
    const { sendResult, dialogs, state } = await opened();
    state.nowMs += 60 * MINUTE_MS + 1;
    expect((await sendResult(left('PERMISSIONS'))).json.code).toBe('SIGNUP_STATE_INVALID');
    state.nowMs = NOW_MS;
    dialogs.runs.clear();
    expect((await sendResult(left('PERMISSIONS'))).json.code).toBe('SIGNUP_STATE_INVALID');
  });
});

describe('an error that the dialog reported (FA05)', () => {
  it("is stored, counted against the check that had said yes, and told with Meta's words for it", async () => {
    const { sendResult, state, dialogs, eligibility, id, dialogRunId } = await opened();
    expect((await sendResult(reported())).status).toBe(202);
    const told = { failure: 'PLATFORM_STILL_CONNECTED', metaCode: '3441049', supportReference: '9c41d07be2f0a86' };
    expect(JSON.parse([...dialogs.runs.values()][0]?.error ?? '')).toEqual(told);
    expect(eligibility.refusals).toEqual([`${id} PLATFORM_STILL_CONNECTED`]);
    const fact = { kind: 'signupErrorReported', attempt: 1, dialogRunId, ...told };
    const envelope = { factId: `error/${dialogRunId}`, occurredAtMs: NOW_MS, cycle: 1, fact };
    expect(state.posted).toEqual([{ id, envelope }]);
  });

  it('that we do not know is told as such', async () => {
    const { sendResult, state } = await opened();
    await sendResult(reported('99'));
    expect(state.posted[0]?.envelope.fact).toMatchObject({ failure: 'SIGNUP_ERROR_UNKNOWN', metaCode: '99' });
  });

  it('counts once: the same again is told where the first was not, another one is refused', async () => {
    const { sendResult, state, eligibility } = await opened();
    state.isEngineDown = true;
    const down = await sendResult(reported());
    expect([down.status, down.json.code, down.json.retryable]).toEqual([503, 'ENGINE_UNAVAILABLE', true]);
    state.isEngineDown = false;
    for (let repeat = 0; repeat < 3; repeat += 1) expect((await sendResult(reported())).status).toBe(202);
    expect((await sendResult(reported('4563015'))).json.code).toBe('SIGNUP_PART_DIFFERENT');
    expect([eligibility.refusals.length, state.posted.length]).toEqual([1, 1]);
  });

  it('gets the same answer again where it has closed the record', async () => {
    const { sendResult, state, id, alter } = await opened();
    expect((await sendResult(reported('3441042'))).status).toBe(202);
    state.running.clear();
    alter(id, () => ({ closed: 'refused' }));
    expect((await sendResult(reported('3441042'))).status).toBe(202);
    expect(state.posted).toHaveLength(1);
  });

  it('ends the run: its code comes too late, and the owner opens the link again', async () => {
    const { sendResult, sendCode } = await opened();
    await sendResult(reported());
    const { status, json } = await sendCode();
    expect([status, json.code]).toEqual([409, 'INVITATION_USED']);
    expect((await sendResult()).json.code).toBe('INVITATION_USED');
  });

  it('AT18 after the code is kept and not told', async () => {
    const { sendResult, sendCode, state, dialogs, eligibility } = await opened();
    await sendCode();
    expect((await sendResult(reported())).status).toBe(202);
    expect([...dialogs.runs.values()][0]?.error).toContain('PLATFORM_STILL_CONNECTED');
    expect([state.posted.length, eligibility.refusals.length]).toEqual([1, 0]);
  });
});

describe('wrong dialogs (U11)', () => {
  async function drifts(endings: readonly object[], apartMs = 0) {
    const door = createDoor();
    for (const message of endings) {
      const { json } = await door.openDialog(await door.onboard());
      await door.post('/v1/signup/result', { state: json.state, message });
      door.state.nowMs += apartMs;
    }
    return door.fleet.alerts.map(({ kind, subject, detail }) => ({ kind, subject, detail }));
  }

  it('raise one alert for all once there are three within an hour, by ending or by code', async () => {
    expect(await drifts([finish('FINISH'), reported('3441030')])).toEqual([]);
    const [alert, ...others] = await drifts([finish('FINISH'), reported('3441030'), finish('FINISH')]);
    expect(alert).toMatchObject({ kind: 'mode-drift', subject: 'dialog', detail: expect.stringContaining('3 times') });
    expect(others).toEqual([]);
  });

  it('count once however often one message is sent', async () => {
    const door = createDoor();
    for (let run = 0; run < 3; run += 1) {
      const { json } = await door.openDialog(await door.onboard());
      for (let repeat = 0; repeat < 3; repeat += 1)
        await door.post('/v1/signup/result', { state: json.state, message: finish('FINISH') });
    }
    expect(door.fleet.alerts.map(({ count }) => count)).toEqual([1]);
  });

  it.each([
    ['one is enough', { modeDriftsMax: 1 }, 0, 1, '1 times within 60 minutes'],
    ['four are asked for', { modeDriftsMax: 4 }, 0, 3, null],
    ['they are counted for five minutes', { modeDriftsMax: 2, modeDriftMinutes: 5 }, 6, 2, null],
  ] as const)(
    'are too many as the number that meets one has it: %s',
    async (...[, over, apartMinutes, times, told]) => {
      const door = createDoor();
      for (let run = 0; run < times; run += 1) {
        const id = await door.onboard();
        door.alter(id, ({ policy }) => ({ policy: { ...policy, ...over } }));
        const { json } = await door.openDialog(id);
        await door.post('/v1/signup/result', { state: json.state, message: finish('FINISH') });
        door.state.nowMs += apartMinutes * MINUTE_MS;
      }
      const details = door.fleet.alerts.map(({ detail }) => detail);
      expect(details).toEqual(told === null ? [] : [expect.stringContaining(told)]);
    },
  );

  it('raise none where they are rare, or where the dialog failed in another way', async () => {
    expect(await drifts([finish('FINISH'), finish('FINISH'), finish('FINISH')], 31 * MINUTE_MS)).toEqual([]);
    expect(await drifts([finish('FINISH_ONLY_WABA'), reported(), reported('4563015'), reported()])).toEqual([]);
  });
});
