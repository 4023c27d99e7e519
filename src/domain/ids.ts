/** Branded ids, so that one kind can never be passed where another is meant. All are opaque text, never numbers. */

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** Our id of a number under care: `num_…`. */
export type NumberId = Branded<'NumberId'>;
/** Our id of a company that uses Tandem: `ten_…`. */
export type TenantId = Branded<'TenantId'>;
/** Our id of a check of eligibility: `chk_…`. */
export type CheckId = Branded<'CheckId'>;
/** Our id of one run of Meta's signup dialog: `dlg_…`. */
export type DialogRunId = Branded<'DialogRunId'>;
/** Meta's id of a WhatsApp Business account. */
export type WabaId = Branded<'WabaId'>;
/** Meta's id of a business phone number. */
export type PhoneNumberId = Branded<'PhoneNumberId'>;
/** Meta's id of a business portfolio; never one of a WABA. */
export type BusinessPortfolioId = Branded<'BusinessPortfolioId'>;
/** A phone number in E.164 with its plus sign. */
export type PhoneNumber = Branded<'PhoneNumber'>;

/**
 * Each function below brands text that its caller has checked at the edge (a zod schema, a database row, our own id
 * maker).
 */
export const numberId = (text: string): NumberId => text as NumberId;
export const tenantId = (text: string): TenantId => text as TenantId;
export const checkId = (text: string): CheckId => text as CheckId;
export const dialogRunId = (text: string): DialogRunId => text as DialogRunId;
export const wabaId = (text: string): WabaId => text as WabaId;
export const phoneNumberId = (text: string): PhoneNumberId => text as PhoneNumberId;
export const businessPortfolioId = (text: string): BusinessPortfolioId => text as BusinessPortfolioId;
export const phoneNumber = (text: string): PhoneNumber => text as PhoneNumber;

/** The digits of a phone number as Meta writes it in either form: `+1 555-010-0123` and `15550100123` are one. */
export function digitsOf(written: string): string {
  return written.replace(/\D/g, '');
}

/** The workflow of a number: one number, one workflow. */
export function workflowIdOf(id: NumberId): string {
  return `number/${id}`;
}
