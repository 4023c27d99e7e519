/** How long connecting takes, moment by moment, and how long it should take (C23). */
import { POLICY, SECOND_MS } from './policy.ts';

/** The moments of one attempt, in their order. The first of each kind counts: a repeated step was done when it was done first. */
export const CONNECT_MOMENTS = [
  'dialog-opened',
  /** Its code was received. */
  'dialog-finished',
  'code-exchanged',
  'permissions-granted',
  'number-found',
  'number-claimed',
  'account-subscribed',
  /** The beginning of the read that passed. */
  'gate-passed',
  'connected',
] as const;
export type ConnectMoment = (typeof CONNECT_MOMENTS)[number];

export interface ConnectStepTime {
  step: ConnectMoment;
  atMs: number;
  /** Since the moment before it; null for the first that is known. */
  tookMs: number | null;
}

/**
 * The steps of one attempt with their durations. Moments come from several clocks (API, worker, Temporal): one that seems to
 * precede the moment before it took no time.
 */
export function connectStepsOf(
  moments: readonly { moment: ConnectMoment; atMs: number }[],
): readonly ConnectStepTime[] {
  const known = CONNECT_MOMENTS.flatMap((step) => moments.filter(({ moment }) => moment === step).slice(0, 1));
  return known.map(({ moment: step, atMs }, index) => {
    const before = known[index - 1];
    return { step, atMs, tookMs: before === undefined ? null : Math.max(0, atMs - before.atMs) };
  });
}

export interface ConnectObjective {
  withinMs: number;
  /** Of the attempts that connected, between 0 and 1. */
  share: number;
  source: string;
}

/**
 * From the end of Meta's dialog to connected. Source: the time is that of our soft deadline (the guide, set-up step 5, "up to 45
 * seconds"); the share is ours, 2026-11. NOTE: no row of the policy, for no workflow acts on it and each would carry it along.
 */
export const CONNECT_OBJECTIVE: ConnectObjective = {
  withinMs: POLICY.softDeadlineSeconds.value * SECOND_MS,
  share: 0.95,
  source: `${POLICY.softDeadlineSeconds.source}; the share is ours, 2026-11`,
};
