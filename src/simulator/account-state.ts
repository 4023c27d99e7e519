/** What the local Meta remembers of accounts and their owners: business portfolios, WABAs, codes and tokens. */
import { z } from 'zod';

const atMs = z.number();

export const Business = z.object({
  businessId: z.string(),
  name: z.string(),
  verificationStatus: z.string(),
});
export type Business = z.infer<typeof Business>;

export const Restriction = z.object({ type: z.string(), expiresAtMs: atMs });
export type Restriction = z.infer<typeof Restriction>;

export const Waba = z.object({
  wabaId: z.string(),
  businessId: z.string(),
  name: z.string(),
  timezoneId: z.string(),
  currency: z.string(),
  country: z.string(),
  reviewStatus: z.string(),
  banState: z.string().nullable(),
  restrictions: z.array(Restriction),
  limit: z.string(),
  /** Overall and per entity, in Meta's words; an entity that is not named is available. */
  health: z.record(z.string(), z.object({ canSend: z.string(), codes: z.array(z.number()) })),
  isDeleted: z.boolean(),
  isSubscribed: z.boolean(),
  /** Takes the fields of the message kind instead of the app's own callback. */
  overrideUrl: z.string().nullable(),
});
export type Waba = z.infer<typeof Waba>;

/** One permission and the assets for which it was given, in the order in which Meta lists them. */
export const GrantedScope = z.object({ scope: z.string(), targetIds: z.array(z.string()) });
export type GrantedScope = z.infer<typeof GrantedScope>;

/** What the customer gave in the dialog; the token carries it. */
export const Grant = z.object({
  appId: z.string(),
  businessId: z.string(),
  scopes: z.array(GrantedScope),
  /** Null: never, which is the default for business tokens. */
  lifeMs: z.number().nullable(),
  dataAccessLifeMs: z.number().nullable(),
});
export type Grant = z.infer<typeof Grant>;

export const IssuedCode = z.object({
  code: z.string(),
  digits: z.string(),
  wabaId: z.string(),
  grant: Grant,
  issuedAtMs: atMs,
  usedAtMs: atMs.nullable(),
  /** Issued for a redirect, and so good only for an exchange that names it. */
  redirectUri: z.string().nullable(),
});
export type IssuedCode = z.infer<typeof IssuedCode>;

export const IssuedToken = z.object({
  token: z.string(),
  digits: z.string(),
  grant: Grant,
  issuedAtMs: atMs,
  /** Null: never expires. */
  expiresAtMs: atMs.nullable(),
  dataAccessExpiresAtMs: atMs.nullable(),
  /** Why Meta does not take it any more, as subcode of 190; null while it does. */
  invalidSubcode: z.number().nullable(),
});
export type IssuedToken = z.infer<typeof IssuedToken>;
