/** What an operator is alerted to: a closed list, each kind with what it means and what to do, in order. */

interface AlertWords {
  /** What its subject names. */
  subject: string;
  sentence: string;
  remedy: readonly string[];
}

export const ALERT_KINDS = ['mode-drift', 'rule-stale', 'quota-late', 'delivery-stuck', 'provider-not-ready'] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

export const ALERTS: Readonly<Record<AlertKind, AlertWords>> = {
  'mode-drift': {
    subject: 'the word dialog: it is about the dialog itself',
    sentence: 'Meta opens another dialog than that of coexistence: the settings of our app at Meta have drifted.',
    remedy: [
      'In the dashboard of your Meta app, check that the login configuration META_CONFIG_ID still offers the WhatsApp Business app.',
      'Compare META_SIGNUP_VERSION with the version of embedded signup for which that configuration was made.',
      'Connect a number of your own, then close the alert.',
    ],
  },
  'rule-stale': {
    subject: 'the id of the rule',
    sentence: 'Meta refuses numbers that a rule of eligibility allows: the rule may no longer hold.',
    remedy: [
      "Read the rule at /v1/operator/eligibility-rules, and compare it with Meta's page in its source.",
      'Where Meta has changed it: put a new version in place with PUT /v1/operator/eligibility-rules/{ruleId}/versions/{version}.',
      'Close the alert.',
    ],
  },
  'quota-late': {
    subject: 'the id of the number',
    sentence: "A number waits for a slot in Meta's quota of new customers past the date that it was promised.",
    remedy: [
      'Read /v1/operator/quota: how many slots are taken, and when the next one is free.',
      'Where Meta has raised your limit: set it with PUT /v1/operator/quota.',
      'Otherwise tell the tenant of the number that it comes later, then close the alert.',
    ],
  },
  'delivery-stuck': {
    subject: 'delivery/ and the place of the webhook in the inbox',
    sentence: 'A webhook was stored, but cannot be taken apart; it is tried again for days, then dropped unread.',
    remedy: [
      'Look in the log for what failed at the time; the detail names the kind of the error.',
      'Contact support with both: what the webhook says is kept for some days, for a version that can read it.',
      'Close the alert once that version runs.',
    ],
  },
  'provider-not-ready': {
    subject: "Meta's id of our app",
    sentence: 'No new dialog may be opened: settings of ours or the webhooks of our Meta app are not as they must be.',
    remedy: [
      'Read /v1/operator/readiness: the settings that are missing, and what is wrong with the webhooks.',
      "Set them, or correct the webhooks in your Meta app's dashboard.",
      'Leave the alert: it closes by itself at the next look that finds all well.',
    ],
  },
};
