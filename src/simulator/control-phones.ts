/** The control plane of phones and dialogs: make a phone, send its owner through the dialog, let somebody act. */
import { z } from 'zod';
import type { ControlDoor } from './control-door.ts';
import { ControlRefusal, phoneOf, refuseUnlessConnected } from './control-errors.ts';
import { DialogRun } from './dialog-run.ts';
import { runDialog } from './dialogs.ts';
import { nowMsOf } from './local-meta.ts';
import type { LocalMeta } from './local-meta.ts';
import { act, PhoneAction } from './phone-actions.ts';
import { NewPhone, phoneFrom, phoneViewOf } from './phones.ts';
import { sentBefore } from './webhook-sender.ts';

const PhonePath = z.object({ digits: z.string() });

/** Actions that end or move a connection, and so need one. */
const NEEDS_CONNECTION: ReadonlySet<string> = new Set([
  'disconnect',
  'inactivity',
  'moveToPersonalApp',
  'replacePhone',
  'removeApp',
]);

export function openPhoneControls(door: ControlDoor, meta: LocalMeta): void {
  const viewOf = (digits: string): object => phoneViewOf(meta.store.state, phoneOf(meta, digits));
  door.get('/control/phones', 'all phones', () => ({
    phones: meta.store.state.phones.map((row) => phoneViewOf(meta.store.state, row)),
  }));
  door.get('/control/phones/:digits', 'one phone as Meta holds it', ({ params }) =>
    viewOf(PhonePath.parse(params).digits),
  );
  door.post(
    { path: '/control/phones', does: 'make a phone with the Business app', body: NewPhone, status: 201 },
    ({ body }) => makePhone(meta, body),
  );
  door.post(
    { path: '/control/phones/:digits/act', does: 'the owner, or Meta, acts on a phone', body: PhoneAction },
    ({ params, body }) => actOnPhone(meta, PhonePath.parse(params).digits, body),
  );
  door.post(
    {
      path: '/control/dialogs',
      does: 'the owner goes through the signup dialog; answers what the browser gets',
      body: DialogRun,
    },
    ({ body }) => goThroughDialog(meta, body),
  );
}

function makePhone(meta: LocalMeta, wanted: NewPhone): object {
  const phone = phoneFrom(wanted, nowMsOf(meta));
  return meta.store.change((state) => {
    if (state.phones.some((row) => row.digits === phone.digits)) {
      throw new ControlRefusal(409, `There is a phone ${phone.digits} already.`);
    }
    if (state.phones.some((row) => row.phoneNumberId === phone.phoneNumberId)) {
      throw new ControlRefusal(409, `The phone number id ${phone.phoneNumberId} belongs to another phone.`);
    }
    state.phones.push(phone);
    return phoneViewOf(state, phone);
  });
}

function actOnPhone(meta: LocalMeta, digits: string, action: PhoneAction): object {
  const phone = phoneOf(meta, digits);
  if (NEEDS_CONNECTION.has(action.action)) refuseUnlessConnected(phone);
  return meta.store.change((state) => {
    act({ meta, state, phone }, action);
    return phoneViewOf(state, phone);
  });
}

async function goThroughDialog(meta: LocalMeta, run: DialogRun): Promise<object> {
  const phone = phoneOf(meta, run.digits);
  const result = meta.store.change((state) => runDialog(state, { meta, phone }, run));
  if (run.partnerAdded === 'before') await sentBefore(meta, phone.digits);
  return result;
}
