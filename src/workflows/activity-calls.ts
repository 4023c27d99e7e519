/** The only place that calls `proxyActivities`: every profile spells its timeouts and retries. Nothing else repeats a call to Meta. */
import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/contract.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type Policy } from '../domain/policy.ts';

/** One attempt of a call to Meta; the client's own limit is 8 s, so an answer that comes is heard. */
const GRAPH_ATTEMPT_MS = 10 * SECOND_MS;
/** One attempt at Postgres; its statement limit is 4 s. */
const STORE_ATTEMPT_MS = 5 * SECOND_MS;

const BACK_OFF = { initialInterval: SECOND_MS, backoffCoefficient: 2, maximumInterval: MINUTE_MS };

/** A step's own retries end here; a fault that lasts longer is a wait of the attempt, which people see and may shorten. */
const STEP_RETRIES_MS = 2 * MINUTE_MS;

/** A step of connecting: patient with Meta's passing faults, never with its no. */
function graphStep() {
  return proxyActivities<Activities>({
    startToCloseTimeout: GRAPH_ATTEMPT_MS,
    scheduleToCloseTimeout: STEP_RETRIES_MS,
    retry: BACK_OFF,
  });
}

/** The code lives 30 s: one quick attempt more, or none. */
function exchange(policy: Policy) {
  return proxyActivities<Activities>({
    startToCloseTimeout: 8 * SECOND_MS,
    scheduleToCloseTimeout: policy.codeLifeSeconds * SECOND_MS,
    retry: { initialInterval: 500, backoffCoefficient: 2, maximumInterval: 4 * SECOND_MS },
  });
}

/** Asks the gate again and again until the soft deadline: its end is an outcome, not an error. */
function gate(policy: Policy) {
  return proxyActivities<Activities>({
    startToCloseTimeout: GRAPH_ATTEMPT_MS,
    scheduleToCloseTimeout: policy.softDeadlineSeconds * SECOND_MS,
    retry: { initialInterval: 2 * SECOND_MS, backoffCoefficient: 1.5, maximumInterval: 10 * SECOND_MS },
  });
}

/** One look, classed; the domain decides when to look again. */
function look() {
  return proxyActivities<Activities>({
    startToCloseTimeout: GRAPH_ATTEMPT_MS + 2 * SECOND_MS,
    scheduleToCloseTimeout: MINUTE_MS,
    retry: { initialInterval: 5 * SECOND_MS, maximumAttempts: 2 },
  });
}

/** A once-only request: a repeat after a crash finds the stored intent and sends nothing. */
function onceOnly() {
  return proxyActivities<Activities>({
    startToCloseTimeout: GRAPH_ATTEMPT_MS + 2 * SECOND_MS,
    scheduleToCloseTimeout: HOUR_MS,
    retry: BACK_OFF,
  });
}

/** Undo is bounded; what it could not do is recorded as incomplete. */
function undo() {
  return proxyActivities<Activities>({
    startToCloseTimeout: GRAPH_ATTEMPT_MS,
    scheduleToCloseTimeout: DAY_MS,
    retry: BACK_OFF,
  });
}

function store() {
  return proxyActivities<Activities>({
    startToCloseTimeout: STORE_ATTEMPT_MS,
    scheduleToCloseTimeout: 30 * DAY_MS,
    retry: BACK_OFF,
  });
}

/** A look at the rules: soon over, so that the loop hears what has arrived; the domain decides when to look again. */
function rules() {
  return proxyActivities<Activities>({
    startToCloseTimeout: STORE_ATTEMPT_MS,
    scheduleToCloseTimeout: MINUTE_MS,
    retry: BACK_OFF,
  });
}

/** Without a schedule-to-close: our own store down is never an outcome, it is waited out. */
function recording() {
  return proxyActivities<Activities>({ startToCloseTimeout: STORE_ATTEMPT_MS, retry: BACK_OFF });
}

/** Every activity under the profile of its kind. */
export function activityCalls(policy: Policy) {
  const steps = graphStep();
  const undoing = undo();
  const stored = store();
  return {
    exchangeCode: exchange(policy).exchangeCode,
    checkToken: steps.checkToken,
    resolveNumber: steps.resolveNumber,
    claimNumber: stored.claimNumber,
    subscribeApp: steps.subscribeApp,
    readGate: gate(policy).readGate,
    probeNumber: look().probeNumber,
    checkCredential: look().checkCredential,
    readSubscription: look().readSubscription,
    repairSubscription: look().repairSubscription,
    requestSync: onceOnly().requestSync,
    readSyncLedger: stored.readSyncLedger,
    readLastAppActivity: stored.readLastAppActivity,
    sendReminder: stored.sendReminder,
    noteAppOpened: stored.noteAppOpened,
    recheckEligibility: rules().recheckEligibility,
    recordTransition: recording().recordTransition,
    unsubscribeIfLast: undoing.unsubscribeIfLast,
    releaseClaim: undoing.releaseClaim,
    forgetCredential: undoing.forgetCredential,
  };
}

export type ActivityCalls = ReturnType<typeof activityCalls>;
