import { describe, expect, it } from 'vitest';
import { createDoor } from './door.ts';
import { OPERATOR } from './fleet.ts';

const RULE = '/v1/operator/eligibility-rules/app-version';
const dated = { validFrom: '2026-11-01', source: 'a notice of Meta', checkedOn: '2026-11-24', operator: 'olga' };
const stricter = { ...dated, test: { kind: 'app-version', minimum: '2.27' } };

describe('an operator', () => {
  it('puts a new version of a rule in place, by which the next check is judged', async () => {
    const { put, post, get } = createDoor();
    const { status, json } = await put(`${RULE}/versions/2`, stricter, OPERATOR);
    expect(status).toBe(200);
    expect(json).toMatchObject({ id: 'app-version', version: 2, source: 'a notice of Meta', test: stricter.test });
    const { json: checked } = await post('/v1/eligibility-checks', { answers: { appVersion: '2.26' } });
    expect(checked).toMatchObject({ verdict: 'no' });
    const { text } = await get('/v1/operator/eligibility-rules', OPERATOR);
    expect(text).toContain('"minimum":"2.27"');
  });

  it('cannot write a version twice, nor make another rule of one', async () => {
    const { put } = createDoor();
    await put(`${RULE}/versions/2`, stricter, OPERATOR);
    const again = await put(`${RULE}/versions/2`, stricter, OPERATOR);
    expect([again.status, again.json.code]).toEqual([409, 'RULE_VERSION_KNOWN']);
    const misfit = await put(`${RULE}/versions/3`, { ...dated, test: { kind: 'fact' } }, OPERATOR);
    expect([misfit.status, misfit.json.code]).toEqual([400, 'REQUEST_INVALID']);
    const unknown = await put('/v1/operator/eligibility-rules/luck/versions/2', stricter, OPERATOR);
    expect([unknown.status, unknown.json.code]).toEqual([400, 'REQUEST_INVALID']);
  });

  it('is asked for: a backend may not', async () => {
    const { put, get } = createDoor();
    for (const answer of [await put(`${RULE}/versions/2`, stricter), await get('/v1/operator/eligibility-rules')])
      expect(answer.status).toBe(403);
  });
});
