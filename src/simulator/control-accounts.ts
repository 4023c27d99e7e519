/** The control plane of accounts and portfolios: look at them, let Meta or the customer act on them. */
import { z } from 'zod';
import { AccountAction, actOnAccount } from './account-actions.ts';
import type { Business, Waba } from './account-state.ts';
import { ensureBusiness, ensureWaba, wabaOf } from './accounts.ts';
import { ControlRefusal } from './control-errors.ts';
import type { ControlDoor } from './control-door.ts';
import type { LocalMeta } from './local-meta.ts';
import { id } from './phones.ts';
import type { SimulatorState } from './state.ts';

const NodePath = z.object({ id });

const NewWaba = z.strictObject({ wabaId: id, businessId: id, name: z.string().min(1).default('Northwind Bakery') });

/** Verification states are Meta's and an open list. Source: Meta, business portfolio reference. */
const Portfolio = z.strictObject({ name: z.string().min(1).optional(), verificationStatus: z.string().optional() });

export function openAccountControls(door: ControlDoor, meta: LocalMeta): void {
  const change = <Result>(apply: (state: SimulatorState) => Result): Result => meta.store.change(apply);
  door.get('/control/accounts', 'all accounts', () => ({ accounts: meta.store.state.wabas }));
  door.get('/control/accounts/:id', 'one account', ({ params }) =>
    change((state) => accountOf(state, NodePath.parse(params).id)),
  );
  door.post(
    { path: '/control/accounts', does: 'make an account that the dialog can grant', body: NewWaba, status: 201 },
    ({ body }) => change((state) => ensureWaba(state, body.wabaId, body)),
  );
  door.post(
    { path: '/control/accounts/:id/act', does: 'Meta or the customer acts on an account', body: AccountAction },
    ({ params, body }) =>
      change((state) => {
        const waba = accountOf(state, NodePath.parse(params).id);
        actOnAccount({ meta, state, waba }, body);
        return waba;
      }),
  );
  door.get('/control/businesses', 'all business portfolios', () => ({ businesses: meta.store.state.businesses }));
  door.post(
    { path: '/control/businesses/:id', does: 'set what a portfolio shows, and make it', body: Portfolio },
    ({ params, body }) => change((state) => setBusiness(state, NodePath.parse(params).id, body)),
  );
}

/** An account exists from the moment that a phone names it as its own. */
function accountOf(state: SimulatorState, wabaId: string): Waba {
  const found = wabaOf(state, wabaId);
  if (found !== null) return found;
  const phone = state.phones.find((row) => row.wabaId === wabaId);
  if (phone === undefined) {
    throw new ControlRefusal(404, `There is no account ${wabaId}. Make it first: POST /control/accounts.`);
  }
  return ensureWaba(state, wabaId, { businessId: phone.businessId, name: phone.verifiedName });
}

function setBusiness(state: SimulatorState, businessId: string, told: z.infer<typeof Portfolio>): Business {
  const business = ensureBusiness(state, businessId, told.name ?? 'Northwind Bakery');
  if (told.name !== undefined) business.name = told.name;
  if (told.verificationStatus !== undefined) business.verificationStatus = told.verificationStatus;
  return business;
}
