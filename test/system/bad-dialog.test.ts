/** Meta's dialog says no, or is left: the owner is told why, waits as long as Meta asks, and gets on by the same link. */
import { expect, test } from 'vitest';
import {
  eventually,
  HOUR_MS,
  idOf,
  isConnected,
  MINUTE_MS,
  problemCodeOf,
  query,
  reach,
  SECRETS,
  sendParts,
  sentencesOf,
} from './bad-day.ts';
import { useWorld } from './world.ts';

const bench = useWorld({ secrets: SECRETS, logLevel: 'error' });

const cancel = (data: object) => ({ type: 'WA_EMBEDDED_SIGNUP', event: 'CANCEL', version: 3, data });

test('PLATFORM_STILL_CONNECTED cools for 15 minutes, then the same invitation opens by itself and connects', async () => {
  const { world } = bench;
  const { backend, meta } = world;
  const digits = '15550117001';
  await meta.makePhone({ digits });
  const { id } = await backend.invite(`+${digits}`);
  const first = await backend.openDialog(id);
  const refused = cancel({ error_message: 'no', error_code: 3_441_049, session_id: '9c41d07be2f0a86' });
  expect((await backend.sendResult(first.state, refused)).status).toBe(202);
  expect((await backend.sendResult(first.state, refused)).status, 'the same again').toBe(202);

  const cooling = await reach(world, id, ({ headline }) => headline === 'cooling-down');
  expect(cooling.attempt.failure).toMatchObject({
    code: 'PLATFORM_STILL_CONNECTED',
    metaCode: '3441049',
    supportReference: '9c41d07be2f0a86',
    isHint: false,
  });
  const { version } = (await backend.call('GET', '/v1/disclosures/current')).body as { version: number };
  const body = { acceptedDisclosure: { version, by: 'the owner' } };
  const early = await backend.call('POST', `/v1/numbers/${id}/signup-dialogs`, { body });
  expect(problemCodeOf(early)).toBe('ATTEMPT_RESTING');
  expect(problemCodeOf(await backend.sendCode(first.state, 'AQ-late'))).toBe('INVITATION_USED');

  await world.advance(15 * MINUTE_MS + 1_000);
  await reach(world, id, ({ headline }) => headline === 'awaiting-signup');
  const { state } = await backend.openDialog(id);
  const { code, message } = await meta.finishSignup(digits);
  await sendParts(world, { numberId: id, state, dialog: { code: code ?? '', message } });
  await reach(world, id, isConnected);
  const told = (await sentencesOf(world, id)).filter((sentence) => sentence.includes('3441049'));
  expect(told).toEqual(["Meta's dialog reported an error: PLATFORM_STILL_CONNECTED (3441049). Nothing was changed."]);
});

test('a dialog that was left is shown with its step, and its owner nudged once after 20 hours', async () => {
  const { world } = bench;
  const { backend } = world;
  const invited = await backend.call('POST', '/v1/onboardings', { body: { phoneNumber: '+15550117002' } });
  const id = idOf(invited);
  const { state } = await backend.openDialog(id);
  const left = cancel({ current_step: 'PHONE_NUMBER_VERIFICATION' });
  expect((await backend.sendResult(state, left)).status).toBe(202);
  const shown = (await backend.call('GET', `/v1/numbers/${id}`)).body;
  expect(shown).toMatchObject({
    headline: 'awaiting-signup',
    dialog: { lastStep: 'PHONE_NUMBER_VERIFICATION', abandoned: { code: 'SIGNUP_ABANDONED' } },
  });
  const funnel = (await backend.call('GET', '/v1/signup-funnel')).body;
  expect(funnel).toMatchObject({ abandoned: [{ step: 'PHONE_NUMBER_VERIFICATION', count: 1 }] });

  const nudges = () => query(world, "select 1 from outbox where number_id = $1 and kind = 'signup-nudge'", [id]);
  await world.advance(19 * HOUR_MS);
  expect(await nudges()).toEqual([]);
  await world.advance(HOUR_MS + 1_000);
  await eventually('the nudge', async () => (await nudges()).length > 0);
  expect(await nudges()).toHaveLength(1);
});
