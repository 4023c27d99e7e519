/** Everything the local Meta remembers, as one JSON document: zod schemas, so that a stored state is checked when read. */
import { z } from 'zod';
import { AppSetting, AS_SET_UP } from './app-state.ts';
import { Business, IssuedCode, IssuedToken, Waba } from './account-state.ts';
import { CallName, PlannedCallFault, PlannedWebhookFault } from './fault-state.ts';
import { Phone } from './phone-state.ts';
import { Delivery, QueuedWebhook } from './webhook-state.ts';

export const CallCount = z.object({
  call: CallName,
  subject: z.string(),
  digits: z.string().nullable(),
  asked: z.number(),
  accepted: z.number(),
});
export type CallCount = z.infer<typeof CallCount>;

export const JournalEntry = z.object({
  atMs: z.number(),
  call: CallName,
  subject: z.string(),
  outcome: z.string(),
});
export type JournalEntry = z.infer<typeof JournalEntry>;

export const SimulatorState = z.object({
  version: z.literal(2),
  /** Source of all ordinals in ids, codes and tokens: a replayed scenario makes the same ones. */
  lastOrdinals: z.record(z.string(), z.number()),
  /** A state that was stored before has none, which is the app as it was set up. */
  app: AppSetting.default(AS_SET_UP),
  businesses: z.array(Business),
  wabas: z.array(Waba),
  phones: z.array(Phone),
  codes: z.array(IssuedCode),
  tokens: z.array(IssuedToken),
  webhooks: z.array(QueuedWebhook),
  deliveries: z.array(Delivery),
  calls: z.array(CallCount),
  journal: z.array(JournalEntry),
  callFaults: z.array(PlannedCallFault),
  webhookFaults: z.array(PlannedWebhookFault),
});
export type SimulatorState = z.infer<typeof SimulatorState>;

export function emptyState(): SimulatorState {
  return {
    version: 2,
    lastOrdinals: {},
    app: AS_SET_UP,
    businesses: [],
    wabas: [],
    phones: [],
    codes: [],
    tokens: [],
    webhooks: [],
    deliveries: [],
    calls: [],
    journal: [],
    callFaults: [],
    webhookFaults: [],
  };
}

export function nextOrdinal(state: SimulatorState, kind: string): number {
  const ordinal = (state.lastOrdinals[kind] ?? 0) + 1;
  state.lastOrdinals[kind] = ordinal;
  return ordinal;
}

/** Appends and forgets the oldest beyond the bound. */
export function appendBounded<T>(list: T[], entry: T, entriesMax: number): void {
  list.push(entry);
  if (list.length > entriesMax) list.splice(0, list.length - entriesMax);
}
