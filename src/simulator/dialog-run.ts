/** What a scenario may decide about one run through Meta's signup dialog. */
import { z } from 'zod';
import { digits, id } from './phones.ts';

/** Every scope that the dialog can ask for. Source: Meta, Embedded Signup permissions. */
export const SCOPES = [
  'business_management',
  'whatsapp_business_management',
  'whatsapp_business_messaging',
  'whatsapp_business_manage_events',
] as const;
const Scope = z.enum(SCOPES);

/** Each way to finish, and Meta's word for it; the last two are no word of Meta's. */
export const FINISHES = {
  finish: 'FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING',
  /** Closing the popup on the last screen counts as success. */
  'closed-on-last-screen': 'FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING',
  standard: 'FINISH',
  'only-waba': 'FINISH_ONLY_WABA',
  'obo-migration': 'FINISH_OBO_MIGRATION',
  'grant-only': 'FINISH_GRANT_ONLY_API_ACCESS',
  'unknown-finish': 'FINISH_SOMETHING_NEW',
} as const;
export type Finish = keyof typeof FINISHES;

export const DialogRun = z.strictObject({
  digits,
  outcome: z
    .enum([
      'finish',
      'closed-on-last-screen',
      'standard',
      'only-waba',
      'obo-migration',
      'grant-only',
      'unknown-finish',
      'cancel',
    ])
    .default('finish'),
  /** What reaches the browser: the code, the message, both or neither. */
  parts: z.enum(['both', 'code', 'message', 'neither']).default('both'),
  /** Screen on which a cancelled dialog was left. */
  step: z.string().default('PHONE_NUMBER_VERIFICATION'),
  /** In-flow error that the owner ran into; implies a cancel. */
  errorCode: z.union([z.string(), z.number().int()]).optional(),
  errorForm: z
    .strictObject({
      event: z.enum(['CANCEL', 'ERROR']).default('CANCEL'),
      /** Pages of 2025 write `error_id`, those of 2026 `error_code`. */
      field: z.enum(['error_code', 'error_id']).default('error_code'),
      numbersAs: z.enum(['text', 'number']).default('text'),
    })
    .prefault({}),
  finishForm: z
    .strictObject({
      /** What the message names; the coexistence finish names only the account, the standard one everything. */
      names: z.array(z.enum(['waba_id', 'phone_number_id', 'business_id', 'waba_ids'])).optional(),
      idsAs: z.enum(['text', 'number']).default('text'),
      /** As Meta posts it, or as a page that has parsed it already hands it on. */
      as: z.enum(['object', 'json']).default('object'),
      /** Another account than the one that was granted. */
      wabaId: id.optional(),
    })
    .prefault({}),
  code: z.enum(['fresh', 'expired', 'used', 'other-redirect']).default('fresh'),
  /** `now`: as soon as the sender looks; `before`: delivered before this call is answered; `after`: a minute later. */
  partnerAdded: z.enum(['now', 'before', 'after', 'never', 'twice']).default('now'),
  partnerAddedDelayMs: z.number().int().min(0).optional(),
  /** The portfolio that the owner picks; another one than the number's is a new one or a foreign one. */
  businessId: id.optional(),
  /** The account that the number goes to; a new one is made. */
  nextWabaId: id.optional(),
  nextPhoneNumberId: id.optional(),
  /** Further accounts that are granted, before or after the number's own. */
  alsoGranted: z.array(id).default([]),
  ownTargetComes: z.enum(['first', 'last', 'never']).default('first'),
  withheld: z.array(Scope).default([]),
  /** The app that the token belongs to, when it is not ours. */
  tokenAppId: id.optional(),
  tokenExpiresInDays: z.number().positive().optional(),
  dataAccessExpiresInDays: z.number().positive().optional(),
  /** Lets the dialog pass whatever the phone's own state is. */
  ignoreConnected: z.boolean().default(false),
});
export type DialogRun = z.infer<typeof DialogRun>;
