/** Somebody takes a field out of our app at Meta: new dialogs stop, what is under way goes on, and it opens again by itself. */
import { expect, it } from 'vitest';
import { NEEDED_FIELDS, READ_AGAIN_AFTER_MS } from '../../src/domain/app-webhooks.ts';
import { eventually, invite, reaches } from './people.ts';
import { useWorld } from './world.ts';

const bench = useWorld();
const ECHOES = 'smb_message_echoes';
const accepted = { acceptedDisclosure: { version: 1, by: 'the owner' } };

it('a field that our app does not hear stops new dialogs alone, and is told', async () => {
  const { world } = bench;
  const readiness = async () => (await world.operator.call('GET', '/v1/operator/readiness')).body;
  const alerts = async () => (await world.operator.call('GET', '/v1/operator/alerts')).body;
  const shows = (webhooks: object, newSignups: string): Promise<void> =>
    eventually(async () => expect(await readiness()).toMatchObject({ newSignups, webhooks }));
  await shows({ state: 'good', missingFields: [], callbackUrl: `${world.apiUrl}/webhooks/meta` }, 'open');

  const owner = await invite(world, '15550108101');
  const other = await invite(world, '15550108102');
  const { state } = await world.backend.openDialog(owner.id);
  await world.meta.post('app', { fields: NEEDED_FIELDS.filter((field) => field !== ECHOES) });
  await world.advance(READ_AGAIN_AFTER_MS);
  await shows({ state: 'bad', faults: ['fields-missing'], missingFields: [ECHOES] }, 'blocked');
  expect(await alerts()).toMatchObject({ items: [{ kind: 'provider-not-ready' }] });
  const refused = await world.backend.call('POST', `/v1/numbers/${other.id}/signup-dialogs`, { body: accepted });
  expect(refused).toMatchObject({ status: 503, body: { code: 'PROVIDER_NOT_READY' } });

  const end = await world.meta.finishSignup(owner.digits);
  await world.backend.sendResult(state, end.message);
  await world.backend.sendCode(state, end.code ?? '');
  await reaches(world, owner, { connection: 'connected' });
  const told = (await world.backend.readTimeline(owner.id)).map(({ sentence }) => sentence);
  expect(told).toContainEqual(expect.stringContaining(`Meta does not tell us of: ${ECHOES}`));

  await world.meta.post('app', {});
  await world.advance(READ_AGAIN_AFTER_MS);
  await shows({ state: 'good' }, 'open');
  expect(await alerts()).toEqual({ items: [], next: null });
  await world.backend.openDialog(other.id);
});
