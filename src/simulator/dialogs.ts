/** The owner's way through embedded signup: what Meta then holds, what it sends, and what the browser would get. */
import type { Grant } from './account-state.ts';
import { ensureBusiness, ensureWaba, wabaOf } from './accounts.ts';
import { abandonedMessage, errorMessage, finishMessage } from './dialog-message.ts';
import type { DialogMessage } from './dialog-message.ts';
import { refusalOf } from './dialog-refusals.ts';
import { SCOPES } from './dialog-run.ts';
import type { DialogRun, Finish } from './dialog-run.ts';
import { CODE_LIFE_MS } from './graph-tokens.ts';
import type { LocalMeta } from './local-meta.ts';
import { nowMsOf } from './local-meta.ts';
import { isVisible } from './number-node.ts';
import type { Phone } from './phone-state.ts';
import { nextOrdinal } from './state.ts';
import type { SimulatorState } from './state.ts';
import { partnerAdded } from './webhook-payloads.ts';
import { enqueueWebhooks } from './webhook-queue.ts';

const DAY_MS = 86_400_000;
/** How much later than the browser Meta's own notice comes when asked to come after it. Ours. */
const AFTER_MS = 60_000;
/** The page for which a code of another redirect was issued. */
const OTHER_REDIRECT = 'https://example.com/elsewhere';

export interface DialogResult {
  /** What the login callback of the browser holds; null when cancelled or lost. */
  readonly code: string | null;
  /** What the page's message event holds; null when it never came. */
  readonly message: DialogMessage | null;
}

export interface OwnersPhone {
  readonly meta: LocalMeta;
  readonly phone: Phone;
}

export function runDialog(state: SimulatorState, owner: OwnersPhone, run: DialogRun): DialogResult {
  const nowMs = nowMsOf(owner.meta);
  const refusal = run.ignoreConnected ? null : refusalOf(owner.phone, { nowMs, run });
  const errorCode = run.errorCode ?? refusal;
  if (run.outcome === 'cancel' && run.errorCode === undefined) return partsOf(run, null, abandonedMessage(run));
  if (run.outcome === 'cancel' || errorCode !== null) {
    const told = { code: String(errorCode), session: nextOrdinal(state, 'dialogSession'), nowMs };
    return partsOf(run, null, errorMessage(run, told));
  }
  return finish(state, owner, { run, finish: run.outcome, nowMs });
}

interface Finished {
  readonly run: DialogRun;
  readonly finish: Finish;
  readonly nowMs: number;
}

function finish(state: SimulatorState, { meta, phone }: OwnersPhone, dialog: Finished): DialogResult {
  const { run, nowMs } = dialog;
  connect(state, phone, dialog);
  tellPartner(state, { meta, phone }, dialog);
  const code = issueCode(state, phone, { run, nowMs, appId: run.tokenAppId ?? meta.options.appId });
  return partsOf(run, code, finishMessage(phone, run, dialog.finish));
}

function partsOf(run: DialogRun, code: string | null, message: DialogMessage): DialogResult {
  return {
    code: run.parts === 'both' || run.parts === 'code' ? code : null,
    message: run.parts === 'both' || run.parts === 'message' ? message : null,
  };
}

/** A new onboarding: fresh sync budget, new onboarding time. What a test set on the gate stays. */
function connect(state: SimulatorState, phone: Phone, { run, finish: ending, nowMs }: Finished): void {
  const isCoexistence = ending === 'finish' || ending === 'closed-on-last-screen';
  const { wabaId, businessId } = chooseAccounts(state, phone, run);
  Object.assign(phone, {
    wabaId,
    businessId,
    phoneNumberId: run.nextPhoneNumberId ?? phone.phoneNumberId,
    connected: isCoexistence ? 'coexistence' : 'none',
    flow: isCoexistence ? 'coexistence' : 'standard',
    isOnBizApp: isCoexistence,
    isInReview: phone.reviewsNext !== 'none',
    onboardedAtMs: nowMs,
    disconnectedAtMs: null,
    reconnectAtMs: null,
    contactsSync: 'never',
    historySync: 'never',
    lastActiveAtMs: nowMs,
  });
}

/** The pickers: which portfolio, which account, which further ones. An account without numbers goes to who picked it. */
function chooseAccounts(state: SimulatorState, phone: Phone, run: DialogRun): { wabaId: string; businessId: string } {
  const former = wabaOf(state, phone.wabaId);
  if (former !== null && !hasVisibleNumber(state, phone.wabaId)) former.isSubscribed = false;
  const businessId = run.businessId ?? phone.businessId;
  const wabaId = run.nextWabaId ?? phone.wabaId;
  const waba = ensureWaba(state, wabaId, { businessId, name: phone.verifiedName });
  ensureBusiness(state, businessId, phone.verifiedName);
  if (!hasVisibleNumber(state, wabaId)) waba.businessId = businessId;
  for (const also of run.alsoGranted) ensureWaba(state, also, { businessId, name: `${phone.verifiedName} too` });
  if (phone.reviewsNext === 'account') waba.reviewStatus = 'PENDING';
  return { wabaId, businessId };
}

function hasVisibleNumber(state: SimulatorState, wabaId: string): boolean {
  return state.phones.some((phone) => phone.wabaId === wabaId && isVisible(phone));
}

function tellPartner(state: SimulatorState, { meta, phone }: OwnersPhone, { run, nowMs }: Finished): void {
  if (run.partnerAdded === 'never') return;
  const dueAtMs = nowMs + (run.partnerAddedDelayMs ?? (run.partnerAdded === 'after' ? AFTER_MS : 0));
  const news = partnerAdded(meta, phone, nowMs).map((webhook) => ({ ...webhook, dueAtMs }));
  enqueueWebhooks(state, run.partnerAdded === 'twice' ? [...news, ...news] : news);
}

interface CodeOrder {
  readonly run: DialogRun;
  readonly nowMs: number;
  readonly appId: string;
}

function issueCode(state: SimulatorState, phone: Phone, { run, nowMs, appId }: CodeOrder): string {
  const code = `AQSIMCODE${String(nextOrdinal(state, 'code')).padStart(4, '0')}`;
  state.codes.push({
    code,
    digits: phone.digits,
    wabaId: phone.wabaId,
    grant: grantOf(phone, run, appId),
    issuedAtMs: run.code === 'expired' ? nowMs - CODE_LIFE_MS : nowMs,
    usedAtMs: run.code === 'used' ? nowMs : null,
    redirectUri: run.code === 'other-redirect' ? OTHER_REDIRECT : null,
  });
  return code;
}

/** What the owner left ticked, for which assets: the portfolio for its own scope, the accounts for the others. */
function grantOf(phone: Phone, run: DialogRun, appId: string): Grant {
  const own = run.ownTargetComes === 'never' ? [] : [phone.wabaId];
  const wabaIds = run.ownTargetComes === 'first' ? [...own, ...run.alsoGranted] : [...run.alsoGranted, ...own];
  const scopes = SCOPES.filter((scope) => !run.withheld.includes(scope)).map((scope) => ({
    scope,
    targetIds: scope === 'business_management' ? [phone.businessId] : wabaIds,
  }));
  const { tokenExpiresInDays: days, dataAccessExpiresInDays: accessDays } = run;
  return {
    appId,
    businessId: phone.businessId,
    scopes,
    lifeMs: days === undefined ? null : days * DAY_MS,
    dataAccessLifeMs: accessDays === undefined ? null : accessDays * DAY_MS,
  };
}
