/** The control plane of phones and dialogs: make a phone, send its owner through the dialog, let somebody act. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { ControlRefusal, phoneOf, refuseUnlessConnected } from './control-errors.ts';
import { DialogRun, runDialog } from './dialogs.ts';
import { nowMsOf } from './local-meta.ts';
import type { LocalMeta } from './local-meta.ts';
import { act, PhoneAction } from './phone-actions.ts';
import { NewPhone, phoneFrom, phoneViewOf } from './phones.ts';

const PhonePath = z.object({ digits: z.string() });

/** Actions that end or move a connection, and so need one. */
const NEEDS_CONNECTION: ReadonlySet<string> = new Set(['disconnect', 'inactivity', 'replacePhone', 'removeApp']);

export function registerPhoneControls(app: FastifyInstance, meta: LocalMeta): void {
  app.get('/control/phones', () => ({
    phones: meta.store.state.phones.map((row) => phoneViewOf(meta.store.state, row)),
  }));
  app.post('/control/phones', (request, reply) => reply.code(201).send(makePhone(meta, request.body)));
  app.get('/control/phones/:digits', (request) =>
    phoneViewOf(meta.store.state, phoneOf(meta, PhonePath.parse(request.params).digits)),
  );
  app.post('/control/phones/:digits/act', (request) =>
    actOnPhone(meta, PhonePath.parse(request.params).digits, request.body),
  );
  app.post('/control/dialogs', (request) => goThroughDialog(meta, request.body));
}

function makePhone(meta: LocalMeta, body: unknown): object {
  const phone = phoneFrom(NewPhone.parse(body), nowMsOf(meta));
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

function actOnPhone(meta: LocalMeta, digits: string, body: unknown): object {
  const action = PhoneAction.parse(body);
  const phone = phoneOf(meta, digits);
  if (NEEDS_CONNECTION.has(action.action)) refuseUnlessConnected(phone);
  return meta.store.change((state) => {
    act({ meta, state, phone }, action);
    return phoneViewOf(state, phone);
  });
}

function goThroughDialog(meta: LocalMeta, body: unknown): object {
  const run = DialogRun.parse(body);
  const phone = phoneOf(meta, run.digits);
  return meta.store.change((state) => runDialog(state, { meta, phone }, run));
}
