/**
 * Every duration and limit of the lifecycle, as data with its unit and its source. A number
 * carries those of its start; no call sets one.
 */

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

export interface PolicyRow<Value> {
  value: Value;
  meaning: string;
  source: string;
}

/** One row of a table of policies. */
export function row<Value>(value: Value, meaning: string, source: string): PolicyRow<Value> {
  return { value, meaning, source };
}

export const OURS = 'ours, 2026-11';
const META_ONBOARDING = 'Meta, onboarding app users (M1), checked 2026-11';
const META_SIGNUP = 'Meta, embedded signup (M4), checked 2026-11';
const META_FLOW_ERRORS = 'Meta, flow errors (M5), checked 2026-11';
const META_ACCOUNT_UPDATE = 'Meta, account_update (M2), checked 2026-11';
const META_WEBHOOKS = 'Meta, webhooks overview (M9), checked 2026-11';
const GUIDE = 'the guide (G1), set-up step 5, checked 2026-11';
const PARTNERS = 'partner help pages (P1), checked 2026-11';

/** The unit stands at the end of each name; rows without a unit are counts. */
export const POLICY = {
  inviteDays: row(7, 'how long an invitation is valid', OURS),
  dialogStateMinutes: row(60, 'life of the one-time state of a dialog run (a signup takes 5 to 15 minutes)', OURS),
  abandonHours: row(20, 'how long after an abandoned dialog its owner is nudged, once', OURS),
  dialogRunsMax: row(10, 'runs of the dialog that a number may open within dialogRunMinutes', OURS),
  tenantDialogRunsMax: row(300, 'runs of the dialog that a tenant may open within dialogRunMinutes', OURS),
  dialogRunMinutes: row(60, 'window in which runs of the dialog are counted', OURS),
  modeDriftsMax: row(3, 'wrong dialogs within modeDriftMinutes that raise an alert', OURS),
  modeDriftMinutes: row(60, 'window in which wrong dialogs are counted', OURS),
  codeLifeSeconds: row(30, "life of Meta's signup code", META_SIGNUP),
  codeRetrySeconds: row(25, 'how old a code may be when it is exchanged once more after a lost answer', OURS),
  joinSeconds: row(60, 'how long a signup result without its code is waited for', OURS),
  softDeadlineSeconds: row(45, 'how long the gate is asked before it counts as late', GUIDE),
  extendedMinutes: row(10, 'patience after the soft deadline, before it is a failure', META_ONBOARDING),
  reviewHours: row(72, 'patience while Meta reviews', OURS),
  resumeHours: row(24, 'patience with passing faults of Meta inside a step', OURS),
  choiceHours: row(24, 'how long a person may take to choose an account or a number', OURS),
  platformWaitMinutes: row(15, 'wait after a disconnect before a new signup', META_FLOW_ERRORS),
  attemptFailuresMax: row(3, 'failures in a row before attempts cool by our own rule', OURS),
  attemptCoolMinutes: row(5, 'first cooling by our own rule, doubling', OURS),
  attemptCoolMaxMinutes: row(60, 'longest cooling by our own rule', OURS),
  attemptsMax: row(10, 'attempts in one cycle', OURS),
  syncWindowHours: row(24, 'window for the once-only sync requests', META_ONBOARDING),
  syncMarginMinutes: row(30, 'distance kept to the end of that window', OURS),
  contactsQuietMinutes: row(5, 'quiet after which contacts count as complete', OURS),
  contactsSilenceMinutes: row(30, 'silence after which contacts are assumed empty', OURS),
  historyQuietMinutes: row(5, 'quiet after progress 100 for history to be complete', OURS),
  historyStallMinutes: row(30, 'silence after which history is stalled', OURS),
  historyHardHours: row(24, 'when a stalled or unknown sync is final', OURS),
  syncAskAgainMax: row(1, 'further sync requests after an unknown outcome', OURS),
  syncAlertHours: row(
    [1, 12, 20] as readonly number[],
    'hours of the window at which an import still due is told of',
    OURS,
  ),
  contentDays: row(30, 'how long imported content is kept for its tenant', OURS),
  historyDays: row(180, "how far back Meta's history reaches", META_ONBOARDING),
  mediaDays: row(14, 'how old a message may be for its media to come along', META_ONBOARDING),
  reminderDays: row(
    [7, 10, 12, 13] as readonly number[],
    'days without evidence at which the owner is reminded',
    PARTNERS,
  ),
  appLimitDays: row(14, 'days without the app after which Meta cuts the link', META_ACCOUNT_UPDATE),
  evidenceDebounceHours: row(6, 'how far the stored last activity may lag behind the truth', OURS),
  overdueReminders: row(3, 'further reminders once overdue, one a day', OURS),
  trafficHours: row(24, 'hours without an echo or a message after connecting at which our subscription is read', OURS),
  repairsMax: row(3, "repairs of our app's subscription in a day", OURS),
  pauseHours: row(72, 'how long a return is waited for after a device change', OURS),
  leaveDays: row(14, 'how long a guided disconnect waits for the phone', OURS),
  undoHours: row(72, 'how long a credential is held after a link ended', OURS),
  retireDays: row(365, 'how long a disconnected number is kept', OURS),
  settleMinutes: row(10, 'after connecting, bad reads do not count', OURS),
  boundaryMinutes: row(2, "how far Meta's event times are trusted against each other", META_WEBHOOKS),
  metaRetryDays: row(7, 'how long Meta repeats a webhook', META_WEBHOOKS),
  probeConfirmMinutes: row(5, 'distance of the two looks that must agree', OURS),
  gateAgainSeconds: row(30, 'distance of gate reads after the soft deadline', OURS),
  unroutedDays: row(30, 'how long facts wait for a number that claims them', OURS),
  runEventsMax: row(200, 'history events of a run after which it continues as new', OURS),
  answersMax: row(16, 'answers remembered against repeats of a command', OURS),
  factIdsMax: row(256, 'fact ids remembered against repeats', OURS),
} as const;

export type PolicyName = keyof typeof POLICY;
/** The values alone: what a workflow gets in its input, so that nothing in it is a constant. */
export type Policy = { readonly [Name in PolicyName]: (typeof POLICY)[Name]['value'] };

/** The policy of today; `overrides` is what a number carries of its own, as one of an earlier day does. */
export function standardPolicy(overrides: Partial<Policy> = {}): Policy {
  const values = Object.fromEntries(Object.entries(POLICY).map(([name, { value }]) => [name, value]));
  return { ...(values as Policy), ...overrides };
}
