/**
 * The owner's way through Meta's dialog, step by step, with the phone in the hand (U03, U04, U08, U09): what is
 * done, what comes next, and a hint where it takes longer than it should. Source of the steps: Meta, embedded signup (M1, M4)
 * and the guide (G1), checked 2026-11.
 */
import type { DoorPolicy } from './door-policy.ts';
import { MINUTE_MS } from './policy.ts';

/** What a page may write into the journal of a run: what its owner did or saw. */
export const GUIDE_MOMENTS = [
  'window-opened',
  'logged-in',
  'number-entered',
  'qr-shown',
  'code-shown',
  'app-message-shown',
  'connect-pressed',
  'qr-scanned',
  'code-copied',
  'finish-pressed',
] as const;
export type GuideMoment = (typeof GUIDE_MOMENTS)[number];

/** Meta shows either a QR code for the phone or a code to copy into the app; which of them only the owner sees. */
export const GUIDE_VARIANTS = ['qr', 'code'] as const;
export type GuideVariant = (typeof GUIDE_VARIANTS)[number];
const VARIANT_USUAL: GuideVariant = 'code';

export const GUIDE_STEPS = [
  'open-window',
  'log-in',
  'enter-number',
  'open-message',
  'press-connect',
  'scan-qr',
  'copy-code',
  'finish',
] as const;
export type GuideStep = (typeof GUIDE_STEPS)[number];

export const GUIDE_HINTS = [
  'WINDOW_NOT_OPENED',
  'LOGIN_TAKES_LONG',
  'NUMBER_NOT_ENTERED',
  'APP_MESSAGE_MISSING',
  'CONNECT_NOT_PRESSED',
  'QR_NOT_SCANNED',
  'CODE_NOT_COPIED',
  'FINISH_MISSING',
] as const;
export type GuideHint = (typeof GUIDE_HINTS)[number];

interface Row {
  words: string;
  doneBy: readonly GuideMoment[];
  patience:
    | 'guideWindowMinutes'
    | 'guideLoginMinutes'
    | 'guideMessageMinutes'
    | 'guidePhoneMinutes'
    | 'guideFinishMinutes';
  hint: { code: GuideHint; words: readonly string[] };
}

const ROWS: Readonly<Record<GuideStep, Row>> = {
  'open-window': {
    words: 'Open the window of Meta and leave this page open beside it.',
    doneBy: ['window-opened'],
    patience: 'guideWindowMinutes',
    hint: {
      code: 'WINDOW_NOT_OPENED',
      words: ['Allow this page to open windows in your browser.', 'Press the button once more.'],
    },
  },
  'log-in': {
    words: 'Log in with the Facebook account that manages your business.',
    doneBy: ['logged-in'],
    patience: 'guideLoginMinutes',
    hint: {
      code: 'LOGIN_TAKES_LONG',
      words: [
        'Use the account that manages the business, not a private one of somebody else.',
        'If you cannot log in, reset your password at Facebook and open the window again.',
      ],
    },
  },
  'enter-number': {
    words: 'Choose to connect your existing WhatsApp Business app, and enter the number of the app.',
    doneBy: ['number-entered', 'qr-shown', 'code-shown'],
    patience: 'guideLoginMinutes',
    hint: {
      code: 'NUMBER_NOT_ENTERED',
      words: ['Choose the business, then the country and the number as the app on your phone shows it.'],
    },
  },
  'open-message': {
    words: 'Take your phone: in the WhatsApp Business app a message from Facebook Business arrives. Open it.',
    doneBy: ['app-message-shown'],
    patience: 'guideMessageMinutes',
    hint: {
      code: 'APP_MESSAGE_MISSING',
      words: [
        'Update the WhatsApp Business app, then open it and keep it open.',
        'Check that the phone is online and that the number in the window is that of the app.',
        "Ask for the message again in Meta's window.",
      ],
    },
  },
  'press-connect': {
    words: 'Press Connect in that message, then confirm that the app is connected to the Business Platform.',
    doneBy: ['connect-pressed'],
    patience: 'guidePhoneMinutes',
    hint: {
      code: 'CONNECT_NOT_PRESSED',
      words: [
        'Open the chat with Facebook Business in the app and press Connect.',
        'If the button does nothing, update the app, open it again and press once more.',
      ],
    },
  },
  'scan-qr': {
    words: "Scan the QR code of Meta's window with the camera that the app opens.",
    doneBy: ['qr-scanned', 'code-copied'],
    patience: 'guidePhoneMinutes',
    hint: {
      code: 'QR_NOT_SCANNED',
      words: [
        'Make the window larger and the screen brighter, and hold the phone still.',
        'If the window shows a code in place of the QR code, copy it into the app.',
      ],
    },
  },
  'copy-code': {
    words: "Copy the code between Meta's window and the app, as the two ask for it.",
    doneBy: ['code-copied', 'qr-scanned'],
    patience: 'guidePhoneMinutes',
    hint: {
      code: 'CODE_NOT_COPIED',
      words: [
        'Take the code that is shown now: an older one no longer counts.',
        'If the window shows a QR code in place of the code, scan it with the app.',
      ],
    },
  },
  finish: {
    words:
      "Confirm in Meta's window what is shared, and press Finish. Keep the app open until it shows the connection.",
    doneBy: ['finish-pressed'],
    patience: 'guideFinishMinutes',
    hint: {
      code: 'FINISH_MISSING',
      words: [
        "Look for Meta's window behind this one, and follow it to its last page.",
        'If it is gone, open it again from here: nothing is lost.',
      ],
    },
  },
};

export interface Journal {
  openedAtMs: number;
  /** The first time of each moment, in any order. */
  moments: readonly { moment: GuideMoment; atMs: number }[];
  /** Meta has given its code: nothing is left to do in the dialog. */
  hasCode: boolean;
}

export interface Guide {
  variant: GuideVariant;
  steps: readonly { step: GuideStep; words: string; state: 'done' | 'next' | 'later'; doneAtMs: number | null }[];
  /** `sinceMs`: from when on it has been waited for. */
  hint: { code: GuideHint; words: readonly string[]; sinceMs: number } | null;
}

interface Asked {
  /** What the page wants to show, until the owner has scanned or copied. */
  variant: GuideVariant | null;
  nowMs: number;
  policy: DoorPolicy;
}

/**
 * A step is done with its own moment or with one of a later step: nobody scans in a window that is not open. The hint comes
 * when the next step has taken its patience, counted from the latest moment; to the millisecond it is there.
 */
export function guideOf(journal: Journal, { variant: wanted, nowMs, policy }: Asked): Guide {
  const variant = variantOf(journal, wanted);
  const steps = GUIDE_STEPS.filter((step) => step !== (variant === 'qr' ? 'copy-code' : 'scan-qr'));
  const reached = journal.hasCode ? steps.length : lastReached(steps, journal) + 1;
  return {
    variant,
    steps: steps.map((step, index) => ({
      step,
      words: ROWS[step].words,
      state: stateAt(index, reached),
      doneAtMs: momentOf(step, journal),
    })),
    hint: journal.hasCode ? null : hintOf(steps[Math.min(reached, steps.length - 1)], journal, { nowMs, policy }),
  };
}

/** What was done on the phone settles it; then what the page wants, then what the owner saw last. */
function variantOf({ moments }: Journal, wanted: GuideVariant | null): GuideVariant {
  const latestOf = (qr: GuideMoment, code: GuideMoment): GuideVariant | null => {
    const atMs = (moment: GuideMoment): number => moments.find((one) => one.moment === moment)?.atMs ?? -1;
    if (atMs(qr) === atMs(code)) return null;
    return atMs(qr) > atMs(code) ? 'qr' : 'code';
  };
  return latestOf('qr-scanned', 'code-copied') ?? wanted ?? latestOf('qr-shown', 'code-shown') ?? VARIANT_USUAL;
}

/** -1 before the first. */
function lastReached(steps: readonly GuideStep[], journal: Journal): number {
  return steps.findLastIndex((step) => momentOf(step, journal) !== null);
}

function momentOf(step: GuideStep, { moments }: Journal): number | null {
  const times = moments.filter(({ moment }) => ROWS[step].doneBy.includes(moment)).map(({ atMs }) => atMs);
  return times.length === 0 ? null : Math.min(...times);
}

function stateAt(index: number, reached: number): 'done' | 'next' | 'later' {
  if (index < reached) return 'done';
  return index === reached ? 'next' : 'later';
}

/** The last step is waited for until the code is there, also where its owner has pressed. */
function hintOf(
  step: GuideStep | undefined,
  { openedAtMs, moments }: Journal,
  { nowMs, policy }: Pick<Asked, 'nowMs' | 'policy'>,
): Guide['hint'] {
  if (step === undefined) return null;
  const sinceMs = Math.max(openedAtMs, ...moments.map(({ atMs }) => atMs));
  const { patience, hint } = ROWS[step];
  return nowMs < sinceMs + policy[patience] * MINUTE_MS ? null : { ...hint, sinceMs };
}
