/** What the control plane shows without changing anything: calls counted by kind and subject, and what comes next. */
import { z } from 'zod';
import type { ControlDoor } from './control-door.ts';
import { nowMsOf } from './local-meta.ts';
import type { LocalMeta } from './local-meta.ts';
import { nextOwnActAtMs } from './passing-time.ts';
import type { CallCount, SimulatorState } from './state.ts';
import { dueWebhooks } from './webhook-queue.ts';

const CallFilter = z.object({
  call: z.string().optional(),
  subject: z.string().optional(),
  /** Calls about the phone's number, and those about its account. */
  digits: z.string().optional(),
});

export function openWatchControls(door: ControlDoor, meta: LocalMeta): void {
  door.get('/control/calls', 'calls asked and accepted; ?call= ?subject= ?digits= narrow', ({ query }) =>
    countsOf(meta.store.state, CallFilter.parse(query)),
  );
  door.get('/control/calls/journal', 'the last calls with what was answered', () => meta.store.state.journal);
  door.get('/control/next', 'when the local Meta will do something by itself', () => ({
    nextAtMs: nextOwnActAtMs(meta),
  }));
  door.get('/control/pending', 'how many webhooks are due and not delivered', () => ({
    pending: dueWebhooks(meta.store.state, nowMsOf(meta)).length,
  }));
}

function countsOf(state: SimulatorState, { call, subject, digits }: z.infer<typeof CallFilter>): CallCount[] {
  const phone = state.phones.find((row) => row.digits === digits);
  const isOfPhone = (row: CallCount): boolean => row.digits === digits || row.subject === phone?.wabaId;
  return state.calls.filter(
    (row) =>
      (call === undefined || row.call === call) &&
      (subject === undefined || row.subject === subject) &&
      (digits === undefined || isOfPhone(row)),
  );
}
