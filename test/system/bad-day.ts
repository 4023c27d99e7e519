/** What the tests of bad days do alike: connect a number, speak as Meta with a known secret, look into the store. */
import { createHmac } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import postgres from 'postgres';
import { numberId, workflowIdOf } from '../../src/domain/ids.ts';
import { sentenceOf } from '../../src/domain/timeline.ts';
import type { Answer, NumberView } from '../../src/launch/backend.ts';
import type { DialogEnd } from '../../src/launch/local-meta.ts';
import { readStatus } from '../../src/launch/read-status.ts';
import type { Secrets } from '../../src/launch/secrets.ts';
import type { World } from '../../src/launch/world.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** Known to the tests, so that they can sign as Meta does. */
export const SECRETS: Secrets = {
  encryptionKey: Buffer.alloc(32, 7).toString('base64'),
  apiKey: 'tandem_a-key-for-bad-days-000000',
  secondApiKey: 'tandem_a-key-for-bad-days-000001',
  operatorKey: 'tandem_a-key-for-bad-days-000002',
  metaAppSecret: '0123456789abcdef0123456789abcdef',
  metaVerifyToken: 'a-verify-token-for-bad-days',
};

/** Our own portfolio at the local Meta. */
export const PARTNER = '610000000000047';

/** The local Meta makes a phone's account id from its digits. */
export function wabaOf(digits: string): string {
  return `31${digits.padStart(15, '0')}`;
}

export function signatureOf(body: string | Buffer, secret = SECRETS.metaAppSecret): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

/** A webhook as Meta would send it, or with another signature. Answers the status. */
export async function sendWebhook(
  { apiUrl }: Pick<World, 'apiUrl'>,
  body: string | Buffer,
  headers: Record<string, string> = { 'x-hub-signature-256': signatureOf(body) },
): Promise<number> {
  const answer = await fetch(`${apiUrl}/webhooks/meta`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: new Uint8Array(Buffer.from(body)),
    signal: AbortSignal.timeout(15_000),
  });
  await answer.arrayBuffer();
  return answer.status;
}

/** The envelope of one account event, dated in whole seconds as Meta does. */
export function accountEvent(entryId: string, value: Record<string, unknown>, atMs: number): string {
  const changes = [{ field: 'account_update', value }];
  const entry = [{ id: entryId, time: Math.floor(atMs / 1000), changes }];
  return JSON.stringify({ object: 'whatsapp_business_account', entry });
}

export interface Invited {
  numberId: string;
  state: string;
  dialog: DialogEnd & { code: string };
}

type Scene = Pick<World, 'meta' | 'backend'>;

/** The phone exists, the dialog on it has ended well, and nothing of that has reached us through the browser. */
export async function finishDialog(
  { meta, backend }: Scene,
  digits: string,
  { phone = {}, wanted = {} }: { phone?: Record<string, unknown>; wanted?: Record<string, unknown> } = {},
): Promise<Invited> {
  await meta.makePhone({ digits, ...phone });
  const invited = await backend.call('POST', '/v1/onboardings', { body: { phoneNumber: `+${digits}`, ...wanted } });
  const id = idOf(invited);
  const { state } = await backend.openDialog(id);
  const { code, message } = await meta.finishSignup(digits);
  if (code === null) throw new Error('the dialog gave no code');
  return { numberId: id, state, dialog: { code, message } };
}

/** The id of the number in an answer of the API. */
export function idOf({ status, body }: Answer): string {
  if (typeof body === 'object' && body !== null && 'id' in body && typeof body.id === 'string') return body.id;
  throw new Error(`no number in an answer ${status}: ${JSON.stringify(body)}`);
}

/** Both parts of the browser's answer; each must be accepted. */
export async function sendParts({ backend }: Scene, { state, dialog }: Invited): Promise<void> {
  for (const send of [() => backend.sendResult(state, dialog.message), () => backend.sendCode(state, dialog.code)]) {
    const answer = await send();
    if (answer.status !== 202) throw new Error(`a part was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  }
}

export interface Held {
  id: number;
  digits: string;
  event: string | null;
  body: string;
}

/** What Meta keeps back for now, in the order in which it happened. */
export async function heldOf({ meta }: Pick<World, 'meta'>): Promise<Held[]> {
  return ((await meta.get('webhooks/held')) as { webhooks: Held[] }).webhooks;
}

/** Forgets planned faults that have not been used up. */
export async function clearFaults({ metaUrl }: Pick<World, 'metaUrl'>): Promise<void> {
  const answer = await fetch(`${metaUrl}/control/faults`, { method: 'DELETE', signal: AbortSignal.timeout(10_000) });
  if (!answer.ok) throw new Error(`the faults stayed: ${answer.status}`);
}

type Reach = { isDone: (number: NumberView) => boolean; withinMs: number };
type Clocked = Pick<World, 'advanceUntil' | 'backend'>;

/** Moves the clock until the number is as wished, two hours at most. */
export function reach(world: Clocked, id: string, isDone: Reach['isDone']): Promise<NumberView> {
  return reachWithin(world, id, { isDone, withinMs: 2 * HOUR_MS });
}

export async function reachWithin(world: Clocked, id: string, { isDone, withinMs }: Reach): Promise<NumberView> {
  const isReached = await world.advanceUntil(async () => isDone(await world.backend.readNumber(id)), withinMs);
  const number = await world.backend.readNumber(id);
  if (!isReached) {
    const told = (await world.backend.readTimeline(id)).map(({ sentence }) => sentence).join('\n');
    throw new Error(`not reached: ${JSON.stringify(number)}\n${told}`);
  }
  return number;
}

export const isConnected = ({ connection }: NumberView): boolean => connection === 'connected';
export const isImported = ({ syncs }: NumberView): boolean =>
  syncs.contacts.state === 'complete' && syncs.history.state === 'complete';

/** A number connected with both syncs done, and its id. */
export async function connect(world: World, digits: string): Promise<string> {
  const invited = await finishDialog(world, digits);
  await sendParts(world, invited);
  await reach(world, invited.numberId, isConnected);
  await reach(world, invited.numberId, isImported);
  return invited.numberId;
}

/** All that was told, also what waits in the workflow for its next record. */
export async function sentencesOf(
  { backend, client }: Pick<World, 'backend' | 'client'>,
  id: string,
): Promise<string[]> {
  const recorded = (await backend.readTimeline(id)).map(({ sentence }) => sentence);
  const { unsaid } = await readStatus(client, workflowIdOf(numberId(id)));
  return [...recorded, ...unsaid.map(sentenceOf)];
}

/** How often Meta accepted a call for this phone. */
export async function acceptedTimes({ meta }: Pick<World, 'meta'>, digits: string, call: string): Promise<number> {
  const calls = (await meta.readCalls()).filter((row) => row.digits === digits && row.call === call);
  return calls.reduce((sum, { accepted }) => sum + accepted, 0);
}

export type Row = Record<string, unknown>;

/** Reads with a connection that is closed again. */
export async function query(
  { databaseUrl }: Pick<World, 'databaseUrl'>,
  text: string,
  values: (string | number)[] = [],
): Promise<Row[]> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  try {
    return [...(await sql.unsafe<Row[]>(text, values))];
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** Rows of every table of ours. */
export async function countRows(world: Pick<World, 'databaseUrl'>): Promise<Record<string, number>> {
  const tables = await query(world, `select tablename from pg_tables where schemaname = 'public' order by tablename`);
  const counts: Record<string, number> = {};
  for (const { tablename } of tables) {
    const [row] = await query(world, `select count(*)::int as rows from "${String(tablename)}"`);
    counts[String(tablename)] = Number(row?.['rows']);
  }
  return counts;
}

export function problemCodeOf({ body }: Answer): unknown {
  return typeof body === 'object' && body !== null && 'code' in body ? body.code : null;
}

/** Asks again until it holds, by the machine's clock: for what happens while a server is down. */
export async function eventually(what: string, isTrue: () => Promise<boolean>, withinMs = 40_000): Promise<void> {
  const limit = performance.now() + withinMs;
  while (!(await isTrue().catch(() => false))) {
    if (performance.now() > limit) throw new Error(`not within ${withinMs / 1000} s: ${what}`);
    await pause(50);
  }
}
