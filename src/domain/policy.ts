/**
 * Every duration and limit of the lifecycle, as data with its unit, its source and who may override it (lifecycle.md
 * section 7).
 */

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** Who may override a row; `nobody`: it is Meta's, or it is a matter of security. */
export type Overrider = 'tenant' | 'operator' | 'nobody';

export interface PolicyRow<Value> {
  value: Value;
  meaning: string;
  source: string;
  overrider: Overrider;
}

/** One row of a table of policies. */
export function row<Value>(
  value: Value,
  meaning: string,
  whence: Pick<PolicyRow<Value>, 'source' | 'overrider'>,
): PolicyRow<Value> {
  return { value, meaning, ...whence };
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
  inviteDays: row(7, 'how long an invitation is valid', { source: OURS, overrider: 'tenant' }),
  dialogStateMinutes: row(60, 'life of the one-time state of a dialog run (a signup takes 5 to 15 minutes)', {
    source: OURS,
    overrider: 'nobody',
  }),
  abandonHours: row(20, 'how long after an abandoned dialog its owner is nudged, once', {
    source: OURS,
    overrider: 'tenant',
  }),
  dialogRunsMax: row(10, 'runs of the dialog that a number may open within dialogRunMinutes', {
    source: OURS,
    overrider: 'operator',
  }),
  tenantDialogRunsMax: row(300, 'runs of the dialog that a tenant may open within dialogRunMinutes', {
    source: OURS,
    overrider: 'operator',
  }),
  dialogRunMinutes: row(60, 'window in which runs of the dialog are counted', { source: OURS, overrider: 'operator' }),
  modeDriftsMax: row(3, 'wrong dialogs within modeDriftMinutes that raise an alert', {
    source: OURS,
    overrider: 'operator',
  }),
  modeDriftMinutes: row(60, 'window in which wrong dialogs are counted', { source: OURS, overrider: 'operator' }),
  codeLifeSeconds: row(30, "life of Meta's signup code", { source: META_SIGNUP, overrider: 'nobody' }),
  codeRetrySeconds: row(25, 'how old a code may be when it is exchanged once more after a lost answer', {
    source: OURS,
    overrider: 'nobody',
  }),
  joinSeconds: row(60, 'how long a signup result without its code is waited for', {
    source: OURS,
    overrider: 'operator',
  }),
  softDeadlineSeconds: row(45, 'how long the gate is asked before it counts as late', {
    source: GUIDE,
    overrider: 'operator',
  }),
  extendedMinutes: row(10, 'patience after the soft deadline, before it is a failure', {
    source: META_ONBOARDING,
    overrider: 'operator',
  }),
  reviewHours: row(72, 'patience while Meta reviews', { source: OURS, overrider: 'operator' }),
  resumeHours: row(24, 'patience with passing faults of Meta inside a step', { source: OURS, overrider: 'operator' }),
  choiceHours: row(24, 'how long a person may take to choose an account or a number', {
    source: OURS,
    overrider: 'operator',
  }),
  platformWaitMinutes: row(15, 'wait after a disconnect before a new signup', {
    source: META_FLOW_ERRORS,
    overrider: 'nobody',
  }),
  attemptFailuresMax: row(3, 'failures in a row before attempts cool by our own rule', {
    source: OURS,
    overrider: 'operator',
  }),
  attemptCoolMinutes: row(5, 'first cooling by our own rule, doubling', { source: OURS, overrider: 'operator' }),
  attemptCoolMaxMinutes: row(60, 'longest cooling by our own rule', { source: OURS, overrider: 'operator' }),
  attemptsMax: row(10, 'attempts in one cycle', { source: OURS, overrider: 'operator' }),
  syncWindowHours: row(24, 'window for the once-only sync requests', { source: META_ONBOARDING, overrider: 'nobody' }),
  syncMarginMinutes: row(30, 'distance kept to the end of that window', { source: OURS, overrider: 'operator' }),
  contactsQuietMinutes: row(5, 'quiet after which contacts count as complete', { source: OURS, overrider: 'operator' }),
  contactsSilenceMinutes: row(30, 'silence after which contacts are assumed empty', {
    source: OURS,
    overrider: 'operator',
  }),
  historyQuietMinutes: row(5, 'quiet after progress 100 for history to be complete', {
    source: OURS,
    overrider: 'operator',
  }),
  historyStallMinutes: row(30, 'silence after which history is stalled', { source: OURS, overrider: 'operator' }),
  historyHardHours: row(24, 'when a stalled or unknown sync is final', { source: OURS, overrider: 'operator' }),
  syncAskAgainMax: row(1, 'further sync requests after an unknown outcome', { source: OURS, overrider: 'operator' }),
  syncAlertHours: row([1, 12, 20] as readonly number[], 'hours of the window at which an import still due is told of', {
    source: OURS,
    overrider: 'tenant',
  }),
  contentDays: row(30, 'how long imported content is kept for its tenant, who may shorten it', {
    source: OURS,
    overrider: 'tenant',
  }),
  historyDays: row(180, "how far back Meta's history reaches", { source: META_ONBOARDING, overrider: 'nobody' }),
  mediaDays: row(14, 'how old a message may be for its media to come along', {
    source: META_ONBOARDING,
    overrider: 'nobody',
  }),
  reminderDays: row([7, 10, 12, 13] as readonly number[], 'days without evidence at which the owner is reminded', {
    source: PARTNERS,
    overrider: 'tenant',
  }),
  appLimitDays: row(14, 'days without the app after which Meta cuts the link', {
    source: META_ACCOUNT_UPDATE,
    overrider: 'operator',
  }),
  evidenceDebounceHours: row(6, 'how far the stored last activity may lag behind the truth', {
    source: OURS,
    overrider: 'operator',
  }),
  overdueReminders: row(3, 'further reminders once overdue, one a day', { source: OURS, overrider: 'tenant' }),
  trafficHours: row(24, 'hours without an echo or a message after connecting at which our subscription is read', {
    source: OURS,
    overrider: 'tenant',
  }),
  repairsMax: row(3, "repairs of our app's subscription in a day", { source: OURS, overrider: 'operator' }),
  pauseHours: row(72, 'how long a return is waited for after a device change', { source: OURS, overrider: 'tenant' }),
  leaveDays: row(14, 'how long a guided disconnect waits for the phone', { source: OURS, overrider: 'operator' }),
  undoHours: row(72, 'how long a credential is held after a link ended', { source: OURS, overrider: 'tenant' }),
  retireDays: row(365, 'how long a disconnected number is kept', { source: OURS, overrider: 'tenant' }),
  settleMinutes: row(10, 'after connecting, bad reads do not count', { source: OURS, overrider: 'operator' }),
  boundaryMinutes: row(2, "how far Meta's event times are trusted against each other", {
    source: META_WEBHOOKS,
    overrider: 'nobody',
  }),
  metaRetryDays: row(7, 'how long Meta repeats a webhook', { source: META_WEBHOOKS, overrider: 'nobody' }),
  probeConfirmMinutes: row(5, 'distance of the two looks that must agree', { source: OURS, overrider: 'operator' }),
  gateAgainSeconds: row(30, 'distance of gate reads after the soft deadline', { source: OURS, overrider: 'operator' }),
  unroutedDays: row(30, 'how long facts wait for a number that claims them', { source: OURS, overrider: 'operator' }),
  runEventsMax: row(200, 'history events of a run after which it continues as new', {
    source: OURS,
    overrider: 'operator',
  }),
  answersMax: row(16, 'answers remembered against repeats of a command', { source: OURS, overrider: 'nobody' }),
  factIdsMax: row(256, 'fact ids remembered against repeats', { source: OURS, overrider: 'nobody' }),
} as const;

export type PolicyName = keyof typeof POLICY;
/** The values alone: what a workflow gets in its input, so that nothing in it is a constant. */
export type Policy = { readonly [Name in PolicyName]: (typeof POLICY)[Name]['value'] };

/** The policy in force where nobody has overridden anything. */
export function standardPolicy(overrides: Partial<Policy> = {}): Policy {
  const values = Object.fromEntries(Object.entries(POLICY).map(([name, { value }]) => [name, value]));
  return { ...(values as Policy), ...overrides };
}
