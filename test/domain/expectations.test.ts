/** Whose account was expected, whose came, and what people are asked then: P13, C01 to C04, U04. */
import { describe, expect, it } from 'vitest';
import { afterAccountRead } from '../../src/domain/account-read.ts';
import { afterStep } from '../../src/domain/connect-steps.ts';
import {
  compareAccount,
  tasksOfUnexpected,
  unexpectedOf,
  type ExpectedAccount,
} from '../../src/domain/expectations.ts';
import { afterHandOver } from '../../src/domain/hand-over.ts';
import { businessPortfolioId, numberId, wabaId } from '../../src/domain/ids.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { mustRecord } from '../../src/domain/story.ts';
import { openTask } from '../../src/domain/tasks.ts';
import { sentenceOf } from '../../src/domain/timeline.ts';
import { wrongAccountHint, wrongAccountSignOf } from '../../src/domain/wrong-account.ts';
import { connecting, envelope, invited, live, minutes, PHONE, probe, T0, WABA, withAttempt } from './builders.ts';

const NOTHING = { portfolioId: null, portfolioName: null, wabaName: null };
const TOLD = { portfolioId: businessPortfolioId('5001'), portfolioName: 'Lotus Ltd', name: 'Lotus Straße' };
const expecting = (named: Partial<ExpectedAccount>): ExpectedAccount => ({ ...NOTHING, ...named });
const OTHER_OWNER = { fields: ['portfolio-id'], portfolioIds: { expected: '5009', told: '5001' } } as const;
const OTHER_NAME = { fields: ['waba-name'], portfolioIds: null } as const;

const openTasks = (s: Snapshot): string[] => s.tasks.filter(({ state }) => state === 'open').map(({ kind }) => kind);
const keys = (s: Snapshot): string[] => s.unsaid.map(({ key }) => key);

describe('what was expected, compared with what Meta tells', () => {
  it.each([
    ['nothing', {}, []],
    ['the same portfolio', { portfolioId: businessPortfolioId('5001') }, [['portfolio-id', 'same']]],
    ['another portfolio', { portfolioId: businessPortfolioId('5009') }, [['portfolio-id', 'different']]],
    ['a name in other letters', { portfolioName: ' LOTUS  ltd' }, [['portfolio-name', 'same']]],
    [
      'a name without its space, and with a sign that nobody sees',
      { portfolioName: 'Lotus\u200BLtd' },
      [['portfolio-name', 'same']],
    ],
    ['a sharp s', { wabaName: 'lotus STRASSE' }, [['waba-name', 'same']]],
    ['another name', { wabaName: 'Lotus Str.' }, [['waba-name', 'different']]],
    [
      'all of it, one alone right',
      { portfolioId: businessPortfolioId('5009'), portfolioName: 'Lotus Ltd', wabaName: 'Rose' },
      [
        ['portfolio-id', 'different'],
        ['portfolio-name', 'same'],
        ['waba-name', 'different'],
      ],
    ],
  ] as const)('%s', (_what, named, verdicts) => {
    expect(compareAccount(expecting(named), TOLD).map(({ of, verdict }) => [of, verdict])).toEqual(verdicts);
  });

  it.each([null, '', '  '])('what Meta tells as %j is not told, and never different', (name) => {
    const expected = expecting({ wabaName: 'Lotus' });
    const compared = compareAccount(expected, { ...TOLD, name });
    expect(compared).toEqual([{ of: 'waba-name', expected: 'Lotus', told: null, verdict: 'not-told' }]);
    expect(unexpectedOf(expected, { ...TOLD, name })).toBeNull();
  });

  it('the workflow hears of what differs alone: ids, and which of the names', () => {
    const expected = { portfolioId: businessPortfolioId('5009'), portfolioName: 'Rose Ltd', wabaName: 'Lotus Strasse' };
    const heard = unexpectedOf(expected, TOLD);
    expect(heard).toEqual({
      fields: ['portfolio-id', 'portfolio-name'],
      portfolioIds: { expected: '5009', told: '5001' },
    });
    expect(unexpectedOf(null, TOLD)).toBeNull();
    expect(unexpectedOf(expecting({ wabaName: 'Lotus Strasse' }), TOLD)).toBeNull();
  });

  it('another business is for an operator too, another name for its owner alone', () => {
    expect(tasksOfUnexpected(OTHER_OWNER)).toEqual(['confirm-names', 'op-owner-changed']);
    expect(tasksOfUnexpected(OTHER_NAME)).toEqual(['confirm-names']);
  });
});

const resolving = connecting({ step: 'resolve', found: { ...connecting().attempt.found, wabaId: WABA } });
const found = { step: 'resolve', phoneNumberId: PHONE, onboardedAtMs: T0, hasTimeZone: true } as const;
const connected = (s: Snapshot): Snapshot =>
  afterStep(withAttempt(s, { step: 'gate' }), { step: 'gate', probe: probe('alive', T0) }, T0 + minutes(2));

describe('P13 an account that is not as expected', () => {
  it('goes on connecting, says what came, and is a task once it is connected', () => {
    const next = afterStep(resolving, { ...found, unexpected: OTHER_OWNER }, T0);
    expect(next.attempt).toMatchObject({ state: 'running', step: 'claim' });
    expect(openTasks(next)).toEqual([]);
    const line = next.unsaid.find(({ key }) => key === 'accountUnexpected');
    expect(line && sentenceOf(line)).toBe(
      'Not as expected at Meta: the business portfolio (5009 was expected, 5001 came). Connecting goes on; people must confirm.',
    );
    const done = connected(next);
    expect(done.link.state).toBe('live');
    expect(openTasks(done).slice(-2)).toEqual(['confirm-names', 'op-owner-changed']);
  });

  it('names differ: the story says which, and holds none of them', () => {
    const next = afterStep(resolving, { ...found, unexpected: OTHER_NAME }, T0);
    const line = next.unsaid.find(({ key }) => key === 'accountUnexpected');
    expect(line && sentenceOf(line)).toContain('Meta: the name of the WhatsApp account. ');
    expect(openTasks(connected(next))).not.toContain('op-owner-changed');
  });

  it('costs no record of its own', () => {
    const next = afterAccountRead({ ...resolving, unsaid: [] }, { hasTimeZone: false, unexpected: OTHER_OWNER }, T0);
    expect(keys(next)).toEqual(['timeZoneMissing', 'accountUnexpected']);
    expect(mustRecord(next)).toBe(false);
  });

  it('an account that is as expected leaves the snapshot as it was', () => {
    expect(afterAccountRead(resolving, { hasTimeZone: true }, T0)).toEqual(resolving);
    expect(afterAccountRead(resolving, { hasTimeZone: null }, T0)).toEqual(resolving);
  });

  it('goes over with an attempt that another number takes', () => {
    const tasks = { accountTasks: ['confirm-names'] } as const;
    const given = { wabaId: WABA, phoneNumberId: PHONE, onboardedAtMs: T0, finishedAtMs: T0, grants: [], ...tasks };
    const from = numberId('num_2');
    const told = envelope({ kind: 'attemptHandedOver', from, cycle: 1, attempt: 1, ...given }, T0);
    const taken = afterHandOver(invited(), told, T0);
    expect(openTasks(connected(taken))).toContain('confirm-names');
  });
});

describe('C02 the time zone', () => {
  const missing = afterStep(resolving, { ...found, hasTimeZone: false }, T0);

  it('one that is missing is a task of the owner once the number is connected', () => {
    expect(openTasks(connected(missing))).toContain('choose-time-zone');
    expect(openTasks(connected(afterStep(resolving, found, T0)))).not.toContain('choose-time-zone');
  });

  it('has its own row in the story, also beside an account that is not as expected', () => {
    const done = connected(afterStep(resolving, { ...found, hasTimeZone: false, unexpected: OTHER_NAME }, T0));
    const opened = done.unsaid
      .filter(({ key }) => key === 'taskOpened')
      .map(({ row, params }) => [row, params['task']]);
    expect(opened.slice(-2)).toEqual([
      ['P13', 'confirm-names'],
      ['C02', 'choose-time-zone'],
    ]);
  });

  const again = (over: Partial<Snapshot['attempt']['found']> = {}): Snapshot => {
    const linked = openTask(live(), 'choose-time-zone', { row: 'C02', atMs: T0 });
    return withAttempt(linked, { ...resolving.attempt, found: { ...resolving.attempt.found, ...over } });
  };
  const taskOf = (s: Snapshot) => s.tasks.find(({ kind }) => kind === 'choose-time-zone');

  it('is done when a later read of the same account shows one', () => {
    expect(taskOf(afterStep(again(), found, T0 + minutes(1)))?.state).toBe('done');
    const elsewhere = afterStep(again({ wabaId: wabaId('9999') }), found, T0 + minutes(1));
    expect(taskOf(elsewhere)?.state).toBe('open');
    expect(taskOf(connected(elsewhere))?.state).toBe('void');
  });

  it('stays open, with its date, while it is still missing', () => {
    const next = connected(afterStep(again(), { ...found, hasTimeZone: false }, T0 + minutes(1)));
    expect(taskOf(next)).toEqual({ kind: 'choose-time-zone', state: 'open', sinceMs: T0 });
  });

  it('a second read forgets what the first one left', () => {
    expect(afterAccountRead(missing, { hasTimeZone: true }, T0).attempt.found).not.toHaveProperty('accountTasks');
  });
});

describe('U04 the login of another business', () => {
  it.each([
    ['NUMBER_IN_OTHER_BUSINESS', 'refused'],
    ['ACCOUNT_NOT_SHAREABLE', 'refused'],
    ['APP_TOO_OLD', null],
    ['GRAPH_UNAVAILABLE', null],
  ] as const)('%s smells of it: %s', (code, sign) => {
    expect(wrongAccountSignOf(code)).toBe(sign);
  });

  it('names the business that was expected, where one was named', () => {
    expect(wrongAccountHint('Lotus Ltd').remedy.at(-1)).toContain('the account that manages Lotus Ltd,');
    expect(wrongAccountHint(null).remedy.at(-1)).toContain('the account that manages your business,');
  });
});
