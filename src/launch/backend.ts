/** A tenant's backend and an owner's browser, as the demo and the tests play them against the real API. */
import { randomUUID } from 'node:crypto';

export const COMMAND_PATHS = [
  'disconnect',
  'reonboard',
  'cancel-onboarding',
  'confirm-app-opened',
  'withdraw-disconnect',
] as const;
export type CommandPath = (typeof COMMAND_PATHS)[number];

export interface Answer {
  status: number;
  body: unknown;
}

/** What the player reads of a number; the API's own schema has more. */
export interface NumberView {
  id: string;
  connection: string;
  headline: string;
  cycle: number;
  attempt: {
    state: string;
    expiresAt: string;
    retryAt: string | null;
    failure: { code: string; phoneStillLinked: string; remedy: string[] } | null;
  };
  link: { state: string; end: { reason: string } | null };
  syncs: { contacts: { state: string }; history: { state: string; progress: number } };
  activity: { remindedDays: number[] };
  nextDeadline: { kind: string; at: string } | null;
}

export interface TimelineView {
  at: string;
  sentence: string;
  row: string;
  cycle: number;
}

/** The two imports as the player reads them; the API's own schema has more. */
export interface ImportsView {
  contacts: { added: number; removed: number };
  history: { chunks: number; messages: number; media: number; phases: { phase: number }[] };
}

type ContentKind = 'messages' | 'media' | 'contacts';

/** What goes with a call; an Idempotency-Key is made for each POST that names none. */
export interface Sent {
  body?: unknown;
  headers?: Record<string, string>;
}

const CALL_TIMEOUT_MS = 15_000;

export interface Backend {
  call(method: string, path: string, sent?: Sent): Promise<Answer>;
  invite(phoneNumber: string): Promise<NumberView>;
  readNumber(numberId: string): Promise<NumberView>;
  readTimeline(numberId: string): Promise<TimelineView[]>;
  readImports(numberId: string): Promise<ImportsView>;
  /** How many items of each kind a tenant can fetch and read. */
  countReadable(numberId: string): Promise<Record<ContentKind, number>>;
  openDialog(numberId: string): Promise<{ state: string }>;
  sendCode(state: string, code: string): Promise<Answer>;
  sendResult(state: string, message: unknown): Promise<Answer>;
  command(numberId: string, command: CommandPath): Promise<Answer>;
}

/** The API answers with what its schema says; a test of the OpenAPI document holds it to that. */
function as<Shape>(body: unknown): Shape {
  return body as Shape;
}

function expectStatus(answer: Answer, statuses: readonly number[], what: string): Answer {
  if (statuses.includes(answer.status)) return answer;
  throw new Error(`${what} was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
}

export function createBackend(apiUrl: string, apiKey: string): Backend {
  const call: Backend['call'] = async (method, path, { body, headers = {} } = {}) => {
    const answer = await fetch(`${apiUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${apiKey}`,
        ...(method === 'POST' ? { 'idempotency-key': randomUUID() } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
    });
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? null : JSON.parse(text) };
  };
  const get = async (path: string): Promise<unknown> =>
    expectStatus(await call('GET', path), [200], `GET ${path}`).body;
  return {
    call,
    invite: async (phoneNumber) => {
      const answer = await call('POST', '/v1/onboardings', { body: { phoneNumber } });
      return as<NumberView>(expectStatus(answer, [202], 'the invitation').body);
    },
    readNumber: async (numberId) => as<NumberView>(await get(`/v1/numbers/${numberId}`)),
    readTimeline: (numberId) => readAllPages(`/v1/numbers/${numberId}/timeline?`, get),
    readImports: async (numberId) => as<ImportsView>(await get(`/v1/numbers/${numberId}/imports`)),
    countReadable: async (numberId) => {
      const countOf = async (kind: ContentKind): Promise<number> => {
        const path = `/v1/numbers/${numberId}/imported-content?kind=${kind}&`;
        const items = await readAllPages<{ state: string }>(path, get);
        return items.filter(({ state }) => state === 'readable').length;
      };
      return {
        messages: await countOf('messages'),
        media: await countOf('media'),
        contacts: await countOf('contacts'),
      };
    },
    openDialog: async (numberId) => {
      const { version } = as<{ version: number }>(await get('/v1/disclosures/current'));
      const body = { acceptedDisclosure: { version, by: 'the owner' } };
      const answer = await call('POST', `/v1/numbers/${numberId}/signup-dialogs`, { body });
      return as<{ state: string }>(expectStatus(answer, [201], 'opening the dialog').body);
    },
    sendCode: (state, code) => call('POST', '/v1/signup/code', { body: { state, code } }),
    sendResult: (state, message) => call('POST', '/v1/signup/result', { body: { state, message } }),
    command: (numberId, command) => call('POST', `/v1/numbers/${numberId}/${command}`, { body: {} }),
  };
}

const PAGE_LIMIT = 100;

/** `path` ends where its query goes on. */
async function readAllPages<Item>(path: string, get: (path: string) => Promise<unknown>): Promise<Item[]> {
  const all: Item[] = [];
  for (let after: string | null = '0'; after !== null;) {
    const page: { items: Item[]; next: string | null } = as(await get(`${path}after=${after}&limit=${PAGE_LIMIT}`));
    all.push(...page.items);
    after = page.next;
  }
  return all;
}
