/** The webhooks that wait to be sent, and the journal of those that were. */
import { z } from 'zod';

const atMs = z.number();

/** `reserialised`: the bytes changed on the way, the signature did not. */
export const Signing = z.enum(['good', 'wrong-secret', 'missing', 'reserialised']);
export type Signing = z.infer<typeof Signing>;

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
  signing: Signing,
  /** The syncs that are over on Meta's side once this one has been delivered. */
  completes: z.array(z.enum(['contacts', 'history'])),
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
