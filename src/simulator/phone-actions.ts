/** What the owner, or Meta, can do with a phone; each action moves the state and queues the news that Meta would send. */
import { z } from 'zod';
import { cutPhone, offboardPhone, reconnectPhone } from './connection-moves.ts';
import type { PhoneInState } from './connection-moves.ts';
import { nowMsOf } from './local-meta.ts';
import { contactChange, contactsWebhook, inboundMessage, messageEcho } from './message-payloads.ts';
import { nextOrdinal } from './state.ts';
import type { Phone, SimulatorState } from './state.ts';
import { partnerAppUninstalled } from './webhook-payloads.ts';
import type { RemovalShape } from './webhook-payloads.ts';
import { enqueueWebhook } from './webhook-queue.ts';

const times = z.number().int().min(1).max(1_000).default(1);

export const PhoneAction = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('openApp') }),
  z.strictObject({ action: z.literal('sendFromApp'), count: times }),
  z.strictObject({ action: z.literal('changeContact'), change: z.enum(['add', 'remove']).default('add') }),
  /** Nobody opens the app from now on, and the 14-day rule takes its course. */
  z.strictObject({ action: z.literal('goSilent') }),
  z.strictObject({
    action: z.literal('disconnect'),
    reason: z.string().optional(),
    initiatedBy: z.enum(['USER', 'SYSTEM']).default('USER'),
    shape: z.enum(['full', 'no-reason', 'short']).optional(),
  }),
  z.strictObject({ action: z.literal('inactivity') }),
  z.strictObject({
    action: z.literal('replacePhone'),
    reconnect: z.boolean().default(true),
    afterMs: z.number().int().min(0).default(120_000),
  }),
  z.strictObject({ action: z.literal('reconnect') }),
  z.strictObject({
    action: z.literal('setGate'),
    isOnBizApp: z
      .union([z.boolean(), z.literal('absent')])
      .nullable()
      .optional(),
    platformType: z.string().nullable().optional(),
    status: z.string().nullable().optional(),
  }),
  z.strictObject({ action: z.literal('receiveMessage'), count: times }),
  z.strictObject({ action: z.literal('historyShared'), value: z.boolean() }),
  z.strictObject({ action: z.literal('removeApp') }),
  z.strictObject({ action: z.literal('expireToken') }),
]);
export type PhoneAction = z.infer<typeof PhoneAction>;

type Of<Name extends PhoneAction['action']> = Extract<PhoneAction, { action: Name }>;
type Handlers = { readonly [Name in PhoneAction['action']]: (target: PhoneInState, action: Of<Name>) => void };

const HANDLERS: Handlers = {
  openApp: (target) => markActive(target),
  sendFromApp: (target, action) => sendFromApp(target, action.count),
  changeContact: (target, action) => changeContact(target, action.change),
  goSilent: ({ phone }) => void (phone.hasAutoInactivity = true),
  disconnect: (target, action) => disconnect(target, action),
  inactivity: (target) => cutForInactivity(target),
  replacePhone: (target, action) => replacePhone(target, action),
  reconnect: ({ meta, state, phone }) => reconnectPhone(state, phone, nowMsOf(meta)),
  setGate: ({ phone }, action) => setGate(phone, action),
  receiveMessage: (target, action) => receiveMessage(target, action.count),
  historyShared: ({ phone }, action) => void (phone.isHistoryShared = action.value),
  removeApp: (target) => removeApp(target),
  expireToken: ({ meta, state, phone }) => expireTokens(state, phone, nowMsOf(meta)),
};

/** Plays one action. The caller holds the state open for change. */
export function act(target: PhoneInState, action: PhoneAction): void {
  play(target, action.action, action);
}

/** The name picks the handler and the shape together; zod's discriminated union has just proved that they fit. */
function play<Name extends PhoneAction['action']>(target: PhoneInState, name: Name, action: PhoneAction): void {
  const handler = HANDLERS[name];
  if (isNamed(action, name)) handler(target, action);
}

function isNamed<Name extends PhoneAction['action']>(action: PhoneAction, name: Name): action is Of<Name> {
  return action.action === name;
}

function markActive({ meta, phone }: PhoneInState): void {
  phone.lastActiveAtMs = nowMsOf(meta);
}

/** Echoes are mirrored only over a live connection. */
function sendFromApp(target: PhoneInState, count: number): void {
  const { meta, state, phone } = target;
  markActive(target);
  if (phone.connected !== 'coexistence') return;
  for (let sent = 0; sent < count; sent += 1) {
    enqueueWebhook(state, messageEcho(phone, { atMs: nowMsOf(meta), ordinal: nextOrdinal(state, 'message') }));
  }
}

function receiveMessage({ meta, state, phone }: PhoneInState, count: number): void {
  if (phone.connected !== 'coexistence') return;
  for (let received = 0; received < count; received += 1) {
    enqueueWebhook(state, inboundMessage(phone, { atMs: nowMsOf(meta), ordinal: nextOrdinal(state, 'message') }));
  }
}

function changeContact(target: PhoneInState, change: 'add' | 'remove'): void {
  const { meta, state, phone } = target;
  markActive(target);
  if (phone.connected !== 'coexistence') return;
  const nowMs = nowMsOf(meta);
  const entry = contactChange(phone.contacts + nextOrdinal(state, 'contact'), change, nowMs);
  enqueueWebhook(state, contactsWebhook(phone, nowMs, [entry]));
}

/** Meta does not say which reason goes with the Disconnect button: none by default. */
function disconnect(target: PhoneInState, action: Of<'disconnect'>): void {
  const shape: RemovalShape = action.shape ?? (action.reason === undefined ? 'no-reason' : 'full');
  const reason = action.reason ?? 'ACCOUNT_DISCONNECTED';
  cutPhone(target, { atMs: nowMsOf(target.meta), shape, reason, initiatedBy: action.initiatedBy });
}

function cutForInactivity(target: PhoneInState): void {
  const atMs = nowMsOf(target.meta);
  cutPhone(target, { atMs, shape: 'full', reason: 'PRIMARY_INACTIVITY', initiatedBy: 'SYSTEM' });
}

function replacePhone({ meta, state, phone }: PhoneInState, action: Of<'replacePhone'>): void {
  const nowMs = nowMsOf(meta);
  offboardPhone(state, phone, nowMs);
  phone.reconnectAtMs = action.reconnect ? nowMs + action.afterMs : null;
}

/** A field that is left out stays as it was; null clears it. */
function setGate(phone: Phone, action: Of<'setGate'>): void {
  const { isOnBizApp, platformType, status } = action;
  if (isOnBizApp !== undefined) phone.gate.isOnBizApp = isOnBizApp;
  if (platformType !== undefined) phone.gate.platformType = platformType;
  if (status !== undefined) phone.gate.status = status;
}

/** The customer takes our app out in Business settings: the news comes, and every token of the account dies. */
function removeApp({ meta, state, phone }: PhoneInState): void {
  for (const token of state.tokens) if (token.wabaIds.includes(phone.wabaId)) token.isRevoked = true;
  enqueueWebhook(state, partnerAppUninstalled(meta, phone, nowMsOf(meta)));
}

function expireTokens(state: SimulatorState, phone: Phone, nowMs: number): void {
  for (const token of state.tokens) if (token.digits === phone.digits) token.expiresAtMs = nowMs;
}
