/** The message event with which the dialog ends in the browser, in each form that Meta's pages and operators show. */
import { sentenceOfError } from './dialog-refusals.ts';
import { FINISHES } from './dialog-run.ts';
import type { DialogRun, Finish } from './dialog-run.ts';
import { secondsOf } from './local-meta.ts';
import type { Phone } from './phone-state.ts';

/** An object, or the JSON text of it; ids that are numbers survive only in the text. */
export type DialogMessage = Readonly<Record<string, unknown>> | string;

/** The coexistence finish names only the account; the others name everything. */
export function finishMessage(phone: Phone, run: DialogRun, finish: Finish): DialogMessage {
  const isCoexistence = finish === 'finish' || finish === 'closed-on-last-screen';
  const names = run.finishForm.names ?? (isCoexistence ? ['waba_id'] : namesOf(finish));
  const wabaId = run.finishForm.wabaId ?? phone.wabaId;
  const ids: Record<string, string | readonly string[]> = {
    phone_number_id: phone.phoneNumberId,
    waba_id: wabaId,
    business_id: phone.businessId,
    waba_ids: [wabaId, ...run.alsoGranted],
  };
  const named = Object.fromEntries(names.map((name) => [name, ids[name]]));
  return formed(messageOf(FINISHES[finish], named), run.finishForm);
}

export function abandonedMessage(run: DialogRun): DialogMessage {
  return formed(messageOf('CANCEL', { current_step: run.step }), { ...run.finishForm, idsAs: 'text' });
}

export function errorMessage(run: DialogRun, told: { code: string; session: number; nowMs: number }): DialogMessage {
  const { event, field, numbersAs } = run.errorForm;
  const numberOrText = (value: string) => (numbersAs === 'number' ? Number(value) : value);
  const content = {
    error_message: sentenceOfError(told.code),
    [field]: numberOrText(told.code),
    session_id: `sim${String(told.session).padStart(12, '0')}`,
    timestamp: numberOrText(String(secondsOf(told.nowMs))),
  };
  return formed(messageOf(event, content), { ...run.finishForm, idsAs: 'text' });
}

function namesOf(finish: Finish): readonly string[] {
  return finish === 'only-waba' ? ['waba_id', 'business_id'] : ['phone_number_id', 'waba_id', 'business_id'];
}

function messageOf(event: string, content: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { type: 'WA_EMBEDDED_SIGNUP', event, version: 3, data: content };
}

/** Numbers are written into the text digit by digit: Meta's ids are longer than a number of JavaScript is exact. */
function formed(message: Readonly<Record<string, unknown>>, form: DialogRun['finishForm']): DialogMessage {
  const text = JSON.stringify(message);
  const numbered = form.idsAs === 'number' ? text.replace(/"(\d+)"/g, '$1') : text;
  if (form.as === 'json') return numbered;
  return form.idsAs === 'number' ? rounded(message) : message;
}

/** What a page's own `JSON.parse` makes of ids that are numbers. */
function rounded(message: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(message).map(([name, value]) => [name, roundedValue(value)]));
}

function roundedValue(value: unknown): unknown {
  if (typeof value === 'string' && /^\d+$/.test(value)) return Number(value);
  if (Array.isArray(value)) return value.map(roundedValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, roundedValue(inner)]));
}
