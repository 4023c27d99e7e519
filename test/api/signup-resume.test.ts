/** Going on with a dialog that was left (U10): the link, and what it opens. */
import { describe, expect, it } from 'vitest';
import { dialogStateOf } from '../../src/api/dialog-state.ts';
import { resumeClaimOf, resumeTokenOf, resumeUrlOf } from '../../src/api/resume-token.ts';
import { dialogRunId, numberId, tenantId, type NumberId } from '../../src/domain/ids.ts';
import { createDoor, NOW_MS, type Door } from './door.ts';
import { OPERATOR } from './fleet.ts';
import { forged } from './forged.ts';

const MINUTE_MS = 60_000;
const PAGE = 'https://shop.example/connect?lang=de';
const SECRET = 'a secret';
const CLAIM = { tenantId: tenantId('ten_1'), numberId: numberId('num_1'), cycle: 2, expiresAtMs: NOW_MS };

/** A number whose dialog was opened, at a tenant with a page. */
async function left() {
  const door = createDoor();
  const change = { pageUrl: PAGE, pageOrigins: ['https://shop.example'], reason: 'asked' };
  await door.put('/v1/operator/tenants/ten_1', change, OPERATOR);
  const id = await door.onboard();
  await door.openDialog(id);
  leaveDialog(door, id);
  const { json } = await door.get(`/v1/numbers/${id}/progress`);
  const url: string = json.resumeUrl;
  const [, token = ''] = url.split('#resume=');
  const resume = (more: object = {}, headers: Record<string, string> = {}) =>
    door.post('/v1/signup/resume', { token, acceptedDisclosure: { version: 1, by: 'the owner' }, ...more }, headers);
  return { ...door, id, url, token, resume };
}

function leaveDialog({ state }: Door, id: NumberId): void {
  const row = state.rows.get(id);
  if (!row) return;
  const lastDialog = { openedAtMs: NOW_MS, abandonedStep: 'PERMISSIONS', isAbandoned: true, wrongAccount: null };
  state.rows.set(id, { ...row, lastDialog });
}

describe('the link', () => {
  it('leads to the page of the tenant, with the token where no server sees it', async () => {
    const { url } = await left();
    expect(url.startsWith(`${PAGE}#resume=ten_1.num_`)).toBe(true);
  });

  it('is there only while there is a dialog to go on with, and a page to do it', async () => {
    const door = await left();
    const shown = async (): Promise<unknown> => (await door.get(`/v1/numbers/${door.id}/progress`)).json.resumeUrl;
    door.alter(door.id, ({ attempt }) => ({ attempt: { ...attempt, state: 'running' } }));
    expect(await shown()).toBeNull();
    door.alter(door.id, ({ attempt }) => ({ attempt: { ...attempt, state: 'open', expiresAtMs: NOW_MS } }));
    expect(await shown()).toBeNull();
    door.alter(door.id, ({ attempt }) => ({ attempt: { ...attempt, expiresAtMs: NOW_MS + 1 } }));
    expect(await shown()).not.toBeNull();
    await door.put('/v1/operator/tenants/ten_1', { pageUrl: null, reason: 'asked' }, OPERATOR);
    expect(await shown()).toBeNull();
    const other = await door.onboard();
    expect((await door.get(`/v1/numbers/${other}/progress`)).json.resumeUrl).toBeNull();
  });

  it('is told to the backend alone: neither to operators, nor to whoever has the state of a run', async () => {
    const { id, get, app, openDialog } = await left();
    expect((await get(`/v1/numbers/${id}/progress`, OPERATOR)).json.resumeUrl).toBeNull();
    const headers = { authorization: `Dialog ${String((await openDialog(id)).json.state)}` };
    const { statusCode, body } = await app.inject({ url: '/v1/signup/progress', headers });
    expect([statusCode, body.includes('resume')]).toEqual([200, false]);
  });

  it('is bound to tenant, number, cycle and its end, and is no state of a dialog', () => {
    const token = resumeTokenOf(SECRET, CLAIM);
    expect(resumeClaimOf(SECRET, token)).toEqual(CLAIM);
    expect(resumeUrlOf(SECRET, { ...CLAIM, pageUrl: PAGE })).toBe(`${PAGE}#resume=${token}`);
    const others = ['ten_1', 'num_1', '.2.', String(NOW_MS)].map((part) =>
      token.replace(part, part.replace(/\d/, '9')),
    );
    const state = dialogStateOf(SECRET, { ...CLAIM, dialogRunId: dialogRunId('dlg_1'), attempt: 1 });
    for (const wrong of [...others, forged(token), '', state]) expect(resumeClaimOf(SECRET, wrong)).toBeNull();
    expect(resumeClaimOf('another secret', token)).toBeNull();
  });
});

describe('resuming', () => {
  it('opens a fresh run as a backend does, and its state takes the code', async () => {
    const { resume, post, dialogs, state, openDialog, id } = await left();
    const { status, json } = await resume();
    expect(status).toBe(201);
    const { json: backends } = await openDialog(id);
    expect(json).toEqual({ ...backends, dialogRunId: json.dialogRunId, state: json.state });
    expect(json.state).not.toBe(backends.state);
    expect([json.cycle, json.attempt, json.facebookLogin]).toEqual([1, 1, backends.facebookLogin]);
    expect(dialogs.runs.size).toBe(3);
    expect((await post('/v1/signup/code', { state: json.state, code: 'AQ1' })).status).toBe(202);
    expect(state.posted.map(({ id: of }) => of)).toEqual([id]);
  });

  it('opens one run for a repeat with the same key, another one for another key', async () => {
    const { resume, dialogs } = await left();
    const first = await resume({}, { 'idempotency-key': 'k' });
    expect((await resume({}, { 'idempotency-key': 'k' })).json).toEqual(first.json);
    expect(dialogs.runs.size).toBe(2);
    expect((await resume({}, { 'idempotency-key': 'l' })).json.dialogRunId).not.toBe(first.json.dialogRunId);
  });

  it('needs no API key, and a key against repeats', async () => {
    const { app, token } = await left();
    const payload = { token, acceptedDisclosure: { version: 1, by: 'the owner' } };
    const call = (headers: Record<string, string>) =>
      app.inject({ method: 'POST', url: '/v1/signup/resume', payload, headers });
    expect((await call({ 'idempotency-key': 'k' })).statusCode).toBe(201);
    const without = await call({});
    expect([without.statusCode, without.json().code]).toEqual([400, 'IDEMPOTENCY_KEY_MISSING']);
  });

  it('keeps the page for which it was opened', async () => {
    const { resume, dialogs } = await left();
    const { json, headers } = await resume({}, { origin: 'https://shop.example' });
    expect(headers['access-control-allow-origin']).toBe('https://shop.example');
    expect(dialogs.runs.get(dialogRunId(String(json.dialogRunId)))?.origin).toBe('https://shop.example');
    expect((await resume({}, { origin: 'https://evil.example' })).json.code).toBe('ORIGIN_FOREIGN');
  });

  it('has the limits of a backend: ten runs within an hour, the disclosure of today', async () => {
    const { resume, dialogs } = await left();
    const outdated = await resume({ acceptedDisclosure: { version: 2, by: 'the owner' } });
    expect([outdated.status, outdated.json.code]).toEqual([422, 'DISCLOSURE_OUTDATED']);
    while (dialogs.runs.size < 10) expect((await resume()).status).toBe(201);
    const { status, json } = await resume();
    const retryAt = new Date(NOW_MS + 60 * MINUTE_MS).toISOString();
    expect([status, json.code, json.retryAt]).toEqual([429, 'DIALOG_RUNS_EXHAUSTED', retryAt]);
  });

  it('calls at most 120 times within a minute for one number, and the next ones read and write nothing', async () => {
    const { resume, state, dialogs } = await left();
    for (let call = 0; call < 120; call += 1) await resume({}, { 'idempotency-key': 'k' });
    state.isStoreDown = true;
    const { status, json } = await resume();
    const retryAt = new Date(NOW_MS + MINUTE_MS).toISOString();
    expect([status, json.code, json.retryAt]).toEqual([429, 'DIALOG_CALLS_EXHAUSTED', retryAt]);
    state.isStoreDown = false;
    state.nowMs += MINUTE_MS;
    expect((await resume()).status).toBe(201);
    expect(dialogs.runs.size).toBe(3);
  });

  it('is over with the invitation, with its cycle, and for a link that is not ours', async () => {
    const door = await left();
    const codeOf = async (more: object = {}): Promise<unknown[]> => {
      const { status, json } = await door.resume(more);
      return [status, String(json.code)];
    };
    expect(await codeOf({ token: `${door.token}x` })).toEqual([409, 'RESUME_TOKEN_INVALID']);
    door.alter(door.id, () => ({ cycle: 2 }));
    expect(await codeOf()).toEqual([410, 'INVITATION_EXPIRED']);
    door.alter(door.id, () => ({ cycle: 1, closed: 'withdrawn' }));
    expect(await codeOf()).toEqual([410, 'INVITATION_WITHDRAWN']);
    door.alter(door.id, () => ({ closed: 'no' }));
    door.state.nowMs = door.state.rows.get(door.id)?.snapshot.attempt.expiresAtMs ?? 0;
    expect(await codeOf()).toEqual([410, 'INVITATION_EXPIRED']);
  });
});
