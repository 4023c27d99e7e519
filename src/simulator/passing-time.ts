/** What the local Meta does by itself as the Clock moves on: inactive phones are cut, replaced ones come back. */
import { nowMsOf } from './local-meta.ts';
import type { LocalMeta } from './local-meta.ts';
import { cutPhone, reconnectPhone } from './connection-moves.ts';
import type { SimulatorState } from './state.ts';
import type { Phone } from './phone-state.ts';

/** How long the app on the phone may rest before Meta cuts the link. Source: Meta, account_update reference, "about 14 days". */
const INACTIVITY_LIMIT_MS = 14 * 86_400_000;

interface DueEvent {
  readonly kind: 'inactivity' | 'reconnect';
  readonly phone: Phone;
  readonly dueAtMs: number;
}

/** Applies everything due up to now in order of time, each with the time at which it was due. */
export function passTime(meta: LocalMeta): void {
  const nowMs = nowMsOf(meta);
  for (;;) {
    const next = nextEvent(meta.store.state);
    if (next === null || next.dueAtMs > nowMs) return;
    meta.store.change((state) => applyEvent(meta, state, next));
  }
}

/** The time of the next thing the local Meta will do by itself, or null. */
export function nextOwnActAtMs(meta: LocalMeta): number | null {
  const nowMs = nowMsOf(meta);
  const { state } = meta.store;
  const webhookTimes = state.webhooks.filter((webhook) => webhook.stage === 'queued').map((row) => row.dueAtMs);
  const times = [...webhookTimes, ...eventsOf(state).map((event) => event.dueAtMs)].filter((atMs) => atMs > nowMs);
  return times.length === 0 ? null : Math.min(...times);
}

export function inactivityAtMs(phone: Phone): number | null {
  if (!phone.hasAutoInactivity || phone.connected !== 'coexistence') return null;
  return phone.lastActiveAtMs + INACTIVITY_LIMIT_MS + phone.inactivityGraceMs;
}

function applyEvent(meta: LocalMeta, state: SimulatorState, event: DueEvent): void {
  const { phone, dueAtMs: atMs } = event;
  if (event.kind === 'reconnect') reconnectPhone(state, phone, atMs);
  else cutPhone({ meta, state, phone }, { atMs, shape: 'full', reason: 'PRIMARY_INACTIVITY', initiatedBy: 'SYSTEM' });
}

function nextEvent(state: SimulatorState): DueEvent | null {
  return eventsOf(state).sort((left, right) => left.dueAtMs - right.dueAtMs)[0] ?? null;
}

function eventsOf(state: SimulatorState): DueEvent[] {
  return state.phones.flatMap((phone) => {
    const cutAtMs = inactivityAtMs(phone);
    const events: DueEvent[] = [];
    if (cutAtMs !== null) events.push({ kind: 'inactivity', phone, dueAtMs: cutAtMs });
    if (phone.reconnectAtMs !== null) events.push({ kind: 'reconnect', phone, dueAtMs: phone.reconnectAtMs });
    return events;
  });
}
