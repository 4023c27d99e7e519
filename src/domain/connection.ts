/** The connection, derived from four facets: the workflow's switch, and the moves it may make (docs/lifecycle.md). */
import type { Snapshot } from './snapshot.ts';

export const CONNECTIONS = [
  'awaiting-signup',
  'connecting',
  'connected',
  'paused',
  'disconnecting',
  'disconnected',
  'closed',
] as const;
export type Connection = (typeof CONNECTIONS)[number];

type Facets = Pick<Snapshot, 'link' | 'attempt' | 'leave' | 'closed'>;

/** First match wins; the order is that of the table. */
export function connectionOf({ link, attempt, leave, closed }: Facets): Connection {
  if (closed !== 'no') return 'closed';
  if (attempt.state === 'running' || attempt.state === 'waiting' || attempt.state === 'undoing') return 'connecting';
  if (leave.state !== 'none') return 'disconnecting';
  if (link.state === 'live') return 'connected';
  if (link.state === 'suspended') return 'paused';
  if (attempt.state !== 'none') return 'awaiting-signup';
  return 'disconnected';
}

const MOVES: Record<Connection, readonly Connection[]> = {
  'awaiting-signup': ['connecting', 'closed', 'disconnected', 'connected'],
  connecting: ['awaiting-signup', 'connected', 'paused', 'disconnecting', 'disconnected', 'closed'],
  connected: ['connecting', 'paused', 'disconnecting', 'disconnected', 'awaiting-signup', 'closed'],
  paused: ['connected', 'connecting', 'disconnecting', 'disconnected', 'awaiting-signup', 'closed'],
  disconnecting: ['connected', 'paused', 'connecting', 'disconnected', 'closed'],
  disconnected: ['awaiting-signup', 'connecting', 'connected', 'closed'],
  closed: [],
};

/**
 * Answers whether the table allows a move; staying is always allowed. `closed` from anywhere is LI62, an operator's
 * cancel.
 */
export function mayBecome(from: Connection, to: Connection): boolean {
  return from === to || MOVES[from].includes(to);
}
