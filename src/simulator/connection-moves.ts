/** The moves of a connection on Meta's side, each with the news that it sends. */
import type { LocalMeta } from './local-meta.ts';
import type { SimulatorState } from './state.ts';
import type { Phone } from './phone-state.ts';
import { accountMoved, partnerRemoved } from './webhook-payloads.ts';
import type { Removal } from './webhook-payloads.ts';
import { dropPendingSync, enqueueWebhook } from './webhook-queue.ts';

export interface PhoneInState {
  readonly meta: LocalMeta;
  readonly state: SimulatorState;
  readonly phone: Phone;
}

/** The number is gone for the partner; the grant (token) and the subscription of the WABA stand. */
export function cutPhone({ meta, state, phone }: PhoneInState, removal: Removal): void {
  Object.assign(phone, {
    connected: 'disconnected',
    isOnBizApp: false,
    disconnectedAtMs: removal.atMs,
    reconnectAtMs: null,
  });
  dropPendingSync(state, phone.digits, removal.atMs);
  enqueueWebhook(state, partnerRemoved(meta, phone, removal));
}

/** Messaging rests in both directions; access, token and subscription are kept, and reads show what they showed. */
export function offboardPhone(state: SimulatorState, phone: Phone, atMs: number): void {
  phone.connected = 'offboarded';
  enqueueWebhook(state, accountMoved(phone, 'ACCOUNT_OFFBOARDED', atMs));
}

/** Registering the app again counts as using it; the sync budget stays as it was. */
export function reconnectPhone(state: SimulatorState, phone: Phone, atMs: number): void {
  Object.assign(phone, {
    connected: 'coexistence',
    isOnBizApp: true,
    disconnectedAtMs: null,
    reconnectAtMs: null,
    lastActiveAtMs: Math.max(phone.lastActiveAtMs, atMs),
  });
  enqueueWebhook(state, accountMoved(phone, 'ACCOUNT_RECONNECTED', atMs));
}
