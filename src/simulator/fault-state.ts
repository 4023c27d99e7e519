/** The faults that can be planned for Graph calls and for webhooks. */
import { z } from 'zod';

export const CALL_NAMES = [
  'exchangeCode',
  'appToken',
  'renewToken',
  'revokeToken',
  'debugToken',
  'readMe',
  'readBusiness',
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
  'readAppWebhooks',
] as const;
export const CallName = z.enum(CALL_NAMES);
export type CallName = z.infer<typeof CallName>;

const ms = z.number().int().min(0);

export const CallFault = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('error'),
    status: z.number().int().min(400).max(599),
    code: z.number().int(),
    subcode: z.number().int().optional(),
    isTransient: z.boolean().optional(),
  }),
  /** Applied, and the connection cut. */
  z.strictObject({ kind: z.literal('lost-answer') }),
  /** The connection is cut before anything happens. */
  z.strictObject({ kind: z.literal('refused-connection') }),
  /** Wall time before it is applied. */
  z.strictObject({ kind: z.literal('delay'), ms }),
  /** Wall time between applying and answering. */
  z.strictObject({ kind: z.literal('delay-after'), ms }),
  /** Waits for `POST /control/faults/release`, then is applied and answered. */
  z.strictObject({ kind: z.literal('hold') }),
  /** Applied at once; the answer waits for `POST /control/faults/release`. */
  z.strictObject({ kind: z.literal('hold-answer') }),
  z.strictObject({
    kind: z.literal('rate-limited'),
    /** Until access returns, in the header; null leaves the header without an estimate. */
    minutes: z.number().int().min(0).nullable(),
    code: z.number().int().default(80_007),
    status: z.number().int().min(400).max(599).default(400),
  }),
  /** Neither applied nor answered. */
  z.strictObject({ kind: z.literal('hang') }),
  /** Something that is not Meta's JSON: a gateway's page, nothing, the node of somebody else, a list. */
  z.strictObject({
    kind: z.literal('odd-answer'),
    as: z.enum(['html', 'empty', 'wrong-id', 'list', 'cut-json']),
    status: z.number().int().min(200).max(599).default(200),
    isApplied: z.boolean().default(true),
  }),
]);
export type CallFault = z.infer<typeof CallFault>;

export const PlannedCallFault = z.object({
  call: z.union([CallName, z.literal('any')]),
  subject: z.string().nullable(),
  /** Matching calls that pass before it strikes. */
  skipsLeft: z.number(),
  timesLeft: z.number(),
  fault: CallFault,
});
export type PlannedCallFault = z.infer<typeof PlannedCallFault>;

export const WebhookFault = z.union([
  z.enum(['drop', 'twice', 'bad-signature', 'no-signature', 'reserialised', 'hold', 'split']),
  z.strictObject({ delayMs: ms }),
  z.strictObject({ copies: z.number().int().min(2).max(20) }),
]);
export type WebhookFault = z.infer<typeof WebhookFault>;

export const PlannedWebhookFault = z.object({
  field: z.string().nullable(),
  event: z.string().nullable(),
  /** WABA id, phone number id or digits. */
  subject: z.string().nullable(),
  skipsLeft: z.number(),
  timesLeft: z.number(),
  fault: WebhookFault,
});
export type PlannedWebhookFault = z.infer<typeof PlannedWebhookFault>;
