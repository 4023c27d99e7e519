/**
 * The closed catalogue of failures: one row feeds the Temporal failure type, the HTTP problem, the database column,
 * the remedy shown and `docs/remedies.md`. Source of each row: lifecycle.md section 9, checked 2026-11.
 */

/** Who can end it: by itself, after a wait, the customer, us, nobody. */
export const RETRIES = ['automatic', 'after-wait', 'after-customer-action', 'after-our-fix', 'never'] as const;
export type Retry = (typeof RETRIES)[number];

export interface Failure {
  /** The sentence for the customer. */
  sentence: string;
  /** What to do, in order. */
  remedy: readonly string[];
  retry: Retry;
  /** Minutes before it may be tried again, null where no wait is asked for. */
  waitMinutes: number | null;
  httpStatus: number;
  /** Meta's codes that lead here, `code/subcode` where the subcode decides; empty for our own. */
  metaCodes: readonly string[];
  source: string;
}

const CHECKED = 'checked 2026-11';
const M11 = `Meta: error codes (M11), ${CHECKED}`;
const M1 = `Meta: onboarding app users (M1), ${CHECKED}`;
const M5 = `Meta: embedded signup flow errors (M5), ${CHECKED}`;
const OURS = 'ours';

type Row = Partial<Failure> & Pick<Failure, 'sentence' | 'remedy' | 'retry'>;

function row(given: Row): Failure {
  return { waitMinutes: null, httpStatus: 409, metaCodes: [], source: OURS, ...given };
}

const CONNECT_AGAIN = 'Open your link and connect again.';
const CONTACT_SUPPORT = 'If it happens again, contact support with the number id.';

export const FAILURES = {
  // At the code exchange and the token.
  SIGNUP_CODE_EXPIRED: row({
    sentence: 'That took too long: please press Connect again.',
    remedy: [CONNECT_AGAIN],
    retry: 'after-customer-action',
    metaCodes: ['100/36007'],
    source: M11,
  }),
  SIGNUP_CODE_USED: row({
    sentence: 'That took too long: please press Connect again.',
    remedy: [CONNECT_AGAIN],
    retry: 'after-customer-action',
    metaCodes: ['100/36009'],
    source: M11,
  }),
  SIGNUP_EXCHANGE_UNCONFIRMED: row({
    sentence: 'We could not finish: please press Connect again.',
    remedy: [CONNECT_AGAIN, 'If Meta says that a platform is still connected: disconnect it in the app, wait 15 minutes, connect again.'],
    retry: 'after-customer-action',
    source: M11,
  }),
  APP_SECRET_WRONG: row({
    sentence: 'A setting on our side is wrong; we are on it.',
    remedy: ['Operator: check META_APP_ID and META_APP_SECRET against the app dashboard.'],
    retry: 'after-our-fix',
    httpStatus: 500,
    metaCodes: ['101'],
    source: M11,
  }),
  SIGNUP_TOKEN_INVALID: row({
    sentence: 'We could not confirm the access: please connect again.',
    remedy: [CONNECT_AGAIN],
    retry: 'after-customer-action',
  }),
  SIGNUP_APP_FOREIGN: row({
    sentence: 'We could not confirm the access: please connect again.',
    remedy: ['Operator: the token belongs to another Meta app; check the login configuration.'],
    retry: 'after-our-fix',
  }),
  SIGNUP_SCOPE_MISSING: row({
    sentence: 'A permission was not given: please allow all of them.',
    remedy: [CONNECT_AGAIN, 'Leave every permission ticked.'],
    retry: 'after-customer-action',
  }),
  SIGNUP_ASSETS_MISMATCHED: row({
    sentence: 'The account shown does not match: please connect again.',
    remedy: [CONNECT_AGAIN, 'Choose the account that holds the number.'],
    retry: 'after-customer-action',
  }),
  SIGNUP_RESULT_MISSING: row({
    sentence: 'Something was missing at the end: please connect again.',
    remedy: [CONNECT_AGAIN],
    retry: 'after-customer-action',
  }),
  SIGNUP_CODE_MISSING: row({
    sentence: 'Something was missing at the end: please connect again.',
    remedy: [CONNECT_AGAIN],
    retry: 'after-customer-action',
  }),
  SIGNUP_MODE_DRIFTED: row({
    sentence: 'Meta showed the wrong dialog; we stopped in time and look into it.',
    remedy: ['Operator: check that the login configuration still offers the WhatsApp Business app.'],
    retry: 'after-our-fix',
    source: M5,
  }),
  SIGNUP_FLOW_UNSUPPORTED: row({
    sentence: 'The dialog ended without your number.',
    remedy: [CONNECT_AGAIN, 'Choose to connect the number of your WhatsApp Business app.'],
    retry: 'after-customer-action',
  }),
  SIGNUP_STATE_INVALID: row({
    sentence: 'Please open your link again.',
    remedy: [CONNECT_AGAIN],
    retry: 'after-customer-action',
    httpStatus: 409,
  }),
  // Which number.
  NUMBER_NOT_FOUND: row({
    sentence: 'We could not find the number in the account that was shared.',
    remedy: [CONNECT_AGAIN, 'Choose the account that holds the number.'],
    retry: 'after-customer-action',
  }),
  NUMBER_AMBIGUOUS: row({
    sentence: 'Please choose the number you mean.',
    remedy: ['Tell us which of the numbers of this account you mean.'],
    retry: 'after-customer-action',
  }),
  NUMBER_NOT_EXPECTED: row({
    sentence: 'Another number than the invited one was connected.',
    remedy: [CONNECT_AGAIN, 'Choose the number of the invitation.'],
    retry: 'after-customer-action',
  }),
  NUMBER_HELD_ELSEWHERE: row({
    sentence: 'This number cannot be connected here: please contact support.',
    remedy: ['Contact support.'],
    retry: 'never',
  }),
  // Subscription and gate.
  SUBSCRIPTION_REFUSED: row({
    sentence: 'We are repairing the connection.',
    remedy: [CONTACT_SUPPORT],
    retry: 'after-our-fix',
  }),
  NUMBER_NOT_ON_APP: row({
    sentence: 'Only one side is connected: follow the steps on the phone.',
    remedy: [
      'On the phone: Settings > Account > Business Platform > Disconnect, if it is offered.',
      'Wait 15 minutes, then connect again.',
    ],
    retry: 'after-wait',
    waitMinutes: 15,
    source: M1,
  }),
  NUMBER_NOT_ON_CLOUD_API: row({
    sentence: 'Only one side is connected: follow the steps on the phone.',
    remedy: [
      'On the phone: Settings > Account > Business Platform > Disconnect.',
      'Wait 15 minutes, then connect again.',
    ],
    retry: 'after-wait',
    waitMinutes: 15,
    source: M1,
  }),
  CONNECTION_TIMED_OUT: row({
    sentence: 'Meta did not finish in time: check the internet, then try again.',
    remedy: ['Check the internet connection of the phone.', 'Connect again from the date shown.'],
    retry: 'after-wait',
    waitMinutes: 15,
  }),
  REVIEW_TIMED_OUT: row({
    sentence: 'Meta is still reviewing your account.',
    remedy: ['Wait for Meta to finish its review, then connect again.'],
    retry: 'after-wait',
    waitMinutes: 24 * 60,
  }),
  REMOVED_WHILE_CONNECTING: row({
    sentence: 'The link was cut on the phone.',
    remedy: ['Wait 15 minutes, then connect again.'],
    retry: 'after-wait',
    waitMinutes: 15,
  }),
  // Graph, in any call.
  TOKEN_REVOKED: row({
    sentence: 'Our access was withdrawn: please connect again.',
    remedy: [CONNECT_AGAIN],
    retry: 'after-customer-action',
    metaCodes: ['0', '190', '190/458', '190/460', '190/467', '190/492'],
    source: M11,
  }),
  TOKEN_EXPIRED: row({
    sentence: 'Our access has run out: please connect again.',
    remedy: [CONNECT_AGAIN],
    retry: 'after-customer-action',
    metaCodes: ['190/463'],
    source: M11,
  }),
  LOGIN_CHECKPOINT: row({
    sentence: 'Please log in to Facebook and confirm your account.',
    remedy: ['Log in to Facebook and follow its steps.', CONNECT_AGAIN],
    retry: 'after-customer-action',
    metaCodes: ['190/459', '190/464'],
    source: M11,
  }),
  ACCESS_WITHDRAWN: row({
    sentence: 'A permission is missing: please connect again.',
    remedy: [CONNECT_AGAIN, 'Leave every permission ticked.'],
    retry: 'after-customer-action',
    metaCodes: ['10', '200-299', '131005'],
    source: M11,
  }),
  NUMBER_NOT_VISIBLE: row({
    sentence: 'We are checking your connection.',
    remedy: ['Nothing to do: we look a second time.'],
    retry: 'automatic',
    metaCodes: ['100/33', '803'],
    source: M11,
  }),
  NUMBER_DELETED: row({
    sentence: 'This number was deleted at Meta.',
    remedy: ['Connect another number.'],
    retry: 'never',
    metaCodes: ['33'],
    source: M11,
  }),
  APP_NOT_CAPABLE: row({
    sentence: 'A setting on our side is missing; we are on it.',
    remedy: ['Operator: the Meta app lacks a capability; check its review status.'],
    retry: 'after-our-fix',
    httpStatus: 500,
    metaCodes: ['3'],
    source: M11,
  }),
  REQUEST_WRONG: row({
    sentence: 'A fault on our side; we are on it.',
    remedy: ['Operator: Meta refused a request of ours as malformed; see the log for its code and trace id.'],
    retry: 'after-our-fix',
    httpStatus: 500,
    metaCodes: ['100', '104'],
    source: M11,
  }),
  SYNC_ALREADY_REQUESTED: row({
    sentence: 'Your data is on its way.',
    remedy: ['Nothing to do.'],
    retry: 'never',
    metaCodes: ['2593107'],
    source: M1,
  }),
  SYNC_WINDOW_MISSED: row({
    sentence: 'The day for importing has passed: connect again to import.',
    remedy: ['Disconnect in the app, wait 15 minutes, connect again.'],
    retry: 'after-customer-action',
    metaCodes: ['2593108'],
    source: M1,
  }),
  HISTORY_DECLINED: row({
    sentence: 'You chose not to share your history; all else works.',
    remedy: ['Nothing to do. To share it after all: disconnect, wait 15 minutes, connect again.'],
    retry: 'never',
    metaCodes: ['2593109'],
    source: M1,
  }),
  GRAPH_UNAVAILABLE: row({
    sentence: 'Meta has a fault now; we keep trying.',
    remedy: ['Nothing to do.'],
    retry: 'automatic',
    httpStatus: 502,
    metaCodes: ['1', '2', '131000', '131016', '131057', '133004', '2494100', '5xx'],
    source: M11,
  }),
  GRAPH_RATE_LIMITED: row({
    sentence: 'We go on in a moment.',
    remedy: ['Nothing to do.'],
    retry: 'automatic',
    waitMinutes: 60,
    httpStatus: 503,
    metaCodes: ['4', '17', '32', '613', '80007'],
    source: M11,
  }),
  ACCOUNT_LOCKED: row({
    sentence: 'Meta has locked this account: please appeal.',
    remedy: ['Appeal in Meta Business Support.'],
    retry: 'after-customer-action',
    metaCodes: ['368', '131031'],
    source: M11,
  }),
  GRAPH_ERROR_UNKNOWN: row({
    sentence: 'Meta reported an error that we do not know yet.',
    remedy: [CONTACT_SUPPORT],
    retry: 'after-our-fix',
    httpStatus: 502,
    metaCodes: ['any other'],
    source: M11,
  }),
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
  ATTEMPTS_EXHAUSTED: row({
    sentence: 'Too many tries: please contact support.',
    remedy: ['Contact support.'],
    retry: 'after-customer-action',
  }),
  CONNECTION_LOST: row({
    sentence: 'Your number is disconnected: see why and how to return.',
    remedy: [CONNECT_AGAIN],
    retry: 'after-customer-action',
  }),
  RECONNECT_TIMED_OUT: row({
    sentence: 'The number did not return after the change of phone.',
    remedy: [CONNECT_AGAIN],
    retry: 'after-customer-action',
  }),
  COMPENSATION_INCOMPLETE: row({
    sentence: 'We are checking your connection.',
    remedy: ['Operator: finish the undo steps listed with the number.'],
    retry: 'after-our-fix',
    httpStatus: 500,
  }),
  DISCONNECT_NOT_SEEN: row({
    sentence: 'We still see the connection: follow the steps.',
    remedy: ['On the phone: Settings > Account > Business Platform > Disconnect.'],
    retry: 'after-customer-action',
  }),
  CANCELLED_BY_OPERATOR: row({
    sentence: 'This connection was ended by our team: please contact support.',
    remedy: ['Contact support.'],
    retry: 'after-customer-action',
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

export type FailureCode = keyof typeof FAILURES;

/** Answers whether text (a failure type from a history, a database column) is a code of the catalogue. */
export function isFailureCode(text: string): text is FailureCode {
  return Object.hasOwn(FAILURES, text);
}

/** Answers whether repeating the same call by itself can help: the Temporal flag `nonRetryable` is its opposite. */
export function retriesByItself(code: FailureCode): boolean {
  return FAILURES[code].retry === 'automatic';
}
