/** Random lives: sequences of facts, commands, answers of Meta and stretches of time. */
import fc from 'fast-check';
import type { Command } from '../../src/domain/commands.ts';
import { DIALOG_FAILURES } from '../../src/domain/dialog-failures.ts';
import { SIGNUP_ENDINGS, type Fact } from '../../src/domain/facts.ts';
import type { FailureCode } from '../../src/domain/failures.ts';
import { PROBE_CLASSES, type ProbeClass } from '../../src/domain/probe.ts';
import { ATTEMPT_STEPS, type AttemptStep, type SubscriptionRead } from '../../src/domain/snapshot.ts';
import type { SyncOutcome } from '../../src/domain/syncs.ts';
import {
  codeReceived,
  days,
  hours,
  invited,
  minutes,
  offboarded,
  reconnected,
  removed,
  RUN,
  T0,
  WABA,
} from './builders.ts';
import { Life } from './life.ts';

export type Action =
  | { kind: 'wait'; ms: number }
  | { kind: 'fact'; fact: Fact; ageMs: number; isUntimed: boolean; repeats: boolean }
  | { kind: 'code' }
  | { kind: 'finish'; ending: (typeof SIGNUP_ENDINGS)[number] }
  | { kind: 'refuse'; failure: keyof typeof DIALOG_FAILURES }
  | { kind: 'command'; command: Command }
  | { kind: 'probe'; class: ProbeClass }
  | { kind: 'steps'; step: AttemptStep; code: FailureCode | null }
  | { kind: 'sync'; outcome: SyncOutcome }
  | { kind: 'undo'; result: 'done' | 'not-needed' | 'COMPENSATION_INCOMPLETE' }
  | { kind: 'subscription'; read: SubscriptionRead }
  | { kind: 'use' };

const STEP_CODES: readonly (FailureCode | null)[] = [
  null,
  null,
  null,
  'GRAPH_UNAVAILABLE',
  'GRAPH_RATE_LIMITED',
  'CONNECTION_TIMED_OUT',
  'SIGNUP_APP_FOREIGN',
  'NUMBER_HELD_ELSEWHERE',
  'SIGNUP_CODE_EXPIRED',
] as const;

const REFUSALS = Object.keys(DIALOG_FAILURES) as (keyof typeof DIALOG_FAILURES)[];

const only = fc.boolean();
const reason = fc.constantFrom(
  null,
  'PRIMARY_INACTIVITY',
  'ACCOUNT_DISCONNECTED',
  'CHANGE_NUMBER',
  'USER_RE_REGISTERED',
);
const fact: fc.Arbitrary<Fact> = fc.oneof(
  fc.record({ isOnlyNumber: only, reason }).map((over) => removed(over)),
  only.map(offboarded),
  only.map(reconnected),
  fc.constant<Fact>({ kind: 'partnerAdded', wabaId: WABA }),
  fc.constant<Fact>({ kind: 'contactsArrived' }),
  fc.constant<Fact>({ kind: 'historyDeclined' }),
  fc.constantFrom('trafficMissed' as const, 'trafficSeen' as const).map((kind): Fact => ({ kind, connectedAtMs: T0 })),
  fc
    .constantFrom(0, 55, 100)
    .map((progress): Fact => ({ kind: 'historyChunkArrived', phase: 1, chunkOrder: 1, progress })),
  fc.nat(days(3)).map((age): Fact => ({ kind: 'activitySeen', evidence: 'echo', evidenceAtMs: T0 + age })),
);
const stretch = fc.oneof(
  fc.constantFrom(1, minutes(1), minutes(6), minutes(31), hours(1)),
  fc.constantFrom(hours(7), days(1), days(3), days(8), days(15), days(40)),
);
const command: fc.Arbitrary<Command> = fc.constantFrom(
  { kind: 'startReonboarding' },
  { kind: 'cancelOnboarding' },
  { kind: 'confirmAppOpened', openedAtMs: T0 + days(2) },
  { kind: 'requestDisconnect' },
  { kind: 'withdrawDisconnect' },
);

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 5, arbitrary: stretch.map((ms): Action => ({ kind: 'wait', ms })) },
  {
    weight: 6,
    arbitrary: fc
      .record({
        fact,
        ageMs: fc.constantFrom(0, 0, 1, minutes(1), hours(1), days(2)),
        isUntimed: fc.constantFrom(false, false, true),
        repeats: fc.boolean(),
      })
      .map((given): Action => ({ kind: 'fact', ...given })),
  },
  { weight: 3, arbitrary: fc.constant<Action>({ kind: 'code' }) },
  { weight: 1, arbitrary: fc.constantFrom(...SIGNUP_ENDINGS).map((ending): Action => ({ kind: 'finish', ending })) },
  { weight: 1, arbitrary: fc.constantFrom(...REFUSALS).map((failure): Action => ({ kind: 'refuse', failure })) },
  { weight: 3, arbitrary: command.map((one): Action => ({ kind: 'command', command: one })) },
  { weight: 3, arbitrary: fc.constantFrom(...PROBE_CLASSES).map((one): Action => ({ kind: 'probe', class: one })) },
  {
    weight: 2,
    arbitrary: fc
      .record({ step: fc.constantFrom(...ATTEMPT_STEPS), code: fc.constantFrom(...STEP_CODES) })
      .map((given): Action => ({ kind: 'steps', ...given })),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom<SyncOutcome>('requested', 'unknown', 'expired', 'declined', 'refused', 'due')
      .map((outcome): Action => ({ kind: 'sync', outcome })),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom<'done' | 'not-needed' | 'COMPENSATION_INCOMPLETE'>('done', 'not-needed', 'COMPENSATION_INCOMPLETE')
      .map((result): Action => ({ kind: 'undo', result })),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom<SubscriptionRead>('active', 'missing', 'misdirected', 'no-word')
      .map((read): Action => ({ kind: 'subscription', read })),
  },
  { weight: 1, arbitrary: fc.constant<Action>({ kind: 'use' }) },
);

export const actions = fc.array(action, { minLength: 5, maxLength: 40 });

/** Half of the lives begin connected, so that the later rows are reached often. */
export function play(sequence: readonly Action[]): Life {
  const life = new Life({ state: invited(), nowMs: T0 - hours(1) });
  life.runTo(T0);
  if (sequence.length % 2 === 0) act(life, { kind: 'code' });
  for (const one of sequence) act(life, one);
  life.runTo(life.nowMs + days(20));
  return life;
}

function act(life: Life, one: Action): void {
  const { attempt, cycle } = life.state;
  switch (one.kind) {
    case 'wait':
      return life.runTo(life.nowMs + one.ms);
    case 'fact':
      return hear(life, one);
    case 'code':
      life.hear(codeReceived(attempt.ordinal), { cycle });
      return life.runTo(life.nowMs);
    case 'finish':
      return life.hear(
        { kind: 'signupFinished', attempt: attempt.ordinal, ending: one.ending, wabaId: WABA },
        { cycle },
      );
    case 'refuse': {
      const told = { metaCode: '1', supportReference: null };
      const error = { kind: 'signupErrorReported', attempt: attempt.ordinal, dialogRunId: RUN } as const;
      return life.hear({ ...error, failure: one.failure, ...told }, { cycle });
    }
    case 'command':
      life.command(one.command);
      return;
    case 'use':
      return life.meta.use(life.nowMs);
    default:
      Object.assign(life.meta, answerOf(one));
  }
}

function hear(life: Life, { fact: heard, ageMs, isUntimed, repeats }: Extract<Action, { kind: 'fact' }>): void {
  const occurredAtMs = isUntimed ? life.nowMs : life.nowMs - ageMs;
  const over = {
    occurredAtMs,
    factId: `meta/${life.nowMs}/${JSON.stringify(heard).length}`,
    ...(isUntimed ? { isUntimed } : {}),
  };
  life.hear(heard, over);
  if (repeats) life.hear(heard, over);
}

function answerOf(
  one: Extract<Action, { kind: 'probe' | 'steps' | 'sync' | 'undo' | 'subscription' }>,
): Partial<Life['meta']> {
  switch (one.kind) {
    case 'probe':
      return { probe: () => one.class };
    case 'steps':
      return { step: (step) => (step === one.step ? one.code : null) };
    case 'sync':
      return { requestSync: () => ({ outcome: one.outcome, waitMs: one.outcome === 'due' ? hours(1) : null }) };
    case 'undo':
      return { undo: () => one.result };
    case 'subscription':
      return { subscription: () => one.read };
  }
}
