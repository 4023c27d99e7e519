/** What can go wrong between Meta's dialog and a live link. Each row names its source. */
import { CONNECT_AGAIN, CONTACT_SUPPORT, M1, M11, OPENS_AGAIN, row, type Failure } from './failure-row.ts';

export const SIGNUP_FAILURES = {
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
    remedy: [
      CONNECT_AGAIN,
      'If Meta says that a platform is still connected: disconnect it in the app, wait 15 minutes, connect again.',
    ],
    retry: 'after-customer-action',
    source: M11,
  }),
  APP_SECRET_WRONG: row({
    sentence: 'A setting on our side is wrong; we are on it.',
    remedy: ['Operator: check META_APP_ID and META_APP_SECRET against the app dashboard.', OPENS_AGAIN],
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
    remedy: ['Operator: the token belongs to another Meta app; check the login configuration.', OPENS_AGAIN],
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
  SIGNUP_WITHOUT_NUMBER: row({
    sentence: 'The dialog ended without your number.',
    remedy: [
      CONNECT_AGAIN,
      'Choose to connect the number of your WhatsApp Business app, and go on to the last screen.',
    ],
    retry: 'after-customer-action',
  }),
  SIGNUP_RESULT_CONTRADICTED: row({
    sentence: 'The account shown does not match: please connect again.',
    remedy: [CONNECT_AGAIN, 'Use one window alone, and choose the account that holds the number.'],
    retry: 'after-customer-action',
  }),
  SIGNUP_ABANDONED: row({
    sentence: 'You stopped at the step shown: go on here.',
    remedy: ['Open your link again: the dialog begins anew and takes 5 to 15 minutes.'],
    retry: 'after-customer-action',
  }),
  SIGNUP_REDIRECT_WRONG: row({
    sentence: 'A setting on our side is wrong; we are on it.',
    remedy: [
      'Operator: the address of the code exchange must be the one with which the dialog was opened.',
      OPENS_AGAIN,
    ],
    retry: 'after-our-fix',
    httpStatus: 500,
    metaCodes: ['100/36008'],
    source: M11,
  }),
  INVITATION_USED: row({
    sentence: 'Please open your link again.',
    remedy: ['Open your link again: this window has already given its result.'],
    retry: 'after-customer-action',
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
    sentence: 'We could not connect: the messages of this account do not reach us.',
    remedy: [
      CONTACT_SUPPORT,
      "Operator: see the log for Meta's answers, and whether the account sends its webhooks to another address.",
      OPENS_AGAIN,
    ],
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
  DEVICE_CHANGED_WHILE_CONNECTING: row({
    sentence: 'The link was cut on the phone.',
    remedy: ['Open the app on the new phone.', 'Wait 15 minutes, then connect again.'],
    retry: 'after-wait',
    waitMinutes: 15,
  }),
  ACCOUNT_BANNED: row({
    sentence: 'Meta has closed this account.',
    remedy: ['Appeal in Meta Business Support, then connect again.'],
    retry: 'after-customer-action',
  }),
  ACCOUNT_DELETED: row({
    sentence: 'Meta has closed this account.',
    remedy: ['Start a new onboarding with another account.'],
    retry: 'never',
  }),
  REMOVED_WHILE_CONNECTING: row({
    sentence: 'The link was cut on the phone.',
    remedy: ['Wait 15 minutes, then connect again.'],
    retry: 'after-wait',
    waitMinutes: 15,
  }),
} as const satisfies Record<string, Failure>;
