import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { checkResourceSchema, questionnaireSchema } from '../../src/api/eligibility-resource.ts';
import { RULE_IDS } from '../../src/domain/eligibility-rule.ts';
import { createDoor, NOW_MS, OTHER_KEY, type Door } from './door.ts';

const DAY_MS = 86_400_000;
const day = (back: number): string => new Date(NOW_MS - back * DAY_MS).toISOString().slice(0, 10);

const YES = ['business-app', 'app-updated', 'camera', 'backup', 'portfolio-owned', 'portfolio-admin'];
const ALSO_YES = ['manager-belongs', 'business-verified'];
const NO = ['page-link', 'payment-method', 'verification-badge', 'marketing-product'];
const said = (ids: string[], answer: string) => Object.fromEntries(ids.map((id) => [id, answer]));
const stated = { value: 'Lotus GmbH' };

const GOOD = {
  plain: { ...said([...YES, ...ALSO_YES], 'yes'), ...said(NO, 'no') },
  facts: { 'legal-name': stated, address: stated, website: stated, phone: stated },
  activeSince: day(30),
  appVersion: '2.26.1',
  otherPartner: { isConnected: 'no' },
  names: { inApp: 'Lotus', inManager: 'Lotus', confirmedBy: 'Ada Owner' },
  nameFinal: { confirmedBy: 'Ada Owner' },
  disclosure: { version: 1, isAccepted: true, person: 'Ada Owner' },
};
const check = (answers: object = {}) => ({ phoneNumber: '+4915112345678', answers: { ...GOOD, ...answers } });

type Check = z.infer<typeof checkResourceSchema>;
type Answered = Awaited<ReturnType<Door['post']>>;

/** The answer as the published schema has it: nothing more, nothing less. */
const checkOf = ({ json }: Answered): Check => z.strictObject(checkResourceSchema.shape).parse(json);
const reasonOf = ({ reasons }: Check, id: string) => reasons.find(({ rule }) => rule.id === id);

describe('the questionnaire', () => {
  it('asks every question, each with its rule, source and date, and shows the present disclosure', async () => {
    const answer = await createDoor().get('/v1/eligibility/questionnaire');
    expect(answer.status).toBe(200);
    const { questions, disclosure, note } = questionnaireSchema.parse(answer.json);
    expect(questions.map(({ id }) => id).toSorted()).toEqual([...RULE_IDS].toSorted());
    for (const { id, rule } of questions)
      expect(rule).toMatchObject({ version: id === 'website' ? 2 : 1, checkedOn: '2026-11-22' });
    expect(disclosure?.permissions).toHaveLength(6);
    expect(note).toContain('no promise');
  });

  it('shows what an operator has put in place of a rule', async () => {
    const { get, eligibility } = createDoor();
    const dated = { validFrom: '2026-11-01', validUntil: null, checkedOn: '2026-11-24' };
    eligibility.overrides.push({ id: 'camera', version: 2, source: 'a notice', ...dated, question: 'At hand?' });
    const { questions } = questionnaireSchema.parse((await get('/v1/eligibility/questionnaire')).json);
    const camera = questions.find(({ id }) => id === 'camera');
    expect(camera).toMatchObject({ question: 'At hand?', rule: { version: 2, source: 'a notice' } });
  });

  it('the disclosure can be read by itself', async () => {
    const { status, json } = await createDoor().get('/v1/disclosures/current');
    expect([status, json.version, json.permissions.length]).toEqual([200, 1, 6]);
  });
});

describe('a check', () => {
  it('answers 201 with the verdict, every reason with its rule, and its address', async () => {
    const { post } = createDoor();
    const answer = await post('/v1/eligibility-checks', check());
    const made = checkOf(answer);
    expect([answer.status, made.verdict, made.comeBackAt]).toEqual([201, 'likely', null]);
    expect(answer.headers['location']).toBe(`/v1/eligibility-checks/${made.id}`);
    expect(made.reasons).toHaveLength(RULE_IDS.length);
    expect(reasonOf(made, 'region')).toMatchObject({ outcome: 'met', message: expect.stringContaining('(DE)') });
    expect(answer.text).not.toMatch(/guarantee/i);
  });

  it('of nothing known is unclear; a website that cannot be looked up is kept as stated', async () => {
    const { post, eligibility } = createDoor();
    expect((await post('/v1/eligibility-checks', {})).json.verdict).toBe('unclear');
    await post('/v1/eligibility-checks', check());
    const facts = [...eligibility.checks.values()].at(-1)?.answers.facts;
    expect(facts?.website).toEqual({ value: 'Lotus GmbH', source: 'stated', checkedAtMs: NOW_MS });
  });

  it('P11: a website that answers is likely; one that does not leaves it unclear, with a remedy, and never a no', async () => {
    const { post, state } = createDoor();
    state.website = { kind: 'reachable' };
    const made = checkOf(await post('/v1/eligibility-checks', check()));
    expect([made.verdict, reasonOf(made, 'website')?.outcome, state.lookedAt]).toEqual([
      'likely',
      'met',
      ['Lotus GmbH'],
    ]);
    state.website = { kind: 'unreachable', why: 'name-unknown' };
    const doubted = checkOf(await post('/v1/eligibility-checks', check()));
    expect(doubted.verdict).toBe('unclear');
    expect(reasonOf(doubted, 'website')).toMatchObject({
      outcome: 'unknown',
      message: 'It could not be reached from here: its name is not known.',
      remedy: [expect.any(String), expect.stringContaining('check again')],
    });
  });

  it('P11: is looked up again at each new check, also where the website was stated before', async () => {
    const { post, state } = createDoor();
    state.website = { kind: 'unreachable', why: 'too-slow' };
    const { id } = checkOf(await post('/v1/eligibility-checks', check()));
    state.website = { kind: 'reachable' };
    const again = checkOf(await post(`/v1/eligibility-checks/${id}/re-check`, {}));
    expect([again.verdict, state.lookedAt.length]).toEqual(['likely', 2]);
    await post(`/v1/eligibility-checks/${id}/re-check`, { facts: { website: { value: ' ' } } });
    await post('/v1/eligibility-checks', { answers: {} });
    expect(state.lookedAt).toHaveLength(2);
  });

  it('P11: an answer that is given while an older website is looked up is not undone by the look', async () => {
    const { post, state, eligibility } = createDoor();
    const { id } = checkOf(await post('/v1/eligibility-checks', check()));
    state.whileLooking = async () => {
      state.whileLooking = null;
      state.website = { kind: 'reachable' };
      await post(`/v1/eligibility-checks/${id}/re-check`, { facts: { website: { value: 'new.example' } } });
      state.website = { kind: 'unreachable', why: 'too-slow' };
    };
    await post(`/v1/eligibility-checks/${id}/re-check`, {});
    expect([...eligibility.checks.values()].at(-1)?.answers.facts.website).toMatchObject({
      value: 'new.example',
      reach: { kind: 'reachable' },
    });
    expect(state.lookedAt).toEqual(['Lotus GmbH', 'Lotus GmbH', 'new.example']);
  });

  it('of a number in use for five days is a no with the day to come back on', async () => {
    const made = checkOf(await createDoor().post('/v1/eligibility-checks', check({ activeSince: day(5) })));
    expect(made).toMatchObject({ verdict: 'no', comeBackAt: `${day(-2)}T00:00:00.000Z` });
    expect(reasonOf(made, 'active-days')).toMatchObject({ outcome: 'unmet', until: `${day(-2)}T00:00:00.000Z` });
  });

  it('keeps the sentences that were confirmed with their person and time', async () => {
    const { post, eligibility } = createDoor();
    await post('/v1/eligibility-checks', check());
    const { answers } = [...eligibility.checks.values()][0] ?? {};
    expect(answers?.names?.confirmed).toEqual({
      text: 'In the app: "Lotus". In the manager: "Lotus". Both are right.',
      person: 'Ada Owner',
      atMs: NOW_MS,
    });
    expect(answers?.nameFinal).toMatchObject({ person: 'Ada Owner', atMs: NOW_MS });
    expect(answers?.nameFinal?.text).toContain('cannot be changed');
    expect(answers?.disclosure).toEqual({ version: 1, isAccepted: true, person: 'Ada Owner', atMs: NOW_MS });
  });

  it('takes the region as told where the number does not tell it, and all of a shared calling code otherwise', async () => {
    const { post, eligibility } = createDoor();
    await post('/v1/eligibility-checks', { phoneNumber: '+15550100123', answers: { region: 'CA' } });
    await post('/v1/eligibility-checks', { phoneNumber: '+15550100123' });
    const [told, shared] = [...eligibility.checks.values()].map(({ answers }) => answers.countries);
    expect(told).toEqual(['CA']);
    expect(shared).toEqual(expect.arrayContaining(['US', 'CA']));
  });

  it('is made once for one key', async () => {
    const { post, eligibility } = createDoor();
    const first = await post('/v1/eligibility-checks', check(), { 'idempotency-key': 'same' });
    const again = await post('/v1/eligibility-checks', check(), { 'idempotency-key': 'same' });
    expect([again.json, eligibility.checks.size]).toEqual([first.json, 1]);
  });

  it.each([
    ['answers.activeSince', { answers: { activeSince: '2026-11-25' } }],
    ['answers.activeSince', { answers: { activeSince: '24.11.2026' } }],
    ['answers.appVersion', { answers: { appVersion: 'newest' } }],
    ['answers.region', { answers: { region: 'Germany' } }],
    [
      'answers.otherPartner.disconnectedAt',
      {
        answers: { otherPartner: { isConnected: 'no', disconnectedAt: '2026-11-24T09:00:01Z' } },
      },
    ],
    ['phoneNumber', { phoneNumber: '015112345678' }],
    ['answers.plain.business-app', { answers: { plain: { 'business-app': 'maybe' } } }],
  ])('refuses a wrong %s', async (field, payload) => {
    const { status, json } = await createDoor().post('/v1/eligibility-checks', payload);
    expect([status, json.code, json.errors[0].field]).toEqual([400, 'REQUEST_INVALID', field]);
  });

  it('says 503 where the store is down', async () => {
    const { post, state } = createDoor();
    state.isStoreDown = true;
    expect((await post('/v1/eligibility-checks', check())).status).toBe(503);
  });
});

describe('checking again', () => {
  it('after each step of a clean-up: what is not answered anew stays', async () => {
    const { post, get, state } = createDoor();
    const otherPartner = { isConnected: 'yes', doneSteps: ['back-up'] };
    const first = checkOf(await post('/v1/eligibility-checks', check({ otherPartner })));
    expect(first).toMatchObject({ verdict: 'no', comeBackAt: null });
    expect(reasonOf(first, 'other-partner')?.steps).toMatchObject([{ isDone: true }, {}, {}, {}, {}]);

    const disconnectedAt = new Date(state.nowMs).toISOString();
    const left = { otherPartner: { isConnected: 'no', doneSteps: ['back-up', 'disconnect'], disconnectedAt } };
    const second = await post(first.links.reCheck, left);
    expect(second.status).toBe(200);
    expect(second.json).toMatchObject({ verdict: 'no', comeBackAt: new Date(NOW_MS + 900_000).toISOString() });

    state.nowMs += 900_000;
    expect((await post(first.links.reCheck, {})).json.verdict).toBe('likely');
    expect((await get(first.links.self)).json).toMatchObject({
      verdict: 'likely',
      createdAt: new Date(NOW_MS).toISOString(),
      checkedAt: new Date(NOW_MS + 900_000).toISOString(),
    });
  });

  it('a foreign check and an unknown one answer the same 404', async () => {
    const { post, get } = createDoor();
    const { links } = checkOf(await post('/v1/eligibility-checks', check()));
    const foreign = { authorization: `Bearer ${OTHER_KEY}` };
    const answers = [
      await get(links.self, foreign),
      await get('/v1/eligibility-checks/chk_none'),
      await post(links.reCheck, {}, foreign),
      await post('/v1/eligibility-checks/chk_none/re-check', {}),
    ];
    for (const { status, json } of answers) expect([status, json.code]).toEqual([404, 'CHECK_UNKNOWN']);
  });
});
