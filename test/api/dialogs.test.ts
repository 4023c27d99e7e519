/** The door of Meta's dialog: who may open a run, how often, and what became of the runs. */
import { describe, expect, it } from 'vitest';
import { FAILURES } from '../../src/domain/failures.ts';
import { dialogRunId, numberId } from '../../src/domain/ids.ts';
import type { Policy } from '../../src/domain/policy.ts';
import { createDoor, NOW_MS } from './door.ts';

const MINUTE_MS = 60_000;

const unknownError = {
  code: 'SIGNUP_ERROR_UNKNOWN',
  atMs: NOW_MS,
  retryAtMs: null,
  phoneStillLinked: 'unknown',
  step: null,
  detail: null,
  metaCode: '99',
  supportReference: '9c41',
} as const;

describe('opening a dialog', () => {
  it('gives a signed state for an hour and what to pass to the login', async () => {
    const { openDialog, onboard } = createDoor();
    const { status, json } = await openDialog(await onboard());
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
    const { openDialog, onboard, state, dialogs } = createDoor();
    const id = await onboard();
    const first = await openDialog(id, { 'idempotency-key': 'k' });
    const second = await openDialog(id, { 'idempotency-key': 'k' });
    expect(second.json).toEqual(first.json);
    expect(dialogs.runs.size).toBe(1);
    expect(JSON.stringify([...state.keys.values()])).not.toContain(first.json.state);
  });

  it('opens one run where the answer got lost, whatever has become of the number and its limits', async () => {
    const { openDialog, onboard, state, dialogs, alter } = createDoor();
    const id = await onboard();
    const { json: first } = await openDialog(id, { 'idempotency-key': 'k' });
    for (const kept of state.keys.values()) delete kept.answer; // as if the process had died before it was kept
    for (let run = 1; run < 10; run += 1) await openDialog(id);
    alter(id, ({ attempt }) => ({ attempt: { ...attempt, ordinal: 2, state: 'running' } }));
    state.nowMs += MINUTE_MS;
    const second = await openDialog(id, { 'idempotency-key': 'k' });
    expect([second.status, second.json]).toEqual([201, first]);
    expect(dialogs.runs.size).toBe(10);
  });

  it('never outlives the invitation, and is gone with it', async () => {
    const { openDialog, onboard, alter } = createDoor();
    const id = await onboard();
    alter(id, ({ attempt }) => ({ attempt: { ...attempt, expiresAtMs: NOW_MS + MINUTE_MS } }));
    const { json } = await openDialog(id);
    expect(json.expiresAt).toBe(new Date(NOW_MS + MINUTE_MS).toISOString());
    alter(id, ({ attempt }) => ({ attempt: { ...attempt, expiresAtMs: NOW_MS } }));
    const late = await openDialog(id);
    expect([late.status, late.json.code]).toEqual([410, 'INVITATION_EXPIRED']);
  });

  it.each(['cooling', 'queued'] as const)('is refused while %s, with the date to return', async (state) => {
    const { openDialog, onboard, alter } = createDoor();
    const id = await onboard();
    alter(id, ({ attempt }) => ({ attempt: { ...attempt, state, opensAtMs: NOW_MS + MINUTE_MS } }));
    const { status, json } = await openDialog(id);
    expect([status, json.code, json.retryAt]).toEqual([
      409,
      'ATTEMPT_RESTING',
      new Date(NOW_MS + MINUTE_MS).toISOString(),
    ]);
  });

  it('AT34 is refused with its own failure while it waits for a fix of ours: no date opens it', async () => {
    const { openDialog, onboard, alter } = createDoor();
    const id = await onboard();
    const failure = { ...unknownError, code: 'APP_SECRET_WRONG' } as const;
    alter(id, ({ attempt }) => ({ attempt: { ...attempt, state: 'queued', queuedFor: 'our-fix', failure } }));
    const { status, json } = await openDialog(id);
    expect([status, json.code, json.retryable, json.retryAt]).toEqual([409, 'APP_SECRET_WRONG', false, undefined]);
    expect([json.detail, json.remedy]).toEqual([FAILURES.APP_SECRET_WRONG.sentence, FAILURES.APP_SECRET_WRONG.remedy]);
  });

  it('is refused while another run is being worked on, and after the end', async () => {
    const { openDialog, onboard, alter } = createDoor();
    const id = await onboard();
    alter(id, ({ attempt }) => ({ attempt: { ...attempt, state: 'running' } }));
    expect((await openDialog(id)).json.code).toBe('COMMAND_OUT_OF_STATE');
    for (const [closed, status, code] of [
      ['withdrawn', 410, 'INVITATION_WITHDRAWN'],
      ['expired', 410, 'INVITATION_EXPIRED'],
      ['refused', 409, 'COMMAND_OUT_OF_STATE'],
    ] as const) {
      alter(id, ({ attempt }) => ({ attempt: { ...attempt, state: 'open' }, closed }));
      const refused = await openDialog(id);
      expect([refused.status, refused.json.code]).toEqual([status, code]);
    }
  });

  it('needs the disclosure that holds today, and keeps who accepted it', async () => {
    const { openDialog, post, onboard, dialogs } = createDoor();
    const id = await onboard();
    const old = await openDialog(id, {}, 2);
    expect([old.status, old.json.code]).toEqual([422, 'DISCLOSURE_OUTDATED']);
    const without = await post(`/v1/numbers/${id}/signup-dialogs`, {});
    expect([without.status, without.json.errors[0].field]).toEqual([400, 'acceptedDisclosure']);
    expect(dialogs.runs.size).toBe(0);
    await openDialog(id);
    expect([...dialogs.runs.values()][0]?.disclosure).toEqual({ version: 1, by: 'the owner' });
  });

  it('U16 is refused after ten runs of a number within an hour, until the first of them is an hour old', async () => {
    const { openDialog, onboard, state } = createDoor();
    const id = await onboard();
    for (let run = 0; run < 10; run += 1) {
      expect((await openDialog(id)).status).toBe(201);
      state.nowMs += MINUTE_MS;
    }
    const { status, json } = await openDialog(id);
    const retryAt = new Date(NOW_MS + 60 * MINUTE_MS).toISOString();
    expect([status, json.code, json.retryable, json.retryAt]).toEqual([429, 'DIALOG_RUNS_EXHAUSTED', true, retryAt]);
    expect((await openDialog(await onboard())).status).toBe(201);
    state.nowMs = NOW_MS + 60 * MINUTE_MS;
    expect((await openDialog(id)).status).toBe(201);
  });
});

describe('the limits that were set for a number (U16)', () => {
  const limited = async (over: Partial<Policy>) => {
    const door = createDoor();
    const id = await door.onboard();
    door.alter(id, ({ policy }) => ({ policy: { ...policy, ...over } }));
    return { ...door, id };
  };

  it('hold for its runs instead of ours, and for no other number', async () => {
    const { openDialog, onboard, id } = await limited({ dialogRunsMax: 1, dialogRunMinutes: 5 });
    await openDialog(id);
    const { status, json } = await openDialog(id);
    expect([status, json.retryAt]).toEqual([429, new Date(NOW_MS + 5 * MINUTE_MS).toISOString()]);
    const other = await onboard();
    for (let run = 0; run < 2; run += 1) expect((await openDialog(other)).status).toBe(201);
  });

  it('hold for all runs of its tenant, where it opens one more', async () => {
    const { openDialog, onboard, id } = await limited({ tenantDialogRunsMax: 1 });
    const other = await onboard();
    for (let run = 0; run < 2; run += 1) expect((await openDialog(other)).status).toBe(201);
    expect((await openDialog(id)).json.code).toBe('DIALOG_RUNS_EXHAUSTED');
  });
});

describe('the runs of a tenant (U16)', () => {
  it('are refused after 300 within an hour, whichever the number', async () => {
    const { openDialog, onboard, dialogs } = createDoor();
    const id = await onboard();
    await openDialog(id);
    const [first] = dialogs.runs.values();
    for (let run = 1; run < 300 && first; run += 1) {
      const other = { ...first.run, numberId: numberId(`num_${run}`) };
      dialogs.runs.set(dialogRunId(`dlg_${run}`), { ...first, run: other });
    }
    expect((await openDialog(id)).json.code).toBe('DIALOG_RUNS_EXHAUSTED');
    dialogs.runs.delete(dialogRunId('dlg_1'));
    expect((await openDialog(id)).status).toBe(201);
  });
});

describe('the funnel (U10)', () => {
  it('tells what became of the runs of the last days', async () => {
    const { get, dialogs } = createDoor();
    dialogs.funnel = {
      opened: 7,
      finished: 2,
      abandoned: [{ step: 'PERMISSIONS', count: 2 }],
      errors: [{ failure: 'APP_TOO_OLD', metaCode: '4563015', count: 2 }],
      otherEndings: [{ ending: 'standard', count: 1 }],
    };
    const { status, json } = await get('/v1/signup-funnel?days=7');
    expect(status).toBe(200);
    expect(json).toEqual({
      since: new Date(NOW_MS - 7 * 24 * 60 * MINUTE_MS).toISOString(),
      opened: 7,
      finished: 2,
      abandoned: [{ step: 'PERMISSIONS', count: 2 }],
      errors: [{ code: 'APP_TOO_OLD', metaCode: '4563015', count: 2 }],
      otherEndings: [{ ending: 'standard', count: 1 }],
    });
    expect((await get('/v1/signup-funnel?days=0')).status).toBe(400);
  });
});

describe('a number whose owner stopped (U10)', () => {
  it('shows where, when and how to go on, and an unknown error as a hint', async () => {
    const { get, onboard, state, alter } = createDoor();
    const id = await onboard();
    const nothing = { lastRunAt: null, lastStep: null, abandoned: null, hint: null };
    expect((await get(`/v1/numbers/${id}`)).json.dialog).toEqual(nothing);
    const row = state.rows.get(id);
    const lastDialog = { openedAtMs: NOW_MS, abandonedStep: 'PERMISSIONS', isAbandoned: true, wrongAccount: null };
    if (row) state.rows.set(id, { ...row, lastDialog });
    alter(id, ({ attempt }) => ({ attempt: { ...attempt, failure: unknownError } }));
    const { json } = await get(`/v1/numbers/${id}`);
    expect(json.dialog).toMatchObject({ lastRunAt: new Date(NOW_MS).toISOString(), lastStep: 'PERMISSIONS' });
    expect(json.dialog.abandoned).toMatchObject({ code: 'SIGNUP_ABANDONED', isHint: false });
    expect(json.attempt.failure).toMatchObject({ isHint: true, metaCode: '99', supportReference: '9c41' });
  });
});

describe('the nudge (AT09)', () => {
  it('is for runs that were left 20 hours ago', async () => {
    const { dispatcher, dialogs } = createDoor();
    await dispatcher.tick();
    expect(dialogs.nudges).toMatchObject([{ beforeMs: NOW_MS - 20 * 60 * MINUTE_MS, atMs: NOW_MS }]);
  });
});
