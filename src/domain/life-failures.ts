/** What can go wrong after the dialog: imports, the end of a link, commands, our own house. Each row names its source. */
import { CONTACT_SUPPORT, row, type Failure } from './failure-row.ts';

export const LIFE_FAILURES = {
  // Syncs.
  CONTACTS_SYNC_REFUSED: row({
    sentence: 'The import of contacts could not be started.',
    remedy: [CONTACT_SUPPORT],
    retry: 'never',
  }),
  HISTORY_SYNC_REFUSED: row({
    sentence: 'The import of history could not be started.',
    remedy: [CONTACT_SUPPORT],
    retry: 'never',
  }),
  SYNC_UNCONFIRMED: row({
    sentence: 'We could not confirm that the import began.',
    remedy: ['Open the app on the phone and leave it open for some minutes.', CONTACT_SUPPORT],
    retry: 'after-customer-action',
  }),
  HISTORY_STALLED: row({
    sentence: 'The import has stopped: please open the app.',
    remedy: ['Open the app on the phone and leave it open for some minutes.'],
    retry: 'after-customer-action',
  }),
  HISTORY_SILENT: row({
    sentence: 'The import has not begun: please open the app.',
    remedy: ['Open the app on the phone and leave it open for some minutes.'],
    retry: 'after-customer-action',
  }),
  HISTORY_INCOMPLETE: row({
    sentence: 'The import has stopped: please open the app.',
    remedy: ['Open the app on the phone and leave it open for some minutes.'],
    retry: 'after-customer-action',
  }),
  // The life of an invitation and of a link.
  INVITATION_EXPIRED: row({
    sentence: 'This link is no longer valid: ask for a new one.',
    remedy: ['Ask for a new invitation.'],
    retry: 'after-customer-action',
    httpStatus: 410,
  }),
  INVITATION_WITHDRAWN: row({
    sentence: 'This link is no longer valid: ask for a new one.',
    remedy: ['Ask for a new invitation.'],
    retry: 'after-customer-action',
    httpStatus: 410,
  }),
  ONBOARDING_QUOTA_REACHED: row({
    sentence: 'We can connect you from the date shown.',
    remedy: ['Nothing to do: the invitation opens by itself, on the date shown at the latest.'],
    retry: 'after-wait',
    waitMinutes: 7 * 24 * 60,
  }),
  PROVIDER_NOT_READY: row({
    sentence: 'New numbers cannot be connected at present; connected ones are not touched.',
    remedy: ['Try again later: what is missing is on our side.', 'Operator: read /v1/operator/readiness.'],
    retry: 'after-our-fix',
    httpStatus: 503,
  }),
  ELIGIBILITY_REFUSED: row({
    sentence: 'The check before does not allow it yet.',
    remedy: ['Read the reasons of the check with their remedies, change what they say, and check again.'],
    retry: 'after-customer-action',
  }),
  ENTITLEMENT_MISSING: row({
    sentence: 'Your plan does not allow it yet.',
    remedy: ['Ask your provider for a plan that includes WhatsApp.'],
    retry: 'after-customer-action',
    httpStatus: 403,
  }),
  ATTEMPTS_EXHAUSTED: row({
    sentence: 'Too many tries: please contact support.',
    remedy: ['Contact support.'],
    retry: 'after-customer-action',
  }),
  COMPENSATION_INCOMPLETE: row({
    sentence: 'We are checking your connection.',
    remedy: [
      'Operator: finish by hand the steps that the number lists as incompleteUndo, then complete the task op-undo.',
    ],
    retry: 'after-our-fix',
    httpStatus: 500,
  }),
  CANCELLED_BY_OPERATOR: row({
    sentence: 'This connection was ended by our team: please contact support.',
    remedy: ['Contact support.'],
    retry: 'after-customer-action',
  }),
  // Before a new onboarding.
  IMPORT_NOT_ALLOWED: row({
    sentence: 'Contacts and history are not imported for this account.',
    remedy: ['Ask for imports to be enabled; new onboardings will have them.'],
    retry: 'after-customer-action',
    httpStatus: 403,
  }),
  // Commands and our own house.
  ALREADY_DISCONNECTED: row({
    sentence: 'The number is disconnected already.',
    remedy: ['Nothing to do.'],
    retry: 'never',
  }),
  COMMAND_OUT_OF_STATE: row({
    sentence: 'This is not possible in the present state.',
    remedy: ['Read the number and its timeline to see what is possible now.'],
    retry: 'never',
  }),
  CHOICE_NOT_OFFERED: row({
    sentence: 'Please choose one of those offered.',
    remedy: ['Read the number: its attempt lists what can be chosen.'],
    retry: 'after-customer-action',
    httpStatus: 422,
  }),
  STORE_UNAVAILABLE: row({
    sentence: 'A fault on our side: please try again in a moment.',
    remedy: ['Send the same request again; its Idempotency-Key keeps it from acting twice.'],
    retry: 'automatic',
    httpStatus: 503,
  }),
  ENGINE_UNAVAILABLE: row({
    sentence: 'A fault on our side: please try again in a moment.',
    remedy: ['Send the same request again; its Idempotency-Key keeps it from acting twice.'],
    retry: 'automatic',
    httpStatus: 503,
  }),
} as const satisfies Record<string, Failure>;
