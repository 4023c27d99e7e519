/** The door to the activities: builds them from their ports. */
import { Context } from '@temporalio/activity';
import type { ReadInfo } from './activity-info.ts';
import { claimActivities } from './claim.ts';
import type { Activities } from './contract.ts';
import { eligibilityActivities } from './eligibility.ts';
import { throughCatalogue } from './failures.ts';
import { gateActivities } from './gate.ts';
import type { ActivityPorts } from './ports.ts';
import { recordActivities } from './record.ts';
import { reminderActivities } from './reminders.ts';
import { signupActivities } from './signup.ts';
import { subscriptionActivities } from './subscription.ts';
import { syncActivities } from './syncs.ts';
import { undoActivities } from './undo.ts';

/** `readInfo` is Temporal's own; tests pass another, for the time and the run are all that an activity takes from it. */
export function createActivities(ports: ActivityPorts, readInfo: ReadInfo = () => Context.current().info): Activities {
  const signup = signupActivities(ports, readInfo);
  const claim = claimActivities(ports, readInfo);
  const gate = gateActivities(ports, readInfo);
  const subscription = subscriptionActivities(ports);
  const syncs = syncActivities(ports, readInfo);
  const reminders = reminderActivities(ports);
  const undo = undoActivities(ports);
  return {
    exchangeCode: throughCatalogue(signup.exchangeCode),
    checkToken: throughCatalogue(signup.checkToken),
    resolveNumber: throughCatalogue(claim.resolveNumber),
    claimNumber: throughCatalogue(claim.claimNumber),
    subscribeApp: throughCatalogue(claim.subscribeApp),
    readGate: throughCatalogue(gate.readGate),
    probeNumber: throughCatalogue(gate.probeNumber),
    checkCredential: throughCatalogue(gate.checkCredential),
    readSubscription: throughCatalogue(subscription.readSubscription),
    repairSubscription: throughCatalogue(subscription.repairSubscription),
    requestSync: throughCatalogue(syncs.requestSync),
    readSyncLedger: throughCatalogue(syncs.readSyncLedger),
    readLastAppActivity: throughCatalogue(reminders.readLastAppActivity),
    sendReminder: throughCatalogue(reminders.sendReminder),
    noteAppOpened: throughCatalogue(reminders.noteAppOpened),
    recheckEligibility: throughCatalogue(eligibilityActivities(ports, readInfo).recheckEligibility),
    recordTransition: throughCatalogue(recordActivities(ports, readInfo).recordTransition),
    unsubscribeIfLast: throughCatalogue(undo.unsubscribeIfLast),
    releaseClaim: throughCatalogue(undo.releaseClaim),
    forgetCredential: throughCatalogue(undo.forgetCredential),
  };
}
