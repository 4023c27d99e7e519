/** Random stories of one onboarding: how its facts travel, what goes wrong on the way, and what people ask meanwhile. */
import fc from 'fast-check';
import { ASKERS, SYNC_RESOLUTIONS, SYNC_TYPES, type Asker, type Command } from '../../src/domain/commands.ts';
import type { TaskKind } from '../../src/domain/task-kinds.ts';
import { days, hours, minutes, PHONE, T0, WABA } from './builders.ts';
import { CRASH_MOMENTS, OTHER_NUMBER, OTHER_WABA, type Fault, type MetaScript } from './onboarding-meta.ts';
import { FACT_NAMES, type FactName, type Parcel, type Story, type Trouble } from './onboarding-story.ts';

/** Three days, less what lies between a change of phone and its return: a wait for the phone is not outlived. */
const LATEST_MS = days(3) - hours(1.5);

const delay = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.nat(minutes(2)) },
  { weight: 2, arbitrary: fc.nat(hours(8)) },
  { weight: 2, arbitrary: fc.nat(LATEST_MS) },
);

const rarely = fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) });

function parcelsOf(parcel: fc.Arbitrary<Parcel>): fc.Arbitrary<Story['parcels']> {
  return fc.record(Object.fromEntries(FACT_NAMES.map((name) => [name, parcel])) as Record<FactName, typeof parcel>);
}

const late = { delayMs: delay, copies: fc.array(delay, { maxLength: 2 }) };
const lossless = parcelsOf(fc.record({ ...late, isLost: fc.constant(false) }));
const lossy = parcelsOf(
  fc.record({ ...late, isLost: fc.oneof({ weight: 2, arbitrary: fc.constant(false) }, fc.boolean()) }),
);

function storyOf(parcels: fc.Arbitrary<Story['parcels']>): fc.Arbitrary<Story> {
  return fc.record({
    gate: fc.constantFrom<Story['gate']>('at-once', 'minutes', 'review'),
    hasError: rarely,
    hasOtherCode: fc.constant(false),
    hasPause: fc.boolean(),
    hasRemoval: fc.boolean(),
    history: fc.constantFrom<Story['history']>('shared', 'shared', 'declined', 'declined-on-call'),
    parcels,
  });
}

/** Every fact comes, at some time and in some number of copies. */
export const losslessStory = storyOf(lossless);
/** Any fact may be lost, the code among them. */
export const lossyStory = storyOf(lossy);
/** The same, with the codes of two runs of the dialog. */
export const storyOfTwoRuns = fc
  .tuple(lossyStory, fc.boolean())
  .map(([story, hasOtherCode]): Story => ({ ...story, hasOtherCode }));

/** The code is heard while it lives. */
export function withLivingCode(story: Story): Story {
  const code = { ...story.parcels.code, isLost: false };
  return { ...story, parcels: { ...story.parcels, code: { ...code, delayMs: code.delayMs % 25_000 } } };
}

const fault = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Fault>('none') },
  { weight: 4, arbitrary: fc.constantFrom<Fault>('lost-before', 'lost-after', 'not-sent') },
  { weight: 1, arbitrary: fc.constant<Fault>('refused') },
);
const faults = fc.array(fault, { maxLength: 3 });
const crash = fc.record({ call: fc.integer({ min: 1, max: 16 }), moment: fc.constantFrom(...CRASH_MOMENTS) });
const refused = fc.constantFrom<NonNullable<MetaScript['refusal']>>(
  { step: 'check-token', code: 'SIGNUP_SCOPE_MISSING' },
  { step: 'check-token', code: 'SIGNUP_APP_FOREIGN' },
  { step: 'check-token', code: 'GRAPH_UNAVAILABLE' },
  { step: 'resolve', code: 'NUMBER_NOT_FOUND' },
  { step: 'claim', code: 'NUMBER_HELD_ELSEWHERE' },
  { step: 'subscribe', code: 'SUBSCRIPTION_REFUSED' },
  { step: 'subscribe', code: 'GRAPH_RATE_LIMITED' },
  { step: 'gate', code: 'ACCOUNT_BANNED' },
);
const refusal = fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: refused });

export const trouble: fc.Arbitrary<Trouble> = fc.record({
  mustChoose: fc.record({ waba: rarely, number: rarely }),
  refusal,
  exchangeFaults: faults,
  syncFaults: fc.record({ contacts: faults, history: faults }),
  crashes: fc.array(crash, { maxLength: 4 }),
});

/** Only answers are lost, of the first call of each: that of the code before Meta acted, for a used code is lost for good. */
export const lostAnswers: fc.Arbitrary<Trouble> = fc
  .tuple(
    fc.boolean(),
    fc.constantFrom<Fault>('lost-before', 'lost-after'),
    fc.constantFrom<Fault>('none', 'lost-before'),
  )
  .map(([isCodeLost, contacts, history]) => ({
    mustChoose: { waba: false, number: false },
    refusal: null,
    exchangeFaults: isCodeLost ? ['lost-before'] : [],
    syncFaults: { contacts: [contacts], history: [history] },
    crashes: [],
  }));

export interface Asked {
  command: Command;
  by: Asker;
  atMs: number;
}

const type = fc.constantFrom(...SYNC_TYPES);
const task = fc.constantFrom<TaskKind>(
  'keep-app-open',
  'test-both-ways',
  'choose-number',
  'disconnect-on-phone',
  'op-sync',
);
const command: fc.Arbitrary<Command> = fc.oneof(
  fc
    .constantFrom<string>(WABA, PHONE, OTHER_WABA, OTHER_NUMBER, 'nobody')
    .map((choiceId): Command => ({ kind: 'chooseNumber', choiceId })),
  fc.constant<Command>({ kind: 'retryNow' }),
  fc.record({ kind: fc.constant('changeSyncChoice' as const), type, isWanted: fc.boolean() }),
  fc.record({ kind: fc.constant('requestSync' as const), type }),
  fc.record({ kind: fc.constant('resolveSync' as const), type, as: fc.constantFrom(...SYNC_RESOLUTIONS) }),
  fc.record({ kind: fc.constantFrom('completeTask' as const, 'dismissTask' as const), task }),
);
const mayCancel = fc.oneof(
  { weight: 60, arbitrary: command },
  { weight: 1, arbitrary: fc.constant<Command>({ kind: 'cancelOnboarding' }) },
);
const moment = fc.oneof(
  fc.constantFrom(0, 0, 1_000, 20_000, minutes(1), minutes(2)),
  fc.nat(hours(1)),
  fc.nat(hours(8)),
  fc.nat(days(3)),
);

const asker = fc.constantFrom<Asker>(...ASKERS, 'operator', 'operator');

export const commands: fc.Arbitrary<readonly Asked[]> = fc.array(
  fc.record({ command: mayCancel, by: asker, atMs: moment.map((ms) => T0 + ms) }),
  { maxLength: 16 },
);
