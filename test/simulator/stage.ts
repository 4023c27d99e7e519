/** A stage for one test file: a settable Clock, a receiver of webhooks, and a local Meta between them. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { pick, pickText } from './pick.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { appSecretProofOf } from '../../src/simulator/signatures.ts';

export const APP_ID = '710000000000053';
export const APP_SECRET = 'sim-app-secret-0001';
export const PARTNER = '610000000000047';
export const DIGITS = '15550100123';
export const WABA = '310000000000017';
export const NUMBER = '410000000000023';
export const OWNER = '510000000000031';
export const START_MS = 1_795_305_600_000;
export const DAY_MS = 86_400_000;

const Change = z.object({ field: z.string(), value: z.record(z.string(), z.unknown()) });
const Envelope = z.object({
  object: z.literal('whatsapp_business_account'),
  entry: z.array(z.object({ id: z.string(), time: z.number().optional(), changes: z.array(Change) })),
});

export interface Received {
  readonly rawBody: string;
  readonly signature: string;
  readonly answered: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

export interface Stage {
  readonly clock: { nowMs(): number; set(atMs: number): void; advance(ms: number): void };
  readonly received: Received[];
  /** Statuses of the next answers of the receiver; 200 when the list is empty. */
  readonly nextStatuses: number[];
  control(method: string, path: string, body?: unknown): Promise<Answer>;
  graph(
    path: string,
    options?: { method?: string; token?: string | null; proof?: string | null; body?: unknown },
  ): Promise<Answer>;
  /** A Graph answer that need not be JSON; `path` carries its own proof. */
  raw(
    path: string,
    options: { method: string; token: string },
  ): Promise<{ status: number; contentType: string; text: string }>;
  /** The control plane's index. */
  index(): Promise<Answer>;
  /** Makes the cast's phone, runs the dialog, exchanges the code, subscribes; answers the token. */
  onboard(phone?: object): Promise<string>;
  /** All changes received so far that carry this field, oldest first. */
  changes(field: string): { id: string; time: number | undefined; value: Record<string, unknown> }[];
  until(what: string, holds: () => boolean | Promise<boolean>): Promise<void>;
  /** Waits until nothing is due any more. */
  settled(): Promise<void>;
  /** When the local Meta will do something by itself, or null. */
  nextAtMs(): Promise<number | null>;
  restart(): Promise<void>;
  close(): Promise<void>;
}

export async function setStage(statePath: string | null = null): Promise<Stage> {
  let nowMs = START_MS;
  const received: Received[] = [];
  const nextStatuses: number[] = [];
  const receiver = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://receiver');
      if (request.method === 'GET') {
        const isOurs = url.searchParams.get('hub.verify_token') === 'verify-me';
        response.writeHead(isOurs ? 200 : 403).end(url.searchParams.get('hub.challenge'));
        return;
      }
      const answered = nextStatuses.shift() ?? 200;
      const signature = String(request.headers['x-hub-signature-256']);
      received.push({ rawBody: Buffer.concat(parts).toString('utf8'), signature, answered });
      response.writeHead(answered).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const webhookUrl = `http://127.0.0.1:${portOf(receiver.address())}/webhooks/meta`;
  const clock = {
    nowMs: () => nowMs,
    set: (atMs: number) => void (nowMs = atMs),
    advance: (ms: number) => void (nowMs += ms),
  };
  const start = (): Promise<Simulator> =>
    startSimulator({
      clock,
      port: 0,
      statePath,
      appId: APP_ID,
      appSecret: APP_SECRET,
      businessId: PARTNER,
      verifyToken: 'verify-me',
      webhookUrl,
    });
  let simulator = await start();

  const stage: Stage = {
    clock,
    received,
    nextStatuses,
    control: (method, path, body) => ask(method, `${simulator.url}/control${path}`, { body }),
    graph(path, options = {}) {
      const url = new URL(`${simulator.url}/v25.0${path}`);
      const { token = null, method = 'GET', body } = options;
      const proof = options.proof ?? (token === null ? null : appSecretProofOf(token, APP_SECRET));
      if (proof !== null && proof !== '') url.searchParams.set('appsecret_proof', proof);
      return ask(method, url.href, { body, ...(token === null ? {} : { token }) });
    },
    async raw(path, { method, token }) {
      const url = `${simulator.url}/v25.0${path}`;
      const response = await fetch(url, { method, headers: { authorization: `Bearer ${token}` } });
      const contentType = response.headers.get('content-type') ?? '';
      return { status: response.status, contentType, text: await response.text() };
    },
    index: () => ask('GET', `${simulator.url}/`, {}),
    async onboard(phone = {}) {
      const cast = { digits: DIGITS, wabaId: WABA, phoneNumberId: NUMBER, businessId: OWNER };
      await stage.control('POST', '/phones', { ...cast, ...phone });
      const { body } = await stage.control('POST', '/dialogs', { digits: DIGITS });
      const token = await exchange(stage, pickText(body, 'code'));
      await stage.graph(`/${WABA}/subscribed_apps`, { method: 'POST', token });
      await stage.settled();
      return token;
    },
    changes: (field) =>
      received.flatMap(({ rawBody }) =>
        Envelope.parse(JSON.parse(rawBody)).entry.flatMap(({ id, time, changes }) =>
          changes.filter((change) => change.field === field).map(({ value }) => ({ id, time, value })),
        ),
      ),
    async until(what, holds) {
      for (let look = 0; look < 500; look += 1) {
        if (await holds()) return;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      throw new Error(`waited 5 s in vain for: ${what}`);
    },
    settled: () =>
      stage.until('nothing due', async () => pick(await stage.control('GET', '/pending'), 'body.pending') === 0),
    nextAtMs: async () =>
      z.object({ nextAtMs: z.number().nullable() }).parse((await stage.control('GET', '/next')).body).nextAtMs,
    async restart() {
      await simulator.close();
      simulator = await start();
    },
    async close() {
      await simulator.close();
      receiver.closeAllConnections();
      await new Promise((resolve) => receiver.close(resolve));
    },
  };
  return stage;
}

export function askForCode(stage: Stage, code: string, secret = APP_SECRET): Promise<Answer> {
  return stage.graph(`/oauth/access_token?client_id=${APP_ID}&client_secret=${secret}&code=${code}`);
}

export async function exchange(stage: Stage, code: string): Promise<string> {
  return pickText((await askForCode(stage, code)).body, 'access_token');
}

export function askForSync(stage: Stage, token: string, kind: 'smb_app_state_sync' | 'history'): Promise<Answer> {
  const body = { messaging_product: 'whatsapp', sync_type: kind };
  return stage.graph(`/${NUMBER}/smb_app_data`, { method: 'POST', token, body });
}

function portOf(address: string | AddressInfo | null): number {
  if (address === null || typeof address === 'string') throw new Error('the receiver has no port');
  return address.port;
}

async function ask(method: string, url: string, sent: { body?: unknown; token?: string }): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(sent.token === undefined ? {} : { authorization: `Bearer ${sent.token}` }),
      ...(sent.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(sent.body === undefined ? {} : { body: JSON.stringify(sent.body) }),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}
