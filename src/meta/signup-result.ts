/** Reads the message event with which Meta's dialog ends in the browser. Untrusted: its ids are hints, never proofs. */
import type { SignupEnding } from '../domain/facts.ts';
import { wabaId } from '../domain/ids.ts';
import type { WabaId } from '../domain/ids.ts';
import { parseExactJson } from './exact-json.ts';
import { idOf, isWireObject, labelOf, leaf, rowsOf, tolerant } from './wire-values.ts';

export type SignupMessage =
  | { kind: 'finished'; ending: SignupEnding; wabaId: WabaId | null }
  /** `step`: Meta's screen, an open list; null where none was told. */
  | { kind: 'abandoned'; step: string | null }
  /** `code`: Meta's in-flow code; `sessionId`: its reference for support. */
  | { kind: 'error-reported'; code: string | null; sessionId: string | null }
  | { kind: 'malformed' };

/** Source: M4. */
const ENDINGS: ReadonlyMap<string, SignupEnding> = new Map<string, SignupEnding>([
  ['FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING', 'coexistence'],
  ['FINISH', 'standard'],
  ['FINISH_ONLY_WABA', 'waba-only'],
  ['FINISH_GRANT_ONLY_API_ACCESS', 'grant-only'],
  ['FINISH_OBO_MIGRATION', 'on-behalf'],
]);

/** The error's identifier is `error_id` on pages of 2025 and `error_code` on those of 2026. */
const Message = tolerant({
  type: leaf(labelOf),
  event: leaf(labelOf),
  data: tolerant({
    waba_id: leaf(idOf),
    waba_ids: leaf(rowsOf),
    current_step: leaf(labelOf),
    error_code: leaf(labelOf),
    error_id: leaf(labelOf),
    error_message: leaf(labelOf),
    session_id: leaf(labelOf),
  }),
});
type SignupData = ReturnType<typeof Message.parse>['data'];

/** Takes the event's `data` as it came: JSON text or an object. `malformed` for all that is no end of a signup. */
export function readSignupMessage(message: unknown): SignupMessage {
  const { type, event, data } = Message.parse(objectOf(message));
  if (type !== 'WA_EMBEDDED_SIGNUP') return { kind: 'malformed' };
  if (event === 'FINISH' || event.startsWith('FINISH_')) return finished(event, data);
  if (event === 'CANCEL') return hasError(data) ? reported(data) : abandoned(data);
  if (event === 'ERROR') return reported(data);
  return { kind: 'malformed' };
}

/** A finish that names no WABA is malformed, whichever it is (case 10). */
function finished(event: string, data: SignupData): SignupMessage {
  const named = data.waba_id ?? onlyOneOf(data.waba_ids);
  if (named === null) return { kind: 'finished', ending: 'malformed', wabaId: null };
  return { kind: 'finished', ending: ENDINGS.get(event) ?? 'unknown-finish', wabaId: wabaId(named) };
}

function onlyOneOf(ids: readonly unknown[]): string | null {
  return ids.length === 1 ? idOf(ids[0]) : null;
}

function hasError(data: SignupData): boolean {
  return data.error_code !== '' || data.error_id !== '' || data.error_message !== '';
}

function reported(data: SignupData): SignupMessage {
  return {
    kind: 'error-reported',
    code: told(data.error_code) ?? told(data.error_id),
    sessionId: told(data.session_id),
  };
}

function abandoned(data: SignupData): SignupMessage {
  return { kind: 'abandoned', step: told(data.current_step) };
}

function told(label: string): string | null {
  return label === '' ? null : label;
}

function objectOf(message: unknown): unknown {
  if (isWireObject(message)) return message;
  if (typeof message !== 'string') return null;
  try {
    return parseExactJson(message);
  } catch {
    return null;
  }
}
