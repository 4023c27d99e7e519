/**
 * Meta with its once-only rules, the stores that keep an intent before each such call, and what we hold at either. Whether
 * a code may be exchanged is asked of the rule that the activity asks.
 */
import type { Undecided } from '../../src/domain/attempt-waits.ts';
import { isUsedByUs, mayExchange } from '../../src/domain/code-exchange.ts';
import type { SyncType } from '../../src/domain/commands.ts';
import type { FailureCode } from '../../src/domain/failures.ts';
import { phoneNumberId, wabaId } from '../../src/domain/ids.ts';
import type { ProbeClass } from '../../src/domain/probe.ts';
import type { AttemptStep, UndoStep } from '../../src/domain/snapshot.ts';
import type { SyncArrivals } from '../../src/domain/sync-arrivals.ts';
import type { SyncOutcome } from '../../src/domain/syncs.ts';
import { hours, PHONE, T0, WABA } from './builders.ts';
import { attemptKey, Crash, type OnboardingLife } from './onboarding-life.ts';
import type { ScriptedMeta } from './scripted-meta.ts';

/** `lost-before` and `lost-after`: no answer came, and Meta had not, or had, acted. */
export const FAULTS = ['none', 'lost-before', 'lost-after', 'not-sent', 'refused'] as const;
export type Fault = (typeof FAULTS)[number];

export const CRASH_MOMENTS = ['before-intent', 'after-intent', 'after-call', 'after-store'] as const;
export type CrashMoment = (typeof CRASH_MOMENTS)[number];

/** What is true at Meta, and what goes wrong on the way there. */
export interface MetaScript {
  /** When Meta has finished connecting; until then `before` is read. */
  opensAtMs: number;
  before: ProbeClass;
  pausedMs: { fromMs: number; toMs: number } | null;
  removedAtMs: number | null;
  isHistoryDeclinedOnCall: boolean;
  /** Several accounts were granted, several numbers are there. */
  mustChoose: { waba: boolean; number: boolean };
  /** A step that says no for good. */
  refusal: { step: AttemptStep; code: FailureCode } | null;
  exchangeFaults: readonly Fault[];
  syncFaults: Readonly<Record<SyncType, readonly Fault[]>>;
  crashes: readonly { call: number; moment: CrashMoment }[];
}

/** What else stands in the account of the owner. */
export const OTHER_WABA = wabaId('310000000000099');
export const OTHER_NUMBER = phoneNumberId('410000000000099');

const CODE_LIFE_MS = 30_000;
/** Distance of the attempts of one activity. */
const RETRY_MS = 2_000;

/** Counts of one once-only call at Meta. */
interface Calls {
  asked: number;
  accepted: number;
}

export class OnceOnlyMeta {
  readonly #script: MetaScript;
  readonly codes = new Map<string, Calls>();
  readonly syncs = new Map<string, Calls>();
  readonly undone = new Map<string, UndoStep[]>();
  /** Keys of attempts whose credential is stored. */
  readonly credentials = new Set<string>();
  hasClaim = false;
  isSubscribed = false;
  /** When each import's data reached us. */
  readonly arrivals: { type: SyncType; atMs: number; progress: number }[] = [];
  /** When the result of the dialog reached us. */
  resultAtMs = Infinity;
  /** When the code of each run of the dialog reached us. */
  readonly codeAtMs = new Map<string, number>();
  #exchangeIntents = new Map<string, number>();
  #syncIntents = new Map<string, SyncOutcome | null>();
  #calls = 0;
  #usedFaults = { exchange: 0, contacts: 0, history: 0 };
  #onAccepted: (type: SyncType) => void = () => undefined;

  constructor(script: MetaScript) {
    this.#script = script;
  }

  /** As the life asks it. `onAccepted`: Meta begins to send an import. */
  answersTo(life: () => OnboardingLife, onAccepted: (type: SyncType) => void): Partial<ScriptedMeta> {
    this.#onAccepted = onAccepted;
    return {
      step: (step) => this.#step(life(), step),
      undecided: (step) => this.#undecided(life(), step),
      probe: (nowMs) => this.probe(nowMs),
      requestSync: (type) => this.#requestSync(life(), type),
      ledger: (nowMs) => ({ contacts: this.#ledger('contacts', nowMs), history: this.#ledger('history', nowMs) }),
      undo: (step) => this.#undo(life(), step),
    };
  }

  probe(nowMs: number): ProbeClass {
    const { opensAtMs, before, pausedMs, removedAtMs } = this.#script;
    if (removedAtMs !== null && nowMs >= removedAtMs) return 'not-visible';
    if (pausedMs && nowMs >= pausedMs.fromMs && nowMs < pausedMs.toMs) return 'off-app';
    return nowMs < opensAtMs ? before : 'alive';
  }

  #step(life: OnboardingLife, step: AttemptStep): FailureCode | null {
    if (step === 'exchange') return this.#exchange(life);
    this.#calls += 1;
    this.#mayCrash('before-intent');
    const { refusal } = this.#script;
    if (refusal?.step === step) return refusal.code;
    if (step === 'claim') this.hasClaim = true;
    if (step === 'subscribe') this.isSubscribed = true;
    this.#mayCrash('after-store');
    return step === 'gate' && this.probe(life.nowMs) !== 'alive' ? 'CONNECTION_TIMED_OUT' : null;
  }

  #undecided({ state, nowMs }: OnboardingLife, step: AttemptStep): Undecided | null {
    const { waba, number } = this.#script.mustChoose;
    if (step === 'check-token' && waba && this.resultAtMs > nowMs) {
      return { kind: 'undecided', step, code: 'SIGNUP_RESULT_MISSING', ids: [OTHER_WABA, WABA] };
    }
    if (step !== 'resolve' || !number || state.attempt.chosenId !== null) return null;
    return { kind: 'undecided', step, code: 'NUMBER_AMBIGUOUS', ids: [OTHER_NUMBER, PHONE] };
  }

  /** The activity with its retries: what the store knows decides whether Meta is asked at all. */
  #exchange(life: OnboardingLife): FailureCode | null {
    const isSpare = life.state.attempt.state === 'undoing';
    const { cycle, attempt } = life.state;
    const key = isSpare ? `${cycle}/${attempt.ordinal + 1}` : attemptKey(life.state);
    const run = String(isSpare ? attempt.spare?.dialogRunId : attempt.dialogRunId);
    for (;;) {
      this.#calls += 1;
      const answer = this.#exchangeOnce({ key, run, ageMs: life.nowMs - (this.codeAtMs.get(run) ?? 0) });
      if (answer !== 'again') return answer;
      life.spend(RETRY_MS);
    }
  }

  #exchangeOnce({ key, run, ageMs }: { key: string; run: string; ageMs: number }): FailureCode | 'again' | null {
    this.#mayCrash('before-intent');
    if (this.credentials.has(key)) return null;
    const intent = `${key}/${run}`;
    const earlier = this.#exchangeIntents.get(intent) ?? 0;
    if (!mayExchange({ earlier, ageMs })) return 'SIGNUP_EXCHANGE_UNCONFIRMED';
    this.#exchangeIntents.set(intent, earlier + 1);
    this.#mayCrash('after-intent');
    const answer = this.#askForToken(run, ageMs);
    this.#mayCrash('after-call');
    if (answer !== null && answer !== 'again' && isUsedByUs(answer, { earlier })) return 'SIGNUP_EXCHANGE_UNCONFIRMED';
    if (answer === null) this.credentials.add(key);
    this.#mayCrash('after-store');
    return answer;
  }

  #askForToken(run: string, ageMs: number): FailureCode | 'again' | null {
    const fault = this.#script.exchangeFaults[this.#usedFaults.exchange++] ?? 'none';
    if (fault === 'not-sent') return 'again';
    const calls = countsOf(this.codes, run);
    calls.asked += 1;
    if (fault === 'lost-before') return 'again';
    if (ageMs >= CODE_LIFE_MS) return 'SIGNUP_CODE_EXPIRED';
    if (calls.accepted > 0) return 'SIGNUP_CODE_USED';
    if (fault === 'refused') return 'SIGNUP_TOKEN_INVALID';
    calls.accepted += 1;
    return fault === 'lost-after' ? 'again' : null;
  }

  #requestSync({ state, nowMs }: OnboardingLife, type: SyncType): { outcome: SyncOutcome; waitMs: number | null } {
    this.#calls += 1;
    this.#mayCrash('before-intent');
    const key = `${state.cycle}/${type}/${state[type].asks + 1}`;
    const found = this.#syncIntents.get(key);
    if (found !== undefined) return { outcome: found ?? 'unknown', waitMs: null };
    this.#syncIntents.set(key, null);
    this.#mayCrash('after-intent');
    const outcome = this.#askForSync(state.cycle, type, nowMs);
    this.#mayCrash('after-call');
    if (outcome === 'due') this.#syncIntents.delete(key);
    else this.#syncIntents.set(key, outcome);
    this.#mayCrash('after-store');
    return { outcome, waitMs: null };
  }

  #askForSync(cycle: number, type: SyncType, nowMs: number): SyncOutcome {
    const fault = this.#script.syncFaults[type][this.#usedFaults[type]++] ?? 'none';
    if (fault === 'not-sent') return 'due';
    const calls = countsOf(this.syncs, `${cycle}/${type}`);
    calls.asked += 1;
    if (fault === 'lost-before') return 'unknown';
    if (fault === 'refused') return 'refused';
    if (type === 'history' && this.#script.isHistoryDeclinedOnCall) return 'declined';
    if (calls.accepted > 0) return 'requested'; // 2593107
    if (nowMs >= T0 + hours(24)) return 'expired';
    calls.accepted += 1;
    this.#onAccepted(type);
    return fault === 'lost-after' ? 'unknown' : 'requested';
  }

  #ledger(type: SyncType, nowMs: number): SyncArrivals {
    const come = this.arrivals.filter((one) => one.type === type && one.atMs <= nowMs);
    if (come.length === 0) return { lastAtMs: null, progress: 0, hasSeenFull: false };
    const progress = Math.max(...come.map((one) => one.progress));
    return { lastAtMs: Math.max(...come.map(({ atMs }) => atMs)), progress, hasSeenFull: progress >= 100 };
  }

  #undo({ state }: OnboardingLife, step: UndoStep): 'done' {
    this.#calls += 1;
    this.#mayCrash('before-intent');
    const isOfAttempt = state.attempt.state === 'undoing';
    if (step === 'releaseClaim') this.hasClaim = false;
    if (step === 'unsubscribeIfLast') this.isSubscribed = false;
    if (step === 'forgetCredential' && isOfAttempt) this.credentials.delete(attemptKey(state));
    if (step === 'forgetCredential' && !isOfAttempt) this.credentials.clear();
    if (isOfAttempt) this.#noteUndone(attemptKey(state), step);
    this.#mayCrash('after-store');
    return 'done';
  }

  /** A step that a crash made us take again counts once. */
  #noteUndone(key: string, step: UndoStep): void {
    const before = this.undone.get(key) ?? [];
    if (!before.includes(step)) this.undone.set(key, [...before, step]);
  }

  #mayCrash(moment: CrashMoment): void {
    const dies = this.#script.crashes.some((crash) => crash.call === this.#calls && crash.moment === moment);
    if (dies) throw new Crash(moment);
  }
}

function countsOf(calls: Map<string, Calls>, key: string): Calls {
  const known = calls.get(key) ?? { asked: 0, accepted: 0 };
  calls.set(key, known);
  return known;
}
