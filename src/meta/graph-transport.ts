/** One request to Graph and one checked answer: bounded in time and size, no redirects, no retries; Temporal alone repeats. */
import { createHmac } from 'node:crypto';
import { Agent, request } from 'undici';
import type { Dispatcher } from 'undici';
import type { z } from 'zod';
import { parseExactJson } from './exact-json.ts';
import { errorOfAnswer, errorOfUnreadable, GraphError, isMetaError } from './graph-errors.ts';
import type { GraphCall } from './graph-errors.ts';
import { errorOfNetwork } from './graph-network.ts';

/** A full page of numbers has some 60 KB; more than this is not an answer of Graph's. */
const ANSWER_MAX_BYTES = 2_000_000;
/** What a path may hold: an id must not be able to lead to another call. */
const PATH = /^[\w-]+(?:\/[\w-]+)*$/;

export interface GraphOptions {
  baseUrl: string;
  /** For instance `v25.0`. */
  version: string;
  appId: string;
  appSecret: string;
  /** Bound of each call as a whole, ms. */
  timeoutMs?: number;
  dispatcher?: Dispatcher;
}

export interface GraphRequest<Answer> {
  call: GraphCall;
  method: 'GET' | 'POST' | 'DELETE';
  path: string;
  /** Null for the one call that carries the app's secret instead. */
  token: string | null;
  query?: Readonly<Record<string, string>>;
  body?: Readonly<Record<string, string>>;
  answer: z.ZodType<Answer>;
}

export interface Transport {
  send<Answer>(graphRequest: GraphRequest<Answer>): Promise<Answer>;
}

interface RawAnswer {
  httpStatus: number;
  usage: string | null;
  text: string;
}

export function createTransport(options: GraphOptions): Transport {
  const timeoutMs = options.timeoutMs ?? 8000;
  const dispatcher = options.dispatcher ?? agentOf(timeoutMs);
  return {
    async send(graphRequest) {
      const raw = await exchange(graphRequest, { options, timeoutMs, dispatcher });
      return readAnswer(graphRequest, raw);
    },
  };
}

/** Connecting gets half of the time, so that a call that was surely not sent is told apart from one without an answer. */
function agentOf(timeoutMs: number): Agent {
  return new Agent({ connect: { timeout: Math.ceil(timeoutMs / 2) }, pipelining: 1 });
}

interface Line {
  options: GraphOptions;
  timeoutMs: number;
  dispatcher: Dispatcher;
}

async function exchange(graphRequest: GraphRequest<unknown>, line: Line): Promise<RawAnswer> {
  const { call, method, token, body } = graphRequest;
  try {
    const response = await request(urlOf(graphRequest, line.options), {
      method,
      dispatcher: line.dispatcher,
      headers: {
        accept: 'application/json',
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      headersTimeout: line.timeoutMs,
      bodyTimeout: line.timeoutMs,
      signal: AbortSignal.timeout(line.timeoutMs),
    });
    const usage = response.headers['x-business-use-case-usage'];
    const text = await readBounded(response.body);
    if (text === null) throw errorOfUnreadable(call, response.statusCode, 'too large');
    return { httpStatus: response.statusCode, usage: typeof usage === 'string' ? usage : null, text };
  } catch (cause) {
    throw errorOfNetwork(call, cause);
  }
}

/** `appsecret_proof` goes with every token, demanded or not. Source: M14. */
function urlOf({ call, path, token, query }: GraphRequest<unknown>, options: GraphOptions): URL {
  if (!PATH.test(path)) {
    throw new GraphError({ call, failureCode: 'REQUEST_WRONG', reach: 'not-sent', hint: 'id not writable' });
  }
  const url = new URL(`${options.baseUrl.replace(/\/+$/, '')}/${options.version}/${path}`);
  for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
  if (token !== null) url.searchParams.set('appsecret_proof', appSecretProofOf(token, options.appSecret));
  return url;
}

export function appSecretProofOf(token: string, appSecret: string): string {
  return createHmac('sha256', appSecret).update(token).digest('hex');
}

/** Null beyond the bound; the rest is dropped with its connection. */
async function readBounded(body: AsyncIterable<Buffer>): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > ANSWER_MAX_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function readAnswer<Answer>({ call, answer }: GraphRequest<Answer>, raw: RawAnswer): Answer {
  const { httpStatus, usage } = raw;
  const body = parsedOrNull(raw.text);
  if (httpStatus !== 200 || isMetaError(body)) throw errorOfAnswer({ call, httpStatus, body, usage });
  const checked = answer.safeParse(body);
  if (!checked.success) throw errorOfUnreadable(call, httpStatus, 'not the answer asked for');
  return checked.data;
}

function parsedOrNull(text: string): unknown {
  try {
    return parseExactJson(text);
  } catch {
    return null;
  }
}
