/** The text of an event, type by type, as a backend reads it once it has verified it. */
import { z } from 'zod';
import { EVENT_PROOFS } from '../domain/events.ts';

const isoDate = z.string().meta({ description: 'ISO 8601, UTC' });
const count = z.int().min(0);

const of = { id: z.string(), timestamp: isoDate, tenantId: z.string(), numberId: z.string() };

const connectedData = z.object({
  cycle: count,
  attempt: count,
  phoneNumberId: z.string().nullable(),
  wabaId: z.string().nullable(),
  businessPortfolioId: z.string().nullable(),
  scopes: z.array(z.object({ scope: z.string(), accounts: count })),
  subscription: z.object({ readBackAt: isoDate }).nullable(),
  gate: z.object({ isOnBizApp: z.literal(true), platformType: z.literal('CLOUD_API'), readAt: isoDate }),
  connectedAt: isoDate,
  evidence: z.array(z.object({ proves: z.enum(EVENT_PROOFS), id: z.string(), at: isoDate })),
});

const reminderOf = (rung: string) =>
  z.object({
    cycle: count,
    rung: z.string().meta({ description: rung }),
    evidenceAt: isoDate.meta({ description: 'When the app was last known to be used, ISO 8601, UTC.' }),
  });

export const eventPayloadSchema = z.discriminatedUnion('type', [
  z.object({ ...of, type: z.literal('number.connected'), data: connectedData }),
  z.object({
    ...of,
    type: z.literal('activity.due'),
    data: reminderOf('The day of the ladder, counted from that use.'),
  }),
  z.object({
    ...of,
    type: z.literal('activity.overdue'),
    data: reminderOf('overdue-1 and so on: which reminder since the limit has passed.'),
  }),
]);

/** Of a text that is signed as it stands: JSON within a string. */
export function payloadContent(): Readonly<Record<string, unknown>> {
  const { $schema: _dialect, ...contentSchema } = z.toJSONSchema(eventPayloadSchema);
  return { contentMediaType: 'application/json', contentSchema };
}
