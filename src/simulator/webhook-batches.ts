/** Several changes in one POST, and one change in several: Meta batches as it likes. */
import { z } from 'zod';
import { serializeAsMeta } from './signatures.ts';
import type { QueuedWebhook } from './webhook-state.ts';

const Envelope = z.object({
  object: z.string(),
  entry: z.array(z.object({ id: z.string(), time: z.number().optional(), changes: z.array(z.unknown()) })),
});
type Entry = z.infer<typeof Envelope>['entry'][number];

/** Changes of the same account and time share an entry. Meta's ids are text, so parsing loses nothing. */
export function joined(webhooks: readonly QueuedWebhook[]): Pick<QueuedWebhook, 'body' | 'completes'> {
  const envelopes = webhooks.map((webhook) => Envelope.parse(JSON.parse(webhook.body)));
  const entry: Entry[] = [];
  for (const part of envelopes.flatMap((envelope) => envelope.entry)) {
    const same = entry.find((row) => row.id === part.id && row.time === part.time);
    if (same === undefined) entry.push(part);
    else same.changes.push(...part.changes);
  }
  const body = serializeAsMeta({ object: envelopes[0]?.object, entry });
  return { body, completes: webhooks.flatMap((webhook) => webhook.completes) };
}

const LISTS = ['state_sync', 'message_echoes', 'messages', 'statuses'] as const;

/** The same value once for each row of its list. */
export function splitValues(value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>>[] {
  for (const name of LISTS) {
    const rows = value[name];
    if (Array.isArray(rows) && rows.length > 0) return rows.map((row: unknown) => ({ ...value, [name]: [row] }));
  }
  return [value];
}
