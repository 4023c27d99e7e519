import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askForCode, askForSync, DIGITS, NUMBER, setStage } from './stage.ts';
import { pick, pickList, pickText } from './pick.ts';
import type { Answer, Stage } from './stage.ts';

let stage: Stage;
let token: string;
beforeEach(async () => {
  stage = await setStage();
  token = await stage.onboard();
});
afterEach(() => stage.close());

const plan = (call: string, fault: object, more: object = {}) =>
  stage.control('POST', '/faults', { call, fault, ...more });
const readNumber = () => stage.graph(`/${NUMBER}?fields=status`, { token });
async function countOf(call: string) {
  const calls = pickList(await stage.control('GET', '/calls'), 'body');
  return calls.find((row) => pick(row, 'call') === call);
}

describe('a planned fault of a Graph call', () => {
  it('applies a call once and loses the answer, so that asking again hears "used up"', async () => {
    await plan('syncHistory', { kind: 'lost-answer' });
    await expect(askForSync(stage, token, 'history')).rejects.toThrow('fetch failed');
    expect(pick(await askForSync(stage, token, 'history'), 'body.error.code')).toBe(2593107);
    expect(await countOf('syncHistory')).toMatchObject({ asked: 2, accepted: 1 });
    expect(pick(await stage.control('GET', `/phones/${DIGITS}`), 'body.historySync')).toBe('requested');
  });

  it('spends a code although the answer with the token was lost', async () => {
    await stage.control('POST', `/phones/${DIGITS}/act`, { action: 'disconnect' });
    stage.clock.advance(15 * 60_000);
    const code = pickText((await stage.control('POST', '/dialogs', { digits: DIGITS })).body, 'code');
    await plan('exchangeCode', { kind: 'lost-answer' });
    await expect(askForCode(stage, code)).rejects.toThrow('fetch failed');
    expect(pick(await askForCode(stage, code), 'body.error.error_subcode')).toBe(36009);
    expect(pick(await stage.control('GET', `/phones/${DIGITS}`), 'body.tokens')).toBe(2);
  });

  it('refuses as often as planned, without applying, then no more', async () => {
    const fault = { kind: 'error', status: 503, code: 2, subcode: 7, isTransient: true };
    await plan('syncContacts', fault, { times: 2 });
    const answers: Answer[] = [];
    for (let turn = 0; turn < 3; turn += 1) answers.push(await askForSync(stage, token, 'smb_app_state_sync'));
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 200]);
    expect(pick(answers[0], 'body.error')).toMatchObject({ code: 2, error_subcode: 7, is_transient: true });
    expect(await countOf('syncContacts')).toMatchObject({ asked: 3, accepted: 1 });
  });

  it('strikes only the subject that it names, by digits or by id', async () => {
    await plan('readNumber', { kind: 'error', status: 500, code: 1 }, { subject: '15559999999' });
    expect((await readNumber()).status).toBe(200);
    await plan('readNumber', { kind: 'error', status: 500, code: 1 }, { subject: DIGITS });
    expect((await readNumber()).status).toBe(500);
    await plan('readNumber', { kind: 'error', status: 500, code: 1 }, { subject: NUMBER });
    expect((await readNumber()).status).toBe(500);
    expect((await readNumber()).status).toBe(200);
  });

  it('limits the rate before it looks at the token, and says in minutes when access returns', async () => {
    await plan('readNumber', { kind: 'rate-limited', minutes: 7 });
    const limited = await stage.graph(`/${NUMBER}`, { token: 'EAAnobody' });
    expect(limited).toMatchObject({ status: 400, body: { error: { code: 80007 } } });
    const usage = limited.headers.get('x-business-use-case-usage');
    expect(usage).toContain('"estimated_time_to_regain_access":7');
    expect(usage).toContain('"call_count":100');
  });

  it('hangs without an answer and without applying', async () => {
    await plan('syncHistory', { kind: 'hang' });
    const asking = askForSync(stage, token, 'history');
    const first = await Promise.race([
      asking,
      stage.until('the count', async () => pick(await countOf('syncHistory'), 'asked') === 1),
    ]);
    expect(first).toBeUndefined();
    expect(await countOf('syncHistory')).toMatchObject({ asked: 1, accepted: 0 });
    expect(pick(await stage.control('GET', `/phones/${DIGITS}`), 'body.historySync')).toBe('never');
    await Promise.all([stage.restart(), expect(asking).rejects.toThrow('fetch failed')]);
  });

  it.each([
    { kind: 'delay', stageWhileWaiting: 'never' },
    { kind: 'delay-after', stageWhileWaiting: 'requested' },
  ])('$kind: a call that waits is $stageWhileWaiting meanwhile and answered in the end', async (row) => {
    await plan('syncHistory', { kind: row.kind, ms: 300 });
    const asking = askForSync(stage, token, 'history');
    await stage.until('the count', async () => pick(await countOf('syncHistory'), 'asked') === 1);
    expect(pick(await stage.control('GET', `/phones/${DIGITS}`), 'body.historySync')).toBe(row.stageWhileWaiting);
    expect((await asking).status).toBe(200);
  });

  it('is gone when the faults are cleared, and is refused when it is none', async () => {
    await plan('readNumber', { kind: 'error', status: 500, code: 1 });
    await stage.control('DELETE', '/faults');
    expect((await readNumber()).status).toBe(200);
    const refused = await plan('readNumber', { kind: 'error', status: 200, code: 1 });
    expect(refused).toMatchObject({ status: 400, body: { problems: expect.arrayContaining([expect.any(String)]) } });
  });
});
