/** Everything the local Meta remembers, as one JSON document: zod schemas, so that a stored state is checked when read. */
import { z } from 'zod';

export const CALL_NAMES = [
  'exchangeCode',
  'debugToken',
  'readWaba',
  'listNumbers',
  'subscribe',
  'readSubscription',
  'unsubscribe',
  'readNumber',
  'syncContacts',
  'syncHistory',
  'register',
  'deregister',
] as const;
export const CallName = z.enum(CALL_NAMES);
export type CallName = z.infer<typeof CallName>;

const atMs = z.number();
const SyncStage = z.enum(['never', 'requested', 'done', 'declined']);

/** What a read of the number shows instead of the truth, until cleared; `absent` leaves the field out of the answer. */
export const Gate = z.object({
  isOnBizApp: z.union([z.boolean(), z.literal('absent')]).nullable(),
  platformType: z.string().nullable(),
  status: z.string().nullable(),
});
export type Gate = z.infer<typeof Gate>;

export const Phone = z.object({
  digits: z.string(),
  wabaId: z.string(),
  phoneNumberId: z.string(),
  businessId: z.string(),
  verifiedName: z.string(),
  isHistoryShared: z.boolean(),
  contacts: z.number(),
  history: z.object({ chunks: z.number(), messages: z.number(), days: z.number() }),
  syncSpacingMs: z.number(),
  connected: z.enum(['none', 'coexistence', 'offboarded', 'disconnected']),
  /** The dialog that ran last: the standard one registers a new number and knows nothing of the app. */
  flow: z.enum(['coexistence', 'standard']).nullable(),
  isOnBizApp: z.boolean(),
  gate: Gate,
  onboardedAtMs: atMs.nullable(),
  disconnectedAtMs: atMs.nullable(),
  reconnectAtMs: atMs.nullable(),
  contactsSync: SyncStage,
  historySync: SyncStage,
  lastActiveAtMs: atMs,
  hasAutoInactivity: z.boolean(),
  inactivityGraceMs: z.number(),
});
export type Phone = z.infer<typeof Phone>;

export const IssuedCode = z.object({
  code: z.string(),
  digits: z.string(),
  wabaId: z.string(),
  issuedAtMs: atMs,
  usedAtMs: atMs.nullable(),
});
export type IssuedCode = z.infer<typeof IssuedCode>;

export const IssuedToken = z.object({
  token: z.string(),
  digits: z.string(),
  wabaIds: z.array(z.string()),
  issuedAtMs: atMs,
  /** Null: never expires, which is the default for business tokens. */
  expiresAtMs: atMs.nullable(),
  isRevoked: z.boolean(),
});
export type IssuedToken = z.infer<typeof IssuedToken>;

export const QueuedWebhook = z.object({
  id: z.number(),
  /** Place in the line among those due at the same time. */
  seq: z.number(),
  field: z.string(),
  event: z.string().nullable(),
  entryId: z.string(),
  digits: z.string().nullable(),
  body: z.string(),
  stage: z.enum(['queued', 'held']),
  dueAtMs: atMs,
  attempts: z.number(),
  firstAttemptAtMs: atMs.nullable(),
  isBadlySigned: z.boolean(),
  /** The sync that is over on Meta's side once this one has been delivered. */
  completes: z.enum(['contacts', 'history']).nullable(),
});
export type QueuedWebhook = z.infer<typeof QueuedWebhook>;

export const Delivery = z.object({
  webhookId: z.number(),
  field: z.string(),
  event: z.string().nullable(),
  entryId: z.string(),
  digits: z.string().nullable(),
  atMs: atMs,
  attempt: z.number(),
  status: z.number().nullable(),
  outcome: z.enum(['delivered', 'refused', 'unreachable', 'given-up', 'dropped', 'not-subscribed']),
});
export type Delivery = z.infer<typeof Delivery>;

export const CallCount = z.object({
  call: CallName,
  subject: z.string(),
  digits: z.string().nullable(),
  asked: z.number(),
  accepted: z.number(),
});
export type CallCount = z.infer<typeof CallCount>;

export const JournalEntry = z.object({
  atMs: atMs,
  call: CallName,
  subject: z.string(),
  outcome: z.string(),
});
export type JournalEntry = z.infer<typeof JournalEntry>;

export const CallFault = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('error'),
    status: z.number().int().min(400).max(599),
    code: z.number().int(),
    subcode: z.number().int().optional(),
    isTransient: z.boolean().optional(),
  }),
  z.strictObject({ kind: z.literal('lost-answer') }),
  z.strictObject({ kind: z.literal('delay'), ms: z.number().int().min(0) }),
  z.strictObject({ kind: z.literal('delay-after'), ms: z.number().int().min(0) }),
  z.strictObject({ kind: z.literal('rate-limited'), minutes: z.number().int().min(0) }),
  z.strictObject({ kind: z.literal('hang') }),
]);
export type CallFault = z.infer<typeof CallFault>;

export const PlannedCallFault = z.object({
  call: CallName,
  subject: z.string().nullable(),
  timesLeft: z.number(),
  fault: CallFault,
});
export type PlannedCallFault = z.infer<typeof PlannedCallFault>;

export const WebhookFault = z.union([
  z.enum(['drop', 'twice', 'bad-signature', 'hold']),
  z.strictObject({ delayMs: z.number().int().min(0) }),
]);
export type WebhookFault = z.infer<typeof WebhookFault>;

export const PlannedWebhookFault = z.object({
  field: z.string().nullable(),
  event: z.string().nullable(),
  timesLeft: z.number(),
  fault: WebhookFault,
});
export type PlannedWebhookFault = z.infer<typeof PlannedWebhookFault>;

export const SimulatorState = z.object({
  version: z.literal(1),
  /** Source of all ordinals in ids, codes and tokens: a replayed scenario makes the same ones. */
  lastOrdinals: z.record(z.string(), z.number()),
  phones: z.array(Phone),
  codes: z.array(IssuedCode),
  tokens: z.array(IssuedToken),
  subscribedWabaIds: z.array(z.string()),
  webhooks: z.array(QueuedWebhook),
  deliveries: z.array(Delivery),
  calls: z.array(CallCount),
  journal: z.array(JournalEntry),
  callFaults: z.array(PlannedCallFault),
  webhookFaults: z.array(PlannedWebhookFault),
});
export type SimulatorState = z.infer<typeof SimulatorState>;

export function emptyState(): SimulatorState {
  return {
    version: 1,
    lastOrdinals: {},
    phones: [],
    codes: [],
    tokens: [],
    subscribedWabaIds: [],
    webhooks: [],
    deliveries: [],
    calls: [],
    journal: [],
    callFaults: [],
    webhookFaults: [],
  };
}

export function nextOrdinal(state: SimulatorState, kind: string): number {
  const ordinal = (state.lastOrdinals[kind] ?? 0) + 1;
  state.lastOrdinals[kind] = ordinal;
  return ordinal;
}

/** Appends and forgets the oldest beyond the bound. */
export function appendBounded<T>(list: T[], entry: T, entriesMax: number): void {
  list.push(entry);
  if (list.length > entriesMax) list.splice(0, list.length - entriesMax);
}
