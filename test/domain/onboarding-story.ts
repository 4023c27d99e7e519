/** The facts of one onboarding with Meta's times fixed, and how each of them reaches us: late, twice, or never. */
import type { SyncType } from '../../src/domain/commands.ts';
import type { Fact } from '../../src/domain/facts.ts';
import { dialogRunId } from '../../src/domain/ids.ts';
import { codeReceived, hours, invited, minutes, offboarded, reconnected, removed, RUN, T0, WABA } from './builders.ts';
import { OnboardingLife } from './onboarding-life.ts';
import { OnceOnlyMeta, type MetaScript } from './onboarding-meta.ts';

const EARLIER_RUN = dialogRunId('dlg_0');
const OTHER_RUN = dialogRunId('dlg_2');

/** When Meta says each thing; what an import brings counts from the request that Meta accepted. */
const AT_MS = {
  error: T0 - minutes(10),
  added: T0 - 5_000,
  code: T0,
  result: T0 + 1_000,
  otherCode: T0 + 10_000,
  reviewed: T0 + hours(6),
  offboarded: T0 + hours(3),
  reconnected: T0 + hours(4),
  removed: T0 + hours(5),
  activity: T0 + hours(30),
} as const;
/** The owner opened the dialog that finished. */
const OPENED_MS = T0 - minutes(5);
/** A coexistence result without its code is posted only after this wait: `joinSeconds`. */
const JOIN_MS = 60_000;

const IMPORTED = {
  contacts1: { afterMs: minutes(1), fact: { kind: 'contactsArrived' } },
  contacts2: { afterMs: minutes(2), fact: { kind: 'contactsArrived' } },
  phase0: { afterMs: minutes(2), fact: { kind: 'historyChunkArrived', phase: 0, chunkOrder: 1, progress: 10 } },
  phase1: { afterMs: minutes(8), fact: { kind: 'historyChunkArrived', phase: 1, chunkOrder: 1, progress: 45 } },
  phase2: { afterMs: minutes(15), fact: { kind: 'historyChunkArrived', phase: 2, chunkOrder: 1, progress: 80 } },
  full: { afterMs: minutes(20), fact: { kind: 'historyChunkArrived', phase: 2, chunkOrder: 2, progress: 100 } },
  declined: { afterMs: minutes(3), fact: { kind: 'historyDeclined' } },
} as const satisfies Record<string, { afterMs: number; fact: Fact }>;
type Imported = keyof typeof IMPORTED;
const CONTACTS: readonly Imported[] = ['contacts1', 'contacts2'];
const CHUNKS: readonly Imported[] = ['phase0', 'phase1', 'phase2', 'full'];

export type FactName = keyof typeof AT_MS | Imported;
export const FACT_NAMES = [...Object.keys(AT_MS), ...Object.keys(IMPORTED)] as readonly FactName[];
export const CHUNK_NAMES: readonly FactName[] = CHUNKS;

/** How one fact travels; `copies`: further deliveries, each so long after Meta's time. */
export interface Parcel {
  delayMs: number;
  copies: readonly number[];
  isLost: boolean;
}

export interface Story {
  /** How long Meta takes to connect: at once, minutes, or the hours of a review. */
  gate: 'at-once' | 'minutes' | 'review';
  hasError: boolean;
  hasOtherCode: boolean;
  hasPause: boolean;
  hasRemoval: boolean;
  history: 'shared' | 'declined' | 'declined-on-call';
  parcels: Readonly<Record<FactName, Parcel>>;
}

/** What goes wrong at Meta and with us, beside the facts. */
export type Trouble = Pick<MetaScript, 'mustChoose' | 'refusal' | 'exchangeFaults' | 'syncFaults' | 'crashes'>;

export const NO_TROUBLE: Trouble = {
  mustChoose: { waba: false, number: false },
  refusal: null,
  exchangeFaults: [],
  syncFaults: { contacts: [], history: [] },
  crashes: [],
};

export interface Played {
  life: OnboardingLife;
  meta: OnceOnlyMeta;
}

const OPENS_AT_MS: Record<Story['gate'], number> = {
  'at-once': T0,
  minutes: T0 + minutes(3),
  review: AT_MS.reviewed,
};

/** Invited, the dialog opened, and all facts under way: nothing has been lived through yet after the opening. */
export function begin(story: Story, trouble: Trouble = NO_TROUBLE): Played {
  const meta = new OnceOnlyMeta({
    opensAtMs: OPENS_AT_MS[story.gate],
    before: story.gate === 'review' ? 'pending' : 'off-app',
    pausedMs: story.hasPause ? { fromMs: AT_MS.offboarded, toMs: AT_MS.reconnected } : null,
    removedAtMs: story.hasRemoval ? AT_MS.removed : null,
    isHistoryDeclinedOnCall: story.history === 'declined-on-call',
    ...trouble,
  });
  const life: OnboardingLife = new OnboardingLife({
    state: invited(),
    nowMs: T0 - hours(1),
    meta: meta.answersTo(
      () => life,
      (type) => {
        for (const name of importedBy(type, story)) sendImported({ life, meta }, story, name);
      },
    ),
  });
  if (story.hasError) send(life, { name: 'error', parcel: story.parcels.error, fact: errorOf(EARLIER_RUN), cycle: 1 });
  life.runTo(OPENED_MS);
  sendSignup({ life, meta }, story);
  sendLater(life, story);
  return { life, meta };
}

function importedBy(type: SyncType, { history }: Story): readonly Imported[] {
  if (type === 'contacts') return CONTACTS;
  return history === 'shared' ? CHUNKS : ['declined'];
}

function errorOf(run: typeof RUN): Fact {
  const told = { failure: 'APP_TOO_OLD', metaCode: '4563015', supportReference: null } as const;
  return { kind: 'signupErrorReported', attempt: 1, dialogRunId: run, ...told };
}

/** The attempt of the dialog is the one that was open when the owner opened it. */
function sendSignup({ life, meta }: Played, story: Story): void {
  const { cycle, attempt } = life.state;
  const { added, code, otherCode, result } = story.parcels;
  meta.codeAtMs.set(RUN, AT_MS.code).set(OTHER_RUN, AT_MS.otherCode);
  if (!result.isLost) meta.resultAtMs = AT_MS.result + result.delayMs;
  send(life, { name: 'added', parcel: added, fact: { kind: 'partnerAdded', wabaId: WABA } });
  send(life, { name: 'code', parcel: code, fact: codeReceived(attempt.ordinal), cycle });
  if (story.hasOtherCode) {
    send(life, { name: 'otherCode', parcel: otherCode, fact: codeReceived(attempt.ordinal, OTHER_RUN), cycle });
  }
  const finished = { kind: 'signupFinished', attempt: attempt.ordinal, ending: 'coexistence', wabaId: WABA } as const;
  send(life, { name: 'result', parcel: afterItsCode(result, code), fact: finished, cycle });
}

/** A result that is here before its code is told only after the wait for it. */
function afterItsCode(result: Parcel, code: Parcel): Parcel {
  const codeAtMs = code.isLost ? Infinity : AT_MS.code + code.delayMs;
  const comesFirst = AT_MS.result + result.delayMs < codeAtMs;
  return comesFirst ? { ...result, delayMs: Math.max(result.delayMs, JOIN_MS) } : result;
}

function sendLater(life: OnboardingLife, { parcels, hasPause, hasRemoval }: Story): void {
  const later: Partial<Record<keyof typeof AT_MS, Fact>> = {
    reviewed: { kind: 'accountReviewed', wabaId: WABA, decision: 'APPROVED' },
    activity: { kind: 'activitySeen', evidence: 'echo', evidenceAtMs: AT_MS.activity },
    ...(hasPause ? { offboarded: offboarded(), reconnected: reconnected() } : {}),
    ...(hasRemoval ? { removed: removed({ reason: 'ACCOUNT_DISCONNECTED', initiatedBy: 'USER' }) } : {}),
  };
  for (const name of ['reviewed', 'activity', 'offboarded', 'reconnected', 'removed'] as const) {
    const fact = later[name];
    if (fact) send(life, { name, parcel: parcels[name], fact });
  }
}

function send(
  life: OnboardingLife,
  { name, parcel, fact, cycle }: { name: keyof typeof AT_MS; parcel: Parcel; fact: Fact; cycle?: number },
): void {
  if (parcel.isLost) return;
  const own = cycle === undefined ? {} : { cycle };
  const envelope = { factId: `fact/${name}`, occurredAtMs: AT_MS[name], fact, ...own };
  for (const delayMs of [parcel.delayMs, ...parcel.copies.map((ms) => parcel.delayMs + ms)]) {
    life.deliver(envelope, AT_MS[name] + delayMs);
  }
}

/** Touches the ledger as it reaches us, and is told; its time is its receipt. */
function sendImported({ life, meta }: Played, story: Story, name: Imported): void {
  const { delayMs, copies, isLost } = story.parcels[name];
  if (isLost) return;
  const { afterMs, fact } = IMPORTED[name];
  const atMs = life.nowMs + afterMs + delayMs;
  const progress = fact.kind === 'historyChunkArrived' ? fact.progress : 0;
  if (fact.kind !== 'historyDeclined') {
    meta.arrivals.push({ type: fact.kind === 'contactsArrived' ? 'contacts' : 'history', atMs, progress });
  }
  const envelope = { factId: `fact/${name}`, occurredAtMs: atMs, cycle: life.state.cycle, fact };
  for (const ms of [0, ...copies]) life.deliver(envelope, atMs + ms);
}

/** Lives to the end by way of `stopsMs` and every half day, and looks at each rest. */
export function liveOn(
  { life, meta }: Played,
  atRest: (played: Played) => void = () => undefined,
  stopsMs: readonly number[] = [],
): Played {
  const halfDays = Array.from({ length: 24 }, (_, index) => T0 + hours(12) * (index + 1));
  for (const atMs of [...stopsMs, ...halfDays].toSorted((a, b) => a - b)) {
    life.runTo(atMs);
    atRest({ life, meta });
  }
  return { life, meta };
}
