/** Where the webhooks of our app go, and how Meta lists them. Source: Meta, Graph API "Application Subscriptions". */
import type { LocalMeta } from './local-meta.ts';

/** What a dashboard offers of the topic, as far as the local Meta or its control plane sends it. */
const ALL_FIELDS = [
  'account_alerts',
  'account_review_update',
  'account_update',
  'business_capability_update',
  'history',
  'messages',
  'phone_number_name_update',
  'phone_number_quality_update',
  'security',
  'smb_app_state_sync',
  'smb_message_echoes',
] as const;

/** The rows of `GET /{app-id}/subscriptions`; the version of each field is that of the call. */
export function subscriptionRowsOf(meta: LocalMeta, version: string): object[] {
  const { isSubscribed, isActive, fields } = meta.store.state.app;
  if (!isSubscribed) return [];
  return [
    {
      object: 'whatsapp_business_account',
      callback_url: callbackUrlOf(meta),
      active: isActive,
      fields: (fields ?? ALL_FIELDS).map((name) => ({ name, version })),
    },
  ];
}

/** The app's own callback, which an account's override may take the place of. */
export function callbackUrlOf({ store, options }: LocalMeta): string {
  return store.state.app.callbackUrl ?? options.webhookUrl;
}
