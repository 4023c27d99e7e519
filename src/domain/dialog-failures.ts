/**
 * What Meta's dialog tells its user while it is open, by Meta's own codes (M5, checked 2026-11). A code of the
 * dialog is none of the Graph API: the two are read apart.
 */
import { CONTACT_SUPPORT, M5, OPENS_AGAIN, row, type Failure } from './failure-row.ts';

const DISCONNECT = 'On the phone: Settings > Account > Business Platform > Disconnect.';
const WAIT_15 = 'Wait 15 minutes: then the invitation opens again by itself.';
const DAY_MINUTES = 24 * 60;

export const DIALOG_FAILURES = {
  NUMBER_IN_OTHER_BUSINESS: row({
    sentence: 'This number belongs to another business: choose that one or remove it there.',
    remedy: [
      'In the dialog, choose the business that holds the number.',
      'Or ask that business to remove the number from its WhatsApp accounts.',
      'Then connect again.',
    ],
    retry: 'after-customer-action',
    metaCodes: ['3441041'],
    source: M5,
  }),
  NUMBER_NOT_ACTIVE_ENOUGH: row({
    sentence: 'Meta wants to see more use of the app first; we look again later.',
    remedy: [
      'Keep chatting with real customers in the WhatsApp Business app.',
      'On the date shown we look at the rules again, and the invitation opens if they allow it.',
    ],
    retry: 'after-wait',
    waitMinutes: 7 * DAY_MINUTES,
    isLookedAtAgain: true,
    metaCodes: ['3441045'],
    source: M5,
  }),
  NUMBER_NOT_ON_BUSINESS_APP: row({
    sentence: 'Please register the number in the WhatsApp Business app first.',
    remedy: [
      'Install the WhatsApp Business app: the ordinary WhatsApp app is not enough.',
      'Register the number in it.',
      'Then connect again.',
    ],
    retry: 'after-customer-action',
    metaCodes: ['2655095', '2655048'],
    source: M5,
  }),
  REGION_NOT_SUPPORTED: row({
    sentence: 'Meta does not offer this for numbers from your country.',
    remedy: [
      'Use a number from another country, with a new invitation.',
      'Operator: compare the refusal with our table of regions.',
    ],
    retry: 'never',
    metaCodes: ['3441042'],
    source: M5,
  }),
  PLATFORM_STILL_SHARED: row({
    sentence: 'Another provider has this account: disconnect it.',
    remedy: [DISCONNECT, 'Tell that provider that you leave, if it asks for it.', WAIT_15],
    retry: 'after-wait',
    waitMinutes: 15,
    metaCodes: ['2655093', '2655049', '2494028', '2494119'],
    source: M5,
  }),
  PLATFORM_STILL_CONNECTED: row({
    sentence: 'Disconnect in the app; 15 minutes later we start again.',
    remedy: [DISCONNECT, WAIT_15],
    retry: 'after-wait',
    waitMinutes: 15,
    metaCodes: ['3441049', '2655094'],
    source: M5,
  }),
  NUMBER_LINKED_TO_PAGE: row({
    sentence: 'Unlink the number from its Facebook Page, or use another number.',
    remedy: [
      'On Facebook, open the settings of the Page and remove the WhatsApp number there.',
      'Then connect again, or use another number.',
    ],
    retry: 'after-customer-action',
    metaCodes: ['2655082'],
    source: M5,
  }),
  SIGNUP_MODE_DRIFTED: row({
    sentence: 'Meta showed the wrong dialog; we stopped in time and look into it.',
    remedy: [
      'Open your link again later: nothing was changed at your number.',
      'Operator: check that the login configuration still offers the WhatsApp Business app.',
      'Operator: when it is mended, complete the task op-mode-drift: the invitation opens again.',
    ],
    retry: 'after-our-fix',
    metaCodes: ['3441030'],
    source: M5,
  }),
  MARKETING_PRODUCT_ENROLLED: row({
    sentence: "This account uses Meta's marketing messages: choose another account.",
    remedy: ["Connect again and choose an account without Meta's marketing messages, or create one in the dialog."],
    retry: 'after-customer-action',
    metaCodes: ['3441047'],
    source: M5,
  }),
  APP_TOO_OLD: row({
    sentence: 'Please update the WhatsApp Business app, then try again.',
    remedy: [
      'Update the WhatsApp Business app in the app store of your phone, to version 2.24.17 or newer.',
      'Then connect again: no wait is needed.',
    ],
    retry: 'after-customer-action',
    metaCodes: ['4563015'],
    source: M5,
  }),
  ACCOUNT_NOT_SHAREABLE: row({
    sentence: 'This WhatsApp account cannot be shared or you lack access to it.',
    remedy: [
      'Ask an administrator of the business at Meta for full access to the WhatsApp account, or let the administrator connect.',
      'Or choose another account.',
    ],
    retry: 'after-customer-action',
    metaCodes: ['2494029', '2494120', '2593072'],
    source: M5,
  }),
  PARTNER_NOT_VERIFIED: row({
    sentence: 'Our own registration with Meta is not complete yet.',
    remedy: [
      'Open your link again later: there is nothing else for you to do.',
      'Operator: finish the business verification and the access review of our Meta app.',
      OPENS_AGAIN,
    ],
    retry: 'after-our-fix',
    metaCodes: ['2494091'],
    source: M5,
  }),
  VERIFICATION_UNFINISHED: row({
    sentence: 'Meta must finish verifying your business first.',
    remedy: [
      'Open Security Centre in Meta Business settings and finish the verification of your business.',
      'When Meta has confirmed it, connect again.',
    ],
    retry: 'after-customer-action',
    metaCodes: ['2494030'],
    source: M5,
  }),
  VERIFICATION_HELD_ELSEWHERE: row({
    sentence: 'Another provider has begun your verification: finish it there.',
    remedy: [
      'Finish the verification with the provider that began it, or ask that provider to withdraw it.',
      'Then connect again.',
    ],
    retry: 'after-customer-action',
    metaCodes: ['2494143'],
    source: M5,
  }),
  ACCOUNT_LIMIT_REACHED: row({
    sentence: 'You have as many accounts or businesses as Meta allows now.',
    remedy: [
      'In the dialog, choose an existing business and account instead of creating one.',
      'Or remove one that you no longer use, or verify your business to be allowed more.',
    ],
    retry: 'after-customer-action',
    metaCodes: ['2388098', '2494067', '1752089', '1690114'],
    source: M5,
  }),
  NAME_REFUSED: row({
    sentence: 'Meta does not accept this name: please change it.',
    remedy: ['Connect again and enter a shorter name that fits your business, without special signs.'],
    retry: 'after-customer-action',
    metaCodes: ['1690062', '1690089', '1690090', '1690091', '2593010'],
    source: M5,
  }),
  NAME_LOCKED: row({
    sentence: 'A verified name cannot be edited here.',
    remedy: [
      'Connect again and leave the name as it is.',
      'Change it afterwards in WhatsApp Manager, if it must be another.',
    ],
    retry: 'after-customer-action',
    metaCodes: ['2388009', '2388010'],
    source: M5,
  }),
  PROFILE_LINK_REFUSED: row({
    sentence: 'Meta does not accept this web address.',
    remedy: [
      'Connect again and enter the full address of your website, beginning with https.',
      'Or leave the address empty.',
    ],
    retry: 'after-customer-action',
    metaCodes: ['3771014'],
    source: M5,
  }),
  OTP_LIMITED: row({
    sentence: 'Too many codes were asked for: please try again later.',
    remedy: ['Ask for no further code until the time shown: each one makes the wait longer.', 'Then connect again.'],
    retry: 'after-wait',
    waitMinutes: DAY_MINUTES / 2,
    metaCodes: ['2593037', '2593039', '2494158'],
    source: M5,
  }),
  OTP_FAILED: row({
    sentence: 'The code could not be sent or checked: try again shortly.',
    remedy: [
      'Check that the phone has reception and the app is open.',
      'Connect again from the time shown and enter the newest code.',
    ],
    retry: 'after-wait',
    waitMinutes: 5,
    metaCodes: ['2388091', '2388093'],
    source: M5,
  }),
  NUMBER_INVALID: row({
    sentence: 'Meta does not recognise the number: check it and try again.',
    remedy: ['Check the country and every digit of the number.', 'Connect again from the time shown.'],
    retry: 'after-wait',
    waitMinutes: 5,
    metaCodes: ['3441051'],
    source: M5,
  }),
  NUMBER_NOT_ADDABLE: row({
    sentence: 'The number cannot be added: it may still be in use elsewhere.',
    remedy: [
      'If another provider has the number: disconnect it there.',
      'Connect again from the time shown: Meta needs some minutes to free a number.',
    ],
    retry: 'after-wait',
    waitMinutes: 3,
    metaCodes: ['2655011', '2388002'],
    source: M5,
  }),
  SIGNUP_RATE_LIMITED: row({
    sentence: 'Meta asks for a pause: please try again in an hour.',
    remedy: ['Do not try again before the time shown.', 'Then connect again.'],
    retry: 'after-wait',
    waitMinutes: 60,
    metaCodes: ['3441033', '3441046', '1390006', '1390008', '1675004'],
    source: M5,
  }),
  ACCOUNT_RESTRICTED: row({
    sentence: 'Meta has restricted this account: please appeal.',
    remedy: [
      'Open Business Support at Meta, look at the restriction and ask for a review.',
      'When it is lifted, connect again.',
    ],
    retry: 'after-customer-action',
    metaCodes: ['2655089', '3441040', '2388107', '2859015', '1784028', '1404163'],
    source: M5,
  }),
  SIGNUP_UNAVAILABLE: row({
    sentence: 'Meta has a fault at the moment: please try again shortly.',
    remedy: ['Wait until the time shown, then connect again: the fault is not yours.'],
    retry: 'after-wait',
    waitMinutes: 5,
    waitMaxMinutes: 60,
    metaCodes: [
      '1675030',
      '1675012',
      '2593030',
      '1357053',
      '1752224',
      '1752206',
      '3441003',
      '2593035',
      '4056009',
      '1690061',
      '1349246',
    ],
    source: M5,
  }),
  LOGIN_SECURITY_NEEDED: row({
    sentence: 'Facebook wants an extra security step: please do it.',
    remedy: [
      'Log in at facebook.com and do the step that it asks for, such as two-factor authentication.',
      'Then connect again.',
    ],
    retry: 'after-customer-action',
    metaCodes: ['2859009', '4612001', '2859043', '2136001', '2655091'],
    source: M5,
  }),
  SIGNUP_ERROR_UNKNOWN: row({
    sentence: 'Meta reported an error that we do not know yet.',
    remedy: [
      "Read what Meta's dialog said, and follow it where you can.",
      'Connect again from the time shown.',
      CONTACT_SUPPORT,
    ],
    retry: 'after-wait',
    waitMinutes: 15,
    metaCodes: ['any other code of the dialog'],
    isHint: true,
    source: M5,
  }),
} as const satisfies Record<string, Failure>;
