/** What the local Meta remembers of one phone: its number, its app, its connection, and the shape of what it shares. */
import { z } from 'zod';

const atMs = z.number();
const count = z.number().int().min(0).max(100_000);
const SyncStage = z.enum(['never', 'requested', 'done', 'declined']);

/** What a read of the number shows instead of the truth, until cleared; `absent` leaves the field out of the answer. */
export const Gate = z.object({
  isOnBizApp: z.union([z.boolean(), z.literal('absent')]).nullable(),
  platformType: z.string().nullable(),
  status: z.string().nullable(),
});
export type Gate = z.infer<typeof Gate>;

/** The phone's own state, by which the dialog refuses it without being told. Source: Meta, Embedded Signup flow errors. */
export const PhoneCondition = z.strictObject({
  /** Where the number is registered. */
  app: z.enum(['business', 'personal']),
  appVersion: z.string().regex(/^\d+(\.\d+)*$/),
  isActiveEnough: z.boolean(),
  isRegionSupported: z.boolean(),
  isLinkedToPage: z.boolean(),
  hasOtherPartner: z.boolean(),
  usesMarketingMessages: z.boolean(),
});
export type PhoneCondition = z.infer<typeof PhoneCondition>;

export const ConditionChange = PhoneCondition.partial();
export type ConditionChange = z.infer<typeof ConditionChange>;

/** Nothing stands in the way. */
export const FIT: PhoneCondition = {
  app: 'business',
  appVersion: '2.26.10',
  isActiveEnough: true,
  isRegionSupported: true,
  isLinkedToPage: false,
  hasOtherPartner: false,
  usesMarketingMessages: false,
};

/** What the change does not name stays. */
export function changedCondition(condition: PhoneCondition, change: ConditionChange): PhoneCondition {
  return PhoneCondition.parse({ ...condition, ...change });
}

/** Volume and shape of a history sync. Phases, progress and order as in Meta's history reference. */
export const HistoryShape = z.strictObject({
  chunks: z.number().int().min(0).max(1_000).default(12),
  messages: count.default(240),
  days: z.number().int().min(1).max(180).default(180),
  /** Messages in one webhook; decides the number of chunks when given. */
  chunkSize: z.number().int().min(1).optional(),
  /** Phases that have something; those left out send nothing. */
  phases: z.array(z.union([z.literal(0), z.literal(1), z.literal(2)])).optional(),
  order: z.enum(['rising', 'reversed', 'last-first']).default('rising'),
  /** How often each chunk is sent. */
  copies: z.number().int().min(1).max(5).default(1),
  /** The first chunk comes once more, with other messages, after the one that says 100. */
  hasLateChunk: z.boolean().default(false),
  statusCase: z.enum(['upper', 'lower']).default('upper'),
  numbersAs: z.enum(['number', 'text']).default('number'),
  /** The webhook that follows a media placeholder, when at all: for messages of the last 14 days. */
  media: z.enum(['none', 'after', 'before']).default('none'),
  /** `user-id`: the person is known by a business-scoped id alone. */
  people: z.enum(['number', 'user-id']).default('number'),
  /** How a number whose owner shares no history hears of it. */
  declined: z.enum(['webhook', 'direct']).default('webhook'),
  /** Accepted, and then nothing at all. */
  isSilent: z.boolean().default(false),
  /** Chats with groups, which are never sent. */
  groupMessages: count.default(0),
});
export type HistoryShape = z.infer<typeof HistoryShape>;

export const ContactsShape = z.strictObject({
  batchSize: z.number().int().min(1).max(1_000).default(100),
  order: z.enum(['rising', 'reversed']).default('rising'),
  copies: z.number().int().min(1).max(5).default(1),
  /** How many of the first contacts are removed a second later; the removals come before their additions. */
  removedFirst: count.default(0),
  people: z.enum(['number', 'user-id']).default('number'),
  isSilent: z.boolean().default(false),
});
export type ContactsShape = z.infer<typeof ContactsShape>;

export const Phone = z.object({
  digits: z.string(),
  wabaId: z.string(),
  phoneNumberId: z.string(),
  businessId: z.string(),
  verifiedName: z.string(),
  condition: PhoneCondition,
  isHistoryShared: z.boolean(),
  contacts: z.number(),
  contactsShape: ContactsShape,
  history: HistoryShape,
  /** Where Meta puts the codes of a refused sync: reports differ. */
  syncErrorsAs: z.enum(['code', 'subcode']),
  syncSpacingMs: z.number(),
  connected: z.enum(['none', 'coexistence', 'offboarded', 'disconnected']),
  /** The dialog that ran last: the standard one registers a new number and knows nothing of the app. */
  flow: z.enum(['coexistence', 'standard']).nullable(),
  isOnBizApp: z.boolean(),
  /** What a finished dialog leaves to Meta's reviewers: the number or its account. */
  reviewsNext: z.enum(['none', 'number', 'account']),
  isInReview: z.boolean(),
  quality: z.string(),
  nameStatus: z.string(),
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
