/** The new look at the rules on the date that an onboarding waits for (AT06). */
import { scheduledAtMs, type ReadInfo } from './activity-info.ts';
import type { Activities } from './contract.ts';
import type { ActivityPorts } from './ports.ts';

export function eligibilityActivities(
  { eligibility, quota }: Pick<ActivityPorts, 'eligibility' | 'quota'>,
  readInfo: ReadInfo,
): Pick<Activities, 'recheckEligibility'> {
  return {
    /**
     * Ours alone: no call to Meta. A repeat stores one verdict more, takes no second slot, and answers the same for the same
     * answers.
     */
    recheckEligibility: async ({ numberId, tenantId }) => {
      const nowMs = scheduledAtMs(readInfo);
      const { verdict, comeBackAtMs } = await eligibility.recheckNumber(numberId, nowMs);
      if (verdict === 'no') return { verdict, comeBackAtMs, slotPromisedAtMs: null };
      const reserved = await quota.reserve({ tenantId, numberId, nowMs });
      return { verdict, comeBackAtMs, slotPromisedAtMs: reserved.kind === 'granted' ? null : reserved.promisedAtMs };
    },
  };
}
