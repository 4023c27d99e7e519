/** Which failure Meta's refusal is. The catalogue's own lists of codes are walked, so that a new row is covered at once. */
import { describe, expect, it } from 'vitest';
import { DIALOG_FAILURES } from '../../src/domain/dialog-failures.ts';
import { FAILURES } from '../../src/domain/failures.ts';
import { errorOfAnswer } from '../../src/meta/graph-errors.ts';
import type { GraphCall, GraphError } from '../../src/meta/graph-errors.ts';
import { errorOfNetwork } from '../../src/meta/graph-network.ts';

interface Told {
  code?: unknown;
  error_subcode?: unknown;
  is_transient?: boolean;
  message?: string;
}

const refused = (told: Told, httpStatus = 400, extra: { call?: GraphCall; usage?: string } = {}): GraphError =>
  errorOfAnswer({ call: extra.call ?? 'readNumber', httpStatus, body: { error: told }, usage: extra.usage ?? null });

const rows = Object.entries(FAILURES).filter(([row]) => !Object.hasOwn(DIALOG_FAILURES, row));
const walk = rows.flatMap(([row, failure]) => failure.metaCodes.map((metaCode) => [metaCode, row] as const));
const numbered = walk.filter(([metaCode]) => /^\d/.test(metaCode) && metaCode !== '5xx');

describe('the catalogue of failures', () => {
  it.each(numbered)('Meta code %s leads to %s', (metaCode, row) => {
    const ends = metaCode.includes('-') ? metaCode.split('-') : [metaCode];
    for (const end of ends) {
      const [code, subcode] = end.split('/').map(Number);
      const error = refused({ code, ...(subcode === undefined ? {} : { error_subcode: subcode }) });
      expect(error.failureCode).toBe(row);
      expect(
        refused({ code: String(code), error_subcode: subcode === undefined ? 0 : String(subcode) }).failureCode,
      ).toBe(row);
    }
  });

  it('its entries in words are the fallbacks', () => {
    expect(walk.filter(([metaCode]) => !numbered.some(([known]) => known === metaCode))).toEqual([
      ['5xx', 'GRAPH_UNAVAILABLE'],
      ['any other', 'GRAPH_ERROR_UNKNOWN'],
    ]);
    expect(refused({ code: 999_999 }, 503).failureCode).toBe('GRAPH_UNAVAILABLE');
    expect(refused({ code: 999_999 }, 400).failureCode).toBe('GRAPH_ERROR_UNKNOWN');
    expect(refused({ code: 999_999, is_transient: true }, 400).failureCode).toBe('GRAPH_UNAVAILABLE');
    expect(refused({}, 400).failureCode).toBe('GRAPH_ERROR_UNKNOWN');
  });
});

describe("Meta's codes", () => {
  it.each([
    [190, 999, 'TOKEN_REVOKED'],
    [190, 463, 'TOKEN_EXPIRED'],
    [100, 33, 'NUMBER_NOT_VISIBLE'],
    [100, 34, 'REQUEST_WRONG'],
    [100, 4, 'REQUEST_WRONG'],
    [100, 2388001, 'REGISTRATION_REACHED'],
    [100, 2388091, 'REQUEST_WRONG'],
    [3441042, undefined, 'GRAPH_ERROR_UNKNOWN'],
    [2655094, undefined, 'GRAPH_ERROR_UNKNOWN'],
    [33, undefined, 'NUMBER_DELETED'],
    [100, 2593107, 'SYNC_ALREADY_REQUESTED'],
    [100, 2593108, 'SYNC_WINDOW_MISSED'],
    [100, 2593109, 'HISTORY_DECLINED'],
    [10, 2593107, 'ACCESS_WITHDRAWN'],
    [199, undefined, 'GRAPH_ERROR_UNKNOWN'],
    [300, undefined, 'GRAPH_ERROR_UNKNOWN'],
  ])('%s with subcode %s is %s', (code, subcode, failureCode) => {
    expect(refused({ code, error_subcode: subcode }).failureCode).toBe(failureCode);
  });

  it.each([
    [{ code: 1 }, 'APP_SECRET_WRONG'],
    [{ code: 1, is_transient: true }, 'GRAPH_UNAVAILABLE'],
    [{ code: 101 }, 'APP_SECRET_WRONG'],
    [{ code: 100, error_subcode: 36007 }, 'SIGNUP_CODE_EXPIRED'],
    [{ code: 100, error_subcode: 36009 }, 'SIGNUP_CODE_USED'],
    [{ code: 100, error_subcode: 36008 }, 'SIGNUP_REDIRECT_WRONG'],
    [{ code: 100 }, 'SIGNUP_CODE_USED'],
    [{ code: 100, error_subcode: 33 }, 'SIGNUP_CODE_USED'],
    [{ code: 4 }, 'GRAPH_RATE_LIMITED'],
  ])('at the exchange of the code %j is %s', (told, failureCode) => {
    expect(refused(told, 400, { call: 'exchangeCode' }).failureCode).toBe(failureCode);
  });

  it("a refusal of the app's own token says nothing of the customer's", () => {
    expect(refused({ code: 190 }, 401, { call: 'debugToken' }).failureCode).toBe('APP_SECRET_WRONG');
    expect(refused({ code: 190 }, 401).failureCode).toBe('TOKEN_REVOKED');
  });

  it('a refused proof is our fault, at the exchange too', () => {
    const message = 'Invalid appsecret_proof provided in the API argument';
    expect(refused({ code: 100, message }).failureCode).toBe('REQUEST_WRONG');
    expect(refused({ code: 100, message }, 400, { call: 'exchangeCode' }).failureCode).toBe('REQUEST_WRONG');
  });

  it('code, subcode, status and trace are kept as numbers and text', () => {
    const body = { error: { code: '100', error_subcode: '33', fbtrace_id: 'AbCdEf123', message: 'secret words' } };
    const error = errorOfAnswer({ call: 'readNumber', httpStatus: 400, body, usage: null });
    expect(error).toMatchObject({
      name: 'GraphError',
      metaCode: 100,
      metaSubcode: 33,
      httpStatus: 400,
      traceId: 'AbCdEf123',
      reach: 'answered',
    });
    expect(error).toBeInstanceOf(Error);
    expect(error.message).toBe('Graph call readNumber: NUMBER_NOT_VISIBLE, answered (HTTP 400, code 100/33)');
  });
});

describe('how far a call got', () => {
  it.each([
    [{ code: 2 }, 503, 'unknown'],
    [{ code: 2 }, 400, 'answered'],
    [{ code: 131_000 }, 500, 'answered'],
    [{ code: 3 }, 500, 'answered'],
    [{ code: 999_999 }, 502, 'unknown'],
    [{ code: 190 }, 500, 'answered'],
  ])('%j with HTTP %i is %s', (told, status, reach) => {
    expect(refused(told, status, { call: 'requestSync' }).reach).toBe(reach);
  });

  it.each([
    ['ECONNREFUSED', 'not-sent'],
    ['ENOTFOUND', 'not-sent'],
    ['EAI_AGAIN', 'not-sent'],
    ['CERT_HAS_EXPIRED', 'not-sent'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'not-sent'],
    ['UND_ERR_CONNECT_TIMEOUT', 'not-sent'],
    ['ECONNRESET', 'unknown'],
    ['EPIPE', 'unknown'],
    ['UND_ERR_SOCKET', 'unknown'],
    ['UND_ERR_HEADERS_TIMEOUT', 'unknown'],
    ['UND_ERR_BODY_TIMEOUT', 'unknown'],
  ])('the network code %s means %s', (code, reach) => {
    const cause = Object.assign(new Error('to https://host/?client_secret=hunter2'), { code });
    const error = errorOfNetwork('requestSync', cause);
    expect(error).toMatchObject({ failureCode: 'GRAPH_UNAVAILABLE', reach, httpStatus: null, metaCode: null });
    expect(error.message).not.toContain('hunter2');
  });

  it('a time-out of the connect call was not sent, one of a read was', () => {
    expect(errorOfNetwork('subscribe', { code: 'ETIMEDOUT', syscall: 'connect' }).reach).toBe('not-sent');
    expect(errorOfNetwork('subscribe', { code: 'ETIMEDOUT', syscall: 'read' }).reach).toBe('unknown');
  });

  it('several addresses that all failed were not sent; one doubt is doubt', () => {
    const at = (code: string): Error => Object.assign(new Error(code), { code });
    expect(errorOfNetwork('subscribe', new AggregateError([at('ECONNREFUSED'), at('ENETUNREACH')])).reach).toBe(
      'not-sent',
    );
    expect(errorOfNetwork('subscribe', new AggregateError([at('ECONNREFUSED'), at('ECONNRESET')])).reach).toBe(
      'unknown',
    );
  });
});

describe('the wait after a rate limit', () => {
  const usage = (...minutes: unknown[]): string =>
    JSON.stringify({
      '310000000000017': minutes.map((each) => ({ type: 'x', estimated_time_to_regain_access: each })),
    });

  it.each([
    ['named in minutes', usage(7), 7 * 60_000],
    ['the longest of several', usage(3, 12, 0), 12 * 60_000],
    ['as text', usage('5'), 5 * 60_000],
    ['zero', usage(0), 3_600_000],
    ['absent', undefined, 3_600_000],
    ['unreadable', '{', 3_600_000],
    ['of another shape', '[[null]]', 3_600_000],
    ['absurd', usage(1e9), 24 * 3_600_000],
  ])('%s', (_name, header, retryAfterMs) => {
    expect(refused({ code: 80_007 }, 400, header === undefined ? {} : { usage: header })).toMatchObject({
      failureCode: 'GRAPH_RATE_LIMITED',
      retryAfterMs,
    });
  });

  it('is asked of rate limits only', () => {
    expect(refused({ code: 190 }, 401, { usage: usage(7) }).retryAfterMs).toBeNull();
    expect(errorOfAnswer({ call: 'readNumber', httpStatus: 429, body: null, usage: usage(2) })).toMatchObject({
      failureCode: 'GRAPH_RATE_LIMITED',
      retryAfterMs: 120_000,
    });
  });
});
