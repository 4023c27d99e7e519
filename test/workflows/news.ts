/** What Meta may tell of the one number of these stories. */
import type { Fact } from '../../src/domain/facts.ts';
import { WABA } from './fake-activities.ts';

export const partnerAddedAgain: Fact = { kind: 'partnerAdded', wabaId: WABA };
export const offboarded: Fact = { kind: 'accountOffboarded', wabaId: WABA, isOnlyNumber: true };
export const reconnected: Fact = { kind: 'accountReconnected', wabaId: WABA, isOnlyNumber: true };
export const yielded: Fact = { kind: 'claimYielded' };
export const removed: Fact = {
  kind: 'partnerRemoved',
  wabaId: WABA,
  isOnlyNumber: true,
  reason: 'PRIMARY_INACTIVITY',
  initiatedBy: 'SYSTEM',
};
