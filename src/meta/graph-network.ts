/** Tells from a network error whether a request to Meta can have been sent: a once-only call hangs on it. */
import { GraphError } from './graph-errors.ts';
import type { GraphCall, Reach } from './graph-errors.ts';
import { isWireObject } from './wire-values.ts';

/** Codes that arise before the first byte of a request: no address, nobody there, no trust, a pool that is closed. */
const BEFORE_SENDING: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_DESTROYED',
  'UND_ERR_CLOSED',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REVOKED',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
]);

/** System calls that precede any sending. */
const CONNECTING: ReadonlySet<string> = new Set(['connect', 'getaddrinfo']);

/** The client itself refuses to write the request: a token with a line break, an address that is none. */
const NOT_WRITABLE: ReadonlySet<string> = new Set(['UND_ERR_INVALID_ARG', 'ERR_INVALID_URL']);

/**
 * The cause is told by its code alone: its own text may name the address asked for, and that carries secrets. A request that
 * the client itself refuses to write is our fault and cannot be helped by repeating it.
 */
export function errorOfNetwork(call: GraphCall, cause: unknown): GraphError {
  if (cause instanceof GraphError) return cause;
  if (NOT_WRITABLE.has(codeOf(cause))) {
    return new GraphError({ call, failureCode: 'REQUEST_WRONG', reach: 'not-sent', hint: 'not writable' });
  }
  return new GraphError({ call, failureCode: 'GRAPH_UNAVAILABLE', reach: reachOf(cause), hint: codeOf(cause) });
}

/** When in doubt it may have happened. */
function reachOf(cause: unknown): Reach {
  if (cause instanceof AggregateError && cause.errors.length > 0) {
    return cause.errors.every((each) => reachOf(each) === 'not-sent') ? 'not-sent' : 'unknown';
  }
  return BEFORE_SENDING.has(codeOf(cause)) || CONNECTING.has(fieldOf(cause, 'syscall')) ? 'not-sent' : 'unknown';
}

function codeOf(cause: unknown): string {
  const code = fieldOf(cause, 'code');
  return code === '' && cause instanceof Error ? cause.name : code;
}

function fieldOf(cause: unknown, name: 'code' | 'syscall'): string {
  const field = isWireObject(cause) ? cause[name] : undefined;
  return typeof field === 'string' ? field : '';
}
