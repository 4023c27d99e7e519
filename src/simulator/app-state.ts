/** What the local Meta remembers of our app: its webhooks as somebody set them, one setting for all accounts. */
import { z } from 'zod';

export const AppSetting = z.object({
  isSubscribed: z.boolean(),
  isActive: z.boolean(),
  /** Null: all that there are. */
  fields: z.array(z.string()).nullable(),
  /** Null: where the local Meta was told to send its webhooks. */
  callbackUrl: z.string().nullable(),
});
export type AppSetting = z.infer<typeof AppSetting>;

export const AS_SET_UP: AppSetting = { isSubscribed: true, isActive: true, fields: null, callbackUrl: null };

/** Of a field that the app does not hear, Meta sends nothing, tells nobody, and sends it at no later time. */
export function isHeard({ isSubscribed, isActive, fields }: AppSetting, field: string): boolean {
  return isSubscribed && isActive && (fields === null || fields.includes(field));
}
