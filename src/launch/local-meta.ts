/** The control plane of the local Meta, as the demo and the tests use it. */

export interface DialogEnd {
  code: string | null;
  /** An object, the JSON text of one, or null when it never reached the page. */
  message: unknown;
}

export interface DeliveryView {
  field: string;
  event: string | null;
  entryId: string;
  digits: string | null;
  outcome: string;
}

export interface CallCount {
  call: string;
  subject: string;
  digits: string | null;
  asked: number;
  accepted: number;
}

export interface LocalMetaControl {
  get(path: string): Promise<unknown>;
  post(path: string, body?: unknown): Promise<unknown>;
  makePhone(phone: Record<string, unknown>): Promise<Record<string, unknown>>;
  readPhone(digits: string): Promise<Record<string, unknown>>;
  finishSignup(digits: string, options?: Record<string, unknown>): Promise<DialogEnd>;
  act(digits: string, act: Record<string, unknown>): Promise<void>;
  /** All of them, or those about one phone's number and account. */
  readCalls(digits?: string): Promise<CallCount[]>;
  readDeliveries(): Promise<DeliveryView[]>;
  /** Epoch ms of the next thing that it will do by itself; null: nothing. */
  nextAtMs(): Promise<number | null>;
  /** Webhooks that are due and not delivered. */
  pending(): Promise<number>;
}

const CALL_TIMEOUT_MS = 10_000;

/** The control plane is ours, and tested in its own ring. */
function as<Shape>(body: unknown): Shape {
  return body as Shape;
}

export function createLocalMetaControl(url: string): LocalMetaControl {
  const ask = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const answer = await fetch(`${url}/control/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`the local Meta refused ${path} with ${answer.status}: ${text}`);
    return text === '' ? null : JSON.parse(text);
  };
  const get = (path: string): Promise<unknown> => ask('GET', path);
  const post = (path: string, body: unknown = {}): Promise<unknown> => ask('POST', path, body);
  return {
    get,
    post,
    makePhone: async (phone) => as(await post('phones', phone)),
    readPhone: async (digits) => as(await get(`phones/${digits}`)),
    finishSignup: async (digits, options = {}) => as(await post('dialogs', { digits, ...options })),
    act: async (digits, act) => {
      await post(`phones/${digits}/act`, act);
    },
    readCalls: async (digits) => as(await get(digits === undefined ? 'calls' : `calls?digits=${digits}`)),
    readDeliveries: async () => as<{ deliveries: DeliveryView[] }>(await get('webhooks')).deliveries,
    nextAtMs: async () => as<{ nextAtMs: number | null }>(await get('next')).nextAtMs,
    pending: async () => as<{ pending: number }>(await get('pending')).pending,
  };
}
