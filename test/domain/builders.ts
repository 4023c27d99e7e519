/** Numbers in every state of their link and attempt, and the facts and reads that meet them. */
import type { Fact, FactEnvelope } from '../../src/domain/facts.ts';
import { freshSnapshot, openAttempt } from '../../src/domain/fresh-snapshot.ts';
import { dialogRunId, numberId, phoneNumberId, tenantId, wabaId } from '../../src/domain/ids.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/domain/policy.ts';
import type { Probe, ProbeClass } from '../../src/domain/probe.ts';
import type { Attempt, AttemptWait, Link, Snapshot } from '../../src/domain/snapshot.ts';

/** 2026-11-01 10:00 UTC: the moment in which the number went live. */
export const T0 = 1_793_527_200_000;
export const WABA = wabaId('310000000000017');
export const PHONE = phoneNumberId('410000000000023');
export const RUN = dialogRunId('dlg_1');

export const minutes = (count: number): number => count * MINUTE_MS;
export const hours = (count: number): number => count * HOUR_MS;
export const days = (count: number): number => count * DAY_MS;

export function invited(over: Partial<Snapshot> = {}): Snapshot {
  const fresh = freshSnapshot({
    numberId: numberId('num_1'),
    tenantId: tenantId('ten_1'),
    nowMs: T0 - hours(1),
    imports: { contacts: true, history: true },
  });
  return { ...fresh, unsaid: [], ...over };
}

export function withAttempt(s: Snapshot, over: Partial<Attempt>): Snapshot {
  return { ...s, attempt: { ...s.attempt, ...over } };
}

export function withLink(s: Snapshot, over: Partial<Link>): Snapshot {
  return { ...s, link: { ...s.link, ...over } };
}

/** Connected at T0, its imports over. */
export function live(link: Partial<Link> = {}, over: Partial<Snapshot> = {}): Snapshot {
  const s = invited();
  return {
    ...s,
    link: { ...s.link, state: 'live', sinceMs: T0, provedAtMs: T0, aliveReadAtMs: T0, ...link },
    attempt: { ...openAttempt(1, T0, T0), state: 'none' },
    credential: 'valid',
    wabaId: WABA,
    phoneNumberId: PHONE,
    contacts: { ...s.contacts, state: 'complete' },
    history: { ...s.history, state: 'complete' },
    syncWindowEndsAtMs: T0 + hours(23.5),
    activity: { anyAtMs: T0, remindedDays: [], overdueSinceMs: null, overdueReminders: 0 },
    ...over,
  };
}

/** Paused since `sinceMs`. */
export function suspended(sinceMs = T0 + days(1), over: Partial<Snapshot> = {}): Snapshot {
  return live({ state: 'suspended', pause: { sinceMs, untilMs: sinceMs + hours(72) } }, over);
}

/** Disconnected at T0 + 1 day; the credential is held for 72 hours. */
export function gone(link: Partial<Link> = {}, over: Partial<Snapshot> = {}): Snapshot {
  const atMs = T0 + days(1);
  const end = { reason: 'unknown', initiator: null, atMs, phoneStillLinked: 'unknown' } as const;
  return live(
    { state: 'gone', end, hold: { untilMs: atMs + hours(72) }, ...link },
    {
      credential: 'held',
      compensation: ['forgetCredential', 'unsubscribeIfLast'],
      activity: { anyAtMs: null, remindedDays: [], overdueSinceMs: null, overdueReminders: 0 },
      ...over,
    },
  );
}

/** The code has come; the steps are on their way. */
export function connecting(over: Partial<Attempt> = {}): Snapshot {
  return withAttempt(invited(), {
    state: 'running',
    step: 'exchange',
    dialogRunId: RUN,
    finishedAtMs: T0,
    ...over,
  });
}

/** A wait for the gate, unless told otherwise: an hour's patience, the next look in a minute. */
export function waitFor(over: Partial<AttemptWait> = {}): AttemptWait {
  return {
    for: 'gate',
    step: 'gate',
    code: 'CONNECTION_TIMED_OUT',
    untilMs: T0 + hours(1),
    lookAtMs: T0 + minutes(1),
    notBeforeMs: null,
    looks: 0,
    class: 'no-word',
    choices: null,
    ...over,
  };
}

export const waiting = (wait: Partial<AttemptWait> = {}, over: Partial<Attempt> = {}): Snapshot => {
  const full = waitFor(wait);
  const found = { wabaId: WABA, phoneNumberId: PHONE, onboardedAtMs: T0, grants: [] };
  return connecting({ state: 'waiting', step: full.step, wait: full, found, ...over });
};

let factCount = 0;

/** Meta's, unless `over` gives a cycle. */
export function envelope(fact: Fact, occurredAtMs: number, over: Partial<FactEnvelope> = {}): FactEnvelope {
  factCount += 1;
  return { factId: `meta/${String(factCount).padStart(32, '0')}`, occurredAtMs, fact, ...over };
}

type Removal = Extract<Fact, { kind: 'partnerRemoved' }>;

export const removed = (over: Partial<Removal> = {}): Fact => ({
  kind: 'partnerRemoved',
  wabaId: WABA,
  isOnlyNumber: true,
  reason: null,
  initiatedBy: null,
  ...over,
});
export const offboarded = (isOnlyNumber = true): Fact => ({ kind: 'accountOffboarded', wabaId: WABA, isOnlyNumber });
export const reconnected = (isOnlyNumber = true): Fact => ({ kind: 'accountReconnected', wabaId: WABA, isOnlyNumber });
export const codeReceived = (attempt = 1, run = RUN): Fact => ({
  kind: 'signupCodeReceived',
  attempt,
  dialogRunId: run,
});

const READINGS: Partial<Record<ProbeClass, Probe['reading']>> = {
  alive: { isOnBizApp: true, platformType: 'CLOUD_API', status: 'CONNECTED', onboardedAtMs: T0 },
  'off-app': { isOnBizApp: false, platformType: 'CLOUD_API', status: 'CONNECTED', onboardedAtMs: T0 },
  pending: { isOnBizApp: true, platformType: 'CLOUD_API', status: 'PENDING', onboardedAtMs: null },
};

export function probe(probeClass: ProbeClass, startedAtMs: number): Probe {
  return { class: probeClass, startedAtMs, reading: READINGS[probeClass] ?? null };
}

/** The last line that was told, as `row key`. */
export function lastLine(s: Snapshot): string {
  const line = s.unsaid.at(-1);
  return line ? `${line.row} ${line.key}` : 'nothing';
}

/** Row and letter of the last fact that changed nothing. */
export function ignoredAs(s: Snapshot): string {
  const line = s.unsaid.at(-1);
  return line?.key === 'ignored' ? `${line.row} ${line.params['letter']}` : 'not ignored';
}
