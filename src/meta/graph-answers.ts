/** The shapes of Meta's good answers. Unlike webhooks they are strict where a decision hangs on them. Sources: M1, M7, M8, M14. */
import { z } from 'zod';
import { idOf, integerOf, labelOf, leaf, numberOf, rowsOf, textOf, tolerant } from './wire-values.ts';

const Id = leaf(idOf).pipe(z.string());

export const ExchangedToken = z.object({ access_token: z.string().min(1), expires_in: leaf(integerOf) });

/** An invalid token answers 200 too, with `is_valid` false and little else. */
export const DebuggedToken = z.object({
  data: z.object({
    is_valid: z.boolean(),
    app_id: leaf(idOf),
    scopes: leaf(textsOf),
    granular_scopes: leaf((value) => rowsOf(value).map((row) => GranularScope.parse(row))),
    /** Seconds; 0: never. */
    expires_at: leaf(integerOf),
  }),
});

const GranularScope = tolerant({ scope: leaf(textOf), target_ids: leaf(idsOf) });

/** Asked for by name: without it Meta leaves out just those that the gate needs. Source: M8. */
export const NUMBER_FIELDS = [
  'id',
  'display_phone_number',
  'verified_name',
  'is_on_biz_app',
  'platform_type',
  'status',
  'last_onboarded_time',
].join(',');

/** Enum values stay text; an absent `is_on_biz_app` is false. */
export const NumberNode = z.object({
  id: Id,
  display_phone_number: leaf(labelOf),
  verified_name: leaf(labelOf),
  is_on_biz_app: leaf((value) => value === true || value === 'true'),
  platform_type: leaf(labelOf),
  status: leaf(labelOf),
  last_onboarded_time: leaf(epochMsOf),
});
export type NumberNode = z.output<typeof NumberNode>;

/** What is asked of a WABA's node. */
export const WABA_FIELDS = [
  'id',
  'name',
  'timezone_id',
  'currency',
  'owner_business_info',
  'account_review_status',
].join(',');

export const WabaNode = z.object({
  id: Id,
  name: leaf(labelOf),
  timezone_id: leaf(labelOf),
  currency: leaf(labelOf),
  owner_business_info: tolerant({ id: leaf(idOf), name: leaf(labelOf) }),
  account_review_status: leaf(labelOf),
});
export type WabaNode = z.output<typeof WabaNode>;

const Paging = tolerant({ cursors: tolerant({ after: leaf(textOf) }), next: leaf(textOf) });
export const NumberPage = z.object({ data: z.array(NumberNode), paging: Paging });
export type NumberPage = z.output<typeof NumberPage>;

export const Success = z.object({ success: z.literal(true) });

export const SubscribedApps = z.object({
  data: z.array(
    tolerant({ whatsapp_business_api_data: tolerant({ id: leaf(idOf) }), override_callback_uri: leaf(textOf) }),
  ),
});

/** Of the app itself. Only a plain word says that it is not active. An entry of `fields` is an object with its version, or in older answers the bare name. */
export const AppSubscriptions = z.object({
  data: z.array(
    tolerant({
      object: leaf(labelOf),
      callback_url: leaf(textOf),
      active: leaf((value) => value !== false && value !== 'false'),
      fields: leaf((value) => rowsOf(value).flatMap((row) => textOf(row) ?? FieldRow.parse(row).name ?? [])),
    }),
  ),
});

const FieldRow = tolerant({ name: leaf(textOf) });

/** 200 means accepted. One of its documented words must be there, so that a stray `{}` is not taken for it. */
export const SyncAccepted = z
  .object({ messaging_product: z.unknown().optional(), request_id: leaf(requestIdOf), success: z.unknown().optional() })
  .refine((answer) => answer.request_id !== null || answer.messaging_product === 'whatsapp' || answer.success === true);

function textsOf(value: unknown): string[] {
  return rowsOf(value).filter((row) => typeof row === 'string');
}

function idsOf(value: unknown): string[] {
  return rowsOf(value).flatMap((row) => idOf(row) ?? []);
}

function requestIdOf(value: unknown): string | null {
  const label = labelOf(value);
  return label === '' ? null : label;
}

/** Seconds by the reference, ISO text in the manner of Graph's other times. */
function epochMsOf(value: unknown): number | null {
  const seconds = numberOf(value);
  if (seconds !== null) return seconds > 0 ? Math.trunc(seconds * 1000) : null;
  const parsed = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(parsed) ? null : parsed;
}
