/** The browser is not trusted: its state must be ours, each part counts once, and what Meta granted decides. */
import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { dialogStateOf } from '../../src/api/dialog-state.ts';
import { dialogRunId, tenantId } from '../../src/domain/ids.ts';
import {
  acceptedTimes,
  finishDialog,
  HOUR_MS,
  isConnected,
  problemCodeOf,
  query,
  reach,
  SECRETS,
  sendParts,
  sentencesOf,
} from './bad-day.ts';
import { useWorld } from './world.ts';

const bench = useWorld({ secrets: SECRETS, logLevel: 'error' });

const ownSecret = createHmac('sha256', Buffer.from(SECRETS.encryptionKey, 'base64'))
  .update('tandem dialog state')
  .digest();

test('a state that is tampered with, foreign, unknown or expired is refused, and nothing is taken', async () => {
  const { world } = bench;
  const digits = '15550114001';
  const invited = await finishDialog(world, digits);
  const { state, dialog, numberId } = invited;
  const [run = '', tenant = '', cycle = '', attempt = '', signature = ''] = state.split('.');
  const bound = `${run}.${tenant}.${cycle}.${attempt}`;
  const claim = { dialogRunId: dialogRunId(run), tenantId: tenantId(tenant), cycle: 1, attempt: 1 };
  const flipped = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
  expect(state, 'the test signs as the server does').toBe(dialogStateOf(ownSecret, claim));
  const refused = [
    `${bound}.${flipped}`,
    `${run.slice(0, -1)}${run.endsWith('x') ? 'y' : 'x'}.${tenant}.${cycle}.${attempt}.${signature}`,
    `${run}.ten_other.${cycle}.${attempt}.${signature}`,
    `${run}.${tenant}.${cycle}.2.${signature}`,
    bound,
    `${state}.${signature}`,
    `${state} `,
    dialogStateOf('the secret of somebody else', claim),
    dialogStateOf(ownSecret, { ...claim, dialogRunId: dialogRunId('dlg_never-opened') }),
    dialogStateOf(ownSecret, { ...claim, tenantId: tenantId('ten_other') }),
    dialogStateOf(ownSecret, { ...claim, attempt: 2 }),
  ];
  for (const bad of refused) {
    for (const answer of [
      await world.backend.sendCode(bad, dialog.code),
      await world.backend.sendResult(bad, dialog.message),
    ]) {
      expect([answer.status, problemCodeOf(answer)], bad).toEqual([409, 'SIGNUP_STATE_INVALID']);
    }
  }
  const runs = await query(world, 'select code_digest, ending from dialog_runs where number_id = $1', [numberId]);
  expect(runs).toEqual([{ code_digest: null, ending: null }]);
  expect(await acceptedTimes(world, digits, 'exchangeCode')).toBe(0);

  await world.advance(HOUR_MS + 1_000);
  expect(problemCodeOf(await world.backend.sendCode(state, dialog.code))).toBe('SIGNUP_STATE_INVALID');
  expect((await world.backend.readNumber(numberId)).headline).toBe('awaiting-signup');
});

test('another code or another result for the same run is 409, the identical one is accepted again', async () => {
  const { world } = bench;
  const digits = '15550114002';
  const invited = await finishDialog(world, digits);
  const { state, dialog, numberId } = invited;
  await sendParts(world, invited);
  const otherCode = await world.backend.sendCode(state, `${dialog.code}X`);
  expect([otherCode.status, problemCodeOf(otherCode)]).toEqual([409, 'SIGNUP_PART_DIFFERENT']);
  const message = {
    type: 'WA_EMBEDDED_SIGNUP',
    event: 'FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING',
    data: { waba_id: '1' },
  };
  const otherResult = await world.backend.sendResult(state, message);
  expect([otherResult.status, problemCodeOf(otherResult)]).toEqual([409, 'SIGNUP_PART_DIFFERENT']);
  await sendParts(world, invited);
  await reach(world, numberId, isConnected);
  await sendParts(world, invited);
  await world.settle();
  expect(await acceptedTimes(world, digits, 'exchangeCode')).toBe(1);
  expect((await world.backend.readNumber(numberId)).connection).toBe('connected');
  const arrived = (await sentencesOf(world, numberId)).filter((sentence) => sentence.includes('its code arrived'));
  expect(arrived.length).toBe(1);
});

test('case 13: a result that names another account than Meta granted ends the attempt, undone, and the owner may try again', async () => {
  const { world } = bench;
  const digits = '15550114003';
  const invited = await finishDialog(world, digits);
  const data = { waba_id: '31000015550114999' };
  const dialog = {
    ...invited.dialog,
    message: { type: 'WA_EMBEDDED_SIGNUP', event: 'FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING', version: 3, data },
  };
  await sendParts(world, { ...invited, dialog });
  const { numberId } = invited;
  const ended = await reach(world, numberId, ({ attempt }) => attempt.failure !== null && attempt.state !== 'undoing');
  expect(ended.attempt.failure?.code).toBe('SIGNUP_ASSETS_MISMATCHED');
  expect(ended.connection).toBe('awaiting-signup');
  expect(ended.link.state).toBe('none');
  const phone = await world.meta.readPhone(digits);
  expect(phone['subscribed']).toBe(false);
  expect(await query(world, 'select 1 from claims where number_id = $1', [numberId])).toEqual([]);
  const held = await query(world, 'select 1 from credentials where number_id = $1 and token_sealed is not null', [
    numberId,
  ]);
  expect(held, 'the credential is forgotten').toEqual([]);
  for (const call of ['subscribe', 'syncContacts', 'syncHistory', 'register']) {
    expect(await acceptedTimes(world, digits, call), call).toBe(0);
  }
});
