/** Finds and makes business portfolios and WABAs: each exists as soon as a phone or a dialog names it. */
import type { Business, Waba } from './account-state.ts';
import type { SimulatorState } from './state.ts';

export function wabaOf(state: SimulatorState, wabaId: string): Waba | null {
  return state.wabas.find((row) => row.wabaId === wabaId) ?? null;
}

export function businessOf(state: SimulatorState, businessId: string): Business | null {
  return state.businesses.find((row) => row.businessId === businessId) ?? null;
}

export function isSubscribed(state: SimulatorState, wabaId: string): boolean {
  return wabaOf(state, wabaId)?.isSubscribed === true;
}

export interface Owned {
  readonly businessId: string;
  readonly name: string;
}

/** An account that is there keeps its owner, whoever names it. */
export function ensureWaba(state: SimulatorState, wabaId: string, { businessId, name }: Owned): Waba {
  ensureBusiness(state, businessId, name);
  const found = wabaOf(state, wabaId);
  if (found !== null) return found;
  const made: Waba = {
    wabaId,
    businessId,
    name,
    timezoneId: '1',
    currency: 'USD',
    country: 'US',
    reviewStatus: 'APPROVED',
    banState: null,
    restrictions: [],
    limit: 'TIER_250',
    health: {},
    isDeleted: false,
    isSubscribed: false,
    overrideUrl: null,
  };
  state.wabas.push(made);
  return made;
}

export function ensureBusiness(state: SimulatorState, businessId: string, name: string): Business {
  const found = businessOf(state, businessId);
  if (found !== null) return found;
  const made: Business = { businessId, name, verificationStatus: 'not_verified' };
  state.businesses.push(made);
  return made;
}
