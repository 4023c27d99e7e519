/** What the owner, or Meta, can do with a phone; each action moves the state and queues the news that Meta would send. */
import { z } from 'zod';
import { cutPhone, offboardPhone, reconnectPhone } from './connection-moves.ts';
import type { PhoneInState } from './connection-moves.ts';
import { isGranted } from './graph-access.ts';
import { nowMsOf } from './local-meta.ts';
import { contactChange, contactsWebhook, inboundMessage, messageEcho } from './message-payloads.ts';
import { nextOrdinal } from './state.ts';
import type { SimulatorState } from './state.ts';
import { changedCondition, ConditionChange } from './phone-state.ts';
import type { Phone } from './phone-state.ts';
import { nameReviewed, qualityUpdated } from './account-payloads.ts';
import { partnerAppInstalled, partnerAppUninstalled } from './webhook-payloads.ts';
import type { RemovalShape } from './webhook-payloads.ts';
import { enqueueWebhook } from './webhook-queue.ts';

const knownBy = z.enum(['number', 'user-id']).default('number');
const times = z.number().int().min(1).max(1_000).default(1);

export const PhoneAction = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('openApp') }),
  z.strictObject({ action: z.literal('sendFromApp'), count: times, knownBy }),
  z.strictObject({ action: z.literal('changeContact'), change: z.enum(['add', 'remove']).default('add'), knownBy }),
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
  z.strictObject({ action: z.literal('receiveMessage'), count: times, knownBy }),
  z.strictObject({ action: z.literal('historyShared'), value: z.boolean() }),
  z.strictObject({ action: z.literal('removeApp') }),
  z.strictObject({ action: z.literal('installApp') }),
  z.strictObject({ action: z.literal('expireToken') }),
  /** Why Meta takes the tokens no more: 460 password changed, 459 checkpoint, 467 invalid. */
  z.strictObject({ action: z.literal('invalidateToken'), subcode: z.number().int().default(467) }),
  /** What the dialog will find on the phone; what is not named stays. */
  z.strictObject({ action: z.literal('setCondition'), ...ConditionChange.shape }),
  /** The number is registered in the personal app: the connection ends, and the dialog refuses it. */
  z.strictObject({ action: z.literal('moveToPersonalApp') }),
  /** What the next dialog leaves to Meta's reviewers. */
  z.strictObject({ action: z.literal('reviewsNext'), value: z.enum(['none', 'number', 'account']) }),
  /** Meta's reviewers have finished with the number. */
  z.strictObject({ action: z.literal('approveNumber') }),
  z.strictObject({ action: z.literal('setQuality'), rating: z.enum(['GREEN', 'YELLOW', 'RED', 'NA', 'UNKNOWN']) }),
  z.strictObject({
    action: z.literal('qualityUpdate'),
    event: z.string().default('ONBOARDING'),
    currentLimit: z.union([z.string(), z.number()]).default('TIER_250'),
  }),
  z.strictObject({
    action: z.literal('reviewName'),
    decision: z.enum(['APPROVED', 'DEFERRED', 'PENDING', 'REJECTED']),
    reason: z.string().nullable().default(null),
  }),
]);
export type PhoneAction = z.infer<typeof PhoneAction>;

type Of<Name extends PhoneAction['action']> = Extract<PhoneAction, { action: Name }>;
type Handlers = { readonly [Name in PhoneAction['action']]: (target: PhoneInState, action: Of<Name>) => void };

const HANDLERS: Handlers = {
  openApp: (target) => markActive(target),
  sendFromApp: (target, action) => sendFromApp(target, action),
  changeContact: (target, action) => changeContact(target, action),
  goSilent: ({ phone }) => void (phone.hasAutoInactivity = true),
  disconnect: (target, action) => disconnect(target, action),
  inactivity: (target) => cutForInactivity(target),
  replacePhone: (target, action) => replacePhone(target, action),
  reconnect: ({ meta, state, phone }) => reconnectPhone(state, phone, nowMsOf(meta)),
  setGate: ({ phone }, action) => setGate(phone, action),
  receiveMessage: (target, action) => receiveMessage(target, action),
  historyShared: ({ phone }, action) => void (phone.isHistoryShared = action.value),
  removeApp: (target) => removeApp(target),
  installApp: ({ meta, state, phone }) => void enqueueWebhook(state, partnerAppInstalled(meta, phone, nowMsOf(meta))),
  expireToken: ({ meta, state, phone }) => expireTokens(state, phone, nowMsOf(meta)),
  invalidateToken: ({ state, phone }, action) => invalidateTokens(state, phone, action.subcode),
  setCondition: ({ phone }, action) => setCondition(phone, action),
  moveToPersonalApp: (target) => moveToPersonalApp(target),
  reviewsNext: ({ phone }, action) => void (phone.reviewsNext = action.value),
  approveNumber: ({ phone }) => void (phone.isInReview = false),
  setQuality: ({ phone }, action) => void (phone.quality = action.rating),
  qualityUpdate: ({ meta, state, phone }, action) =>
    void enqueueWebhook(state, qualityUpdated(phone, nowMsOf(meta), action)),
  reviewName: (target, action) => reviewName(target, action),
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
function sendFromApp(target: PhoneInState, action: Of<'sendFromApp'>): void {
  const { meta, state, phone } = target;
  markActive(target);
  if (phone.connected !== 'coexistence') return;
  for (let sent = 0; sent < action.count; sent += 1) {
    const moment = { atMs: nowMsOf(meta), ordinal: nextOrdinal(state, 'message') };
    enqueueWebhook(state, messageEcho(phone, moment, action.knownBy));
  }
}

function receiveMessage({ meta, state, phone }: PhoneInState, action: Of<'receiveMessage'>): void {
  if (phone.connected !== 'coexistence') return;
  for (let received = 0; received < action.count; received += 1) {
    const moment = { atMs: nowMsOf(meta), ordinal: nextOrdinal(state, 'message') };
    enqueueWebhook(state, inboundMessage(phone, moment, action.knownBy));
  }
}

function changeContact(target: PhoneInState, { change, knownBy: known }: Of<'changeContact'>): void {
  const { meta, state, phone } = target;
  markActive(target);
  if (phone.connected !== 'coexistence') return;
  const nowMs = nowMsOf(meta);
  const ordinal = phone.contacts + nextOrdinal(state, 'contact');
  const entry = contactChange({ ordinal, action: change, atMs: nowMs, knownBy: known });
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
  for (const token of state.tokens) if (isGranted(token, phone.wabaId)) token.invalidSubcode = 458;
  enqueueWebhook(state, partnerAppUninstalled(meta, phone, nowMsOf(meta)));
}

function expireTokens(state: SimulatorState, phone: Phone, nowMs: number): void {
  for (const token of state.tokens) if (token.digits === phone.digits) token.expiresAtMs = nowMs;
}

function invalidateTokens(state: SimulatorState, phone: Phone, subcode: number): void {
  for (const token of state.tokens) if (token.digits === phone.digits) token.invalidSubcode = subcode;
}

function setCondition(phone: Phone, { action: _action, ...change }: Of<'setCondition'>): void {
  phone.condition = changedCondition(phone.condition, change);
}

function moveToPersonalApp(target: PhoneInState): void {
  const atMs = nowMsOf(target.meta);
  setCondition(target.phone, { action: 'setCondition', app: 'personal' });
  cutPhone(target, { atMs, shape: 'full', reason: 'BUSINESS_DOWNGRADE', initiatedBy: 'USER' });
}

function reviewName({ meta, state, phone }: PhoneInState, { decision, reason }: Of<'reviewName'>): void {
  const held = { APPROVED: 'APPROVED', REJECTED: 'DECLINED', PENDING: 'PENDING_REVIEW', DEFERRED: 'PENDING_REVIEW' };
  phone.nameStatus = held[decision];
  enqueueWebhook(state, nameReviewed(phone, nowMsOf(meta), { decision, reason }));
}
