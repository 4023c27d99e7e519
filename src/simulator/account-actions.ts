/** What Meta, or the customer in Business settings, does to an account; each moves the state and queues Meta's news of it. */
import { z } from 'zod';
import { accountUpdated, accountWebhook, banMoved, restricted, reviewDecided } from './account-payloads.ts';
import type { Waba } from './account-state.ts';
import { nowMsOf } from './local-meta.ts';
import type { LocalMeta } from './local-meta.ts';
import type { SimulatorState } from './state.ts';
import { enqueueWebhook } from './webhook-queue.ts';

const DAY_MS = 86_400_000;

export const AccountAction = z.discriminatedUnion('action', [
  z.strictObject({
    action: z.literal('review'),
    decision: z.enum(['APPROVED', 'REJECTED', 'PENDING', 'DEFERRED']),
  }),
  z.strictObject({
    action: z.literal('ban'),
    state: z.enum(['DISABLE', 'SCHEDULE_FOR_DISABLE', 'REINSTATE']),
    inDays: z.number().min(0).default(0),
  }),
  z.strictObject({
    action: z.literal('restrict'),
    types: z.array(z.string()).min(1),
    days: z.number().positive().default(3),
    expirationAs: z.enum(['number', 'text']).default('number'),
  }),
  z.strictObject({ action: z.literal('liftRestrictions') }),
  z.strictObject({
    action: z.literal('violate'),
    type: z.string().default('SCAM'),
    digits: z.string().optional(),
  }),
  z.strictObject({ action: z.literal('delete') }),
  z.strictObject({
    action: z.literal('capability'),
    /** `TIER_2K`, `2000`, 2000, `UNLIMITED`, -1: all have been seen. */
    limit: z.union([z.string(), z.number().int()]),
    /** Where the limit stands; the second name was withdrawn in 2026 and may still come. */
    name: z
      .enum(['max_daily_conversations_per_business', 'max_daily_conversation_per_phone'])
      .default('max_daily_conversations_per_business'),
    phoneNumbersMax: z.number().int().default(25),
  }),
  /** What a read of the account shows; no webhook comes of it. */
  z.strictObject({
    action: z.literal('set'),
    name: z.string().optional(),
    timezoneId: z.string().optional(),
    currency: z.string().optional(),
    country: z.string().optional(),
    limit: z.string().optional(),
    reviewStatus: z.string().optional(),
  }),
  /** Meta has lost our app's subscription, or an override sends our news elsewhere; no webhook comes of it. */
  z.strictObject({
    action: z.literal('subscription'),
    state: z.enum(['active', 'missing', 'misdirected']),
    /** Where it goes when misdirected; nobody need listen. */
    overrideUrl: z.string().default('http://127.0.0.1:9/'),
  }),
  z.strictObject({
    action: z.literal('setHealth'),
    entity: z.enum(['PHONE_NUMBER', 'WABA', 'BUSINESS', 'APP']),
    canSend: z.enum(['AVAILABLE', 'LIMITED', 'BLOCKED']),
    codes: z.array(z.number().int()).default([]),
  }),
  /** Any other event of `account_update`, known or not, as Meta would wrap it. */
  z.strictObject({
    action: z.literal('event'),
    event: z.string(),
    more: z.record(z.string(), z.unknown()).default({}),
  }),
]);
export type AccountAction = z.infer<typeof AccountAction>;

export interface AccountInState {
  readonly meta: LocalMeta;
  readonly state: SimulatorState;
  readonly waba: Waba;
}

type Of<Name extends AccountAction['action']> = Extract<AccountAction, { action: Name }>;

type Handlers = { readonly [Name in AccountAction['action']]: (target: AccountInState, action: Of<Name>) => void };

const HANDLERS: Handlers = {
  review: (target, action) => review(target, action.decision),
  ban: (target, action) => ban(target, action),
  restrict: (target, action) => restrict(target, action),
  liftRestrictions: ({ waba }) => void (waba.restrictions = []),
  violate: (target, action) => tell(target, violationOf(action)),
  delete: (target) => deleteAccount(target),
  capability: (target, action) => raiseLimit(target, action),
  set: ({ waba }, action) => set(waba, action),
  setHealth: ({ waba }, { entity, canSend, codes }) =>
    void (waba.health = { ...waba.health, [entity]: { canSend, codes } }),
  subscription: ({ waba }, { state, overrideUrl }) => {
    waba.isSubscribed = state !== 'missing';
    waba.overrideUrl = state === 'misdirected' ? overrideUrl : null;
  },
  event: (target, action) => tell(target, { event: action.event, ...action.more }),
};

/** Plays one action. The caller holds the state open for change. */
export function actOnAccount(target: AccountInState, action: AccountAction): void {
  play(target, action.action, action);
}

/** The name picks the handler and the shape together; zod's discriminated union has just proved that they fit. */
function play<Name extends AccountAction['action']>(target: AccountInState, name: Name, action: AccountAction): void {
  const handler = HANDLERS[name];
  if (isNamed(action, name)) handler(target, action);
}

function isNamed<Name extends AccountAction['action']>(action: AccountAction, name: Name): action is Of<Name> {
  return action.action === name;
}

function tell({ meta, state, waba }: AccountInState, value: Readonly<Record<string, unknown>>): void {
  enqueueWebhook(state, accountUpdated(waba, nowMsOf(meta), value));
}

/** The end of the account's review is the end of its numbers' too. */
function review({ meta, state, waba }: AccountInState, decision: string): void {
  waba.reviewStatus = decision;
  if (decision === 'APPROVED') {
    for (const phone of state.phones) if (phone.wabaId === waba.wabaId) phone.isInReview = false;
  }
  enqueueWebhook(state, reviewDecided(waba, nowMsOf(meta), decision));
}

function ban({ meta, state, waba }: AccountInState, { state: banState, inDays }: Of<'ban'>): void {
  const nowMs = nowMsOf(meta);
  waba.banState = banState;
  enqueueWebhook(state, banMoved(waba, nowMs, nowMs + inDays * DAY_MS));
}

function restrict({ meta, state, waba }: AccountInState, { types, days, expirationAs }: Of<'restrict'>): void {
  const nowMs = nowMsOf(meta);
  waba.restrictions = types.map((type) => ({ type, expiresAtMs: nowMs + days * DAY_MS }));
  enqueueWebhook(state, restricted(waba, nowMs, expirationAs));
}

function violationOf({ type, digits }: Of<'violate'>): Readonly<Record<string, unknown>> {
  const violated = { event: 'ACCOUNT_VIOLATION', violation_info: { violation_type: type } };
  return digits === undefined ? violated : { ...violated, phone_number: digits };
}

/** The account and all its numbers are gone for good. */
function deleteAccount({ meta, state, waba }: AccountInState): void {
  waba.isDeleted = true;
  for (const phone of state.phones) {
    if (phone.wabaId === waba.wabaId) Object.assign(phone, { connected: 'disconnected', isOnBizApp: false });
  }
  enqueueWebhook(state, accountUpdated(waba, nowMsOf(meta), { event: 'ACCOUNT_DELETED' }));
}

function raiseLimit({ meta, state, waba }: AccountInState, { limit, name, phoneNumbersMax }: Of<'capability'>): void {
  if (typeof limit === 'string' && limit.startsWith('TIER_')) waba.limit = limit;
  const value = { [name]: limit, max_phone_numbers_per_waba: phoneNumbersMax };
  enqueueWebhook(state, accountWebhook(waba.wabaId, nowMsOf(meta), { field: 'business_capability_update', value }));
}

function set(waba: Waba, { action: _action, ...shown }: Of<'set'>): void {
  for (const [name, value] of Object.entries(shown)) if (value !== undefined) Object.assign(waba, { [name]: value });
}
