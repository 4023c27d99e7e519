/** The owner's way through embedded signup: what Meta then holds, what it sends, and what the browser would get. */
import { z } from 'zod';
import type { LocalMeta } from './local-meta.ts';
import { nowMsOf, secondsOf } from './local-meta.ts';
import { isVisible } from './number-node.ts';
import type { Phone, SimulatorState } from './state.ts';
import { nextOrdinal } from './state.ts';
import { partnerAdded } from './webhook-payloads.ts';
import { enqueueWebhooks } from './webhook-queue.ts';

/** How long a number refuses a new platform after a disconnect. Source: Meta, Embedded Signup flow errors. */
const COOLDOWN_MS = 15 * 60_000;

const id = z.string().regex(/^\d{1,30}$/, "Meta's ids are numeric strings");

export const DialogRun = z.strictObject({
  digits: z.string(),
  outcome: z.enum(['finish', 'standard', 'cancel']).default('finish'),
  /** Screen on which a cancelled dialog was left. */
  step: z.string().default('PHONE_NUMBER_VERIFICATION'),
  /** In-flow error that the owner ran into; implies a cancel. */
  errorCode: z.union([z.string(), z.number().int()]).optional(),
  partnerAddedDelayMs: z.number().int().min(0).default(0),
  nextWabaId: id.optional(),
  nextPhoneNumberId: id.optional(),
  /** Lets the dialog pass although a platform is connected or was until just now. */
  ignoreConnected: z.boolean().default(false),
});
export type DialogRun = z.infer<typeof DialogRun>;

export interface DialogResult {
  /** What the login callback of the browser holds; null when cancelled. */
  readonly code: string | null;
  readonly message: {
    readonly type: 'WA_EMBEDDED_SIGNUP';
    readonly event: string;
    readonly version: 3;
    readonly data: Readonly<Record<string, unknown>>;
  };
}

export interface OwnersPhone {
  readonly meta: LocalMeta;
  readonly phone: Phone;
}

export function runDialog(state: SimulatorState, owner: OwnersPhone, run: DialogRun): DialogResult {
  const nowMs = nowMsOf(owner.meta);
  const errorCode = run.errorCode ?? (run.ignoreConnected ? null : refusalOf(owner.phone, nowMs));
  if (run.outcome === 'cancel' && run.errorCode === undefined) return cancelled({ current_step: run.step });
  if (errorCode !== null) return cancelled(errorDataOf(state, String(errorCode), nowMs));
  connect(state, owner.phone, { run, nowMs });
  const added = partnerAdded(owner.meta, owner.phone, nowMs);
  enqueueWebhooks(
    state,
    added.map((webhook) => ({ ...webhook, dueAtMs: nowMs + run.partnerAddedDelayMs })),
  );
  return { code: issueCode(state, owner.phone, nowMs), message: finishOf(owner.phone) };
}

/** 3441049: a platform is connected; 2655094: it was until just now, and the number needs its rest. */
function refusalOf(phone: Phone, nowMs: number): string | null {
  if (phone.connected === 'coexistence') return '3441049';
  const freeAtMs = phone.disconnectedAtMs === null ? 0 : phone.disconnectedAtMs + COOLDOWN_MS;
  return nowMs < freeAtMs ? '2655094' : null;
}

/** A new onboarding: fresh sync budget, new onboarding time. What a test set on the gate stays. */
function connect(state: SimulatorState, phone: Phone, dialog: { run: DialogRun; nowMs: number }): void {
  const { run, nowMs } = dialog;
  const isStandard = run.outcome === 'standard';
  if (!hasVisibleNumber(state, phone.wabaId)) {
    state.subscribedWabaIds = state.subscribedWabaIds.filter((wabaId) => wabaId !== phone.wabaId);
  }
  Object.assign(phone, {
    wabaId: run.nextWabaId ?? phone.wabaId,
    phoneNumberId: run.nextPhoneNumberId ?? phone.phoneNumberId,
    connected: isStandard ? 'none' : 'coexistence',
    flow: isStandard ? 'standard' : 'coexistence',
    isOnBizApp: !isStandard,
    onboardedAtMs: nowMs,
    disconnectedAtMs: null,
    reconnectAtMs: null,
    contactsSync: 'never',
    historySync: 'never',
    lastActiveAtMs: nowMs,
  });
}

function hasVisibleNumber(state: SimulatorState, wabaId: string): boolean {
  return state.phones.some((phone) => phone.wabaId === wabaId && isVisible(phone));
}

function issueCode(state: SimulatorState, phone: Phone, nowMs: number): string {
  const code = `AQSIMCODE${String(nextOrdinal(state, 'code')).padStart(4, '0')}`;
  state.codes.push({ code, digits: phone.digits, wabaId: phone.wabaId, issuedAtMs: nowMs, usedAtMs: null });
  return code;
}

/** The coexistence finish names only the WABA; the standard one names everything. */
function finishOf(phone: Phone): DialogResult['message'] {
  const { wabaId, phoneNumberId, businessId } = phone;
  if (phone.flow === 'standard') {
    return messageOf('FINISH', { phone_number_id: phoneNumberId, waba_id: wabaId, business_id: businessId });
  }
  return messageOf('FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING', { waba_id: wabaId });
}

function cancelled(content: Readonly<Record<string, unknown>>): DialogResult {
  return { code: null, message: messageOf('CANCEL', content) };
}

function messageOf(event: string, content: Readonly<Record<string, unknown>>): DialogResult['message'] {
  return { type: 'WA_EMBEDDED_SIGNUP', event, version: 3, data: content };
}

function errorDataOf(state: SimulatorState, errorCode: string, nowMs: number): Record<string, unknown> {
  const sessionId = `sim${String(nextOrdinal(state, 'dialogSession')).padStart(12, '0')}`;
  return {
    error_message: messageOfError(errorCode),
    error_code: errorCode,
    session_id: sessionId,
    timestamp: String(secondsOf(nowMs)),
  };
}

function messageOfError(errorCode: string): string {
  if (errorCode === '3441049') return 'This phone number is already registered with this product.';
  if (errorCode === '2655094')
    return 'A business platform is still connected. Disconnect it and try again in 15 minutes.';
  return "Your phone number isn't eligible to connect to the WhatsApp Business Platform.";
}
