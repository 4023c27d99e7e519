import { describe, expect, it } from 'vitest';
import { RETRIES } from '../../src/domain/failure-row.ts';
import { FAILURES, isFailureCode, retriesByItself, type Failure, type FailureCode } from '../../src/domain/failures.ts';

const ROWS: readonly [FailureCode, Failure][] = (Object.keys(FAILURES) as FailureCode[]).map((code) => [
  code,
  FAILURES[code],
]);

describe('the catalogue of failures', () => {
  it.each(ROWS)('%s has a sentence, a remedy, a retry, a status and a source', (code, row) => {
    expect(code).toMatch(/^[A-Z]+(_[A-Z]+)+$/);
    expect(row.sentence).toMatch(/^[A-Z].*\.$/);
    expect(row.remedy.length).toBeGreaterThan(0);
    for (const step of row.remedy) expect(step).toMatch(/^[A-Z].+\.$/);
    expect(RETRIES).toContain(row.retry);
    expect(row.source.length).toBeGreaterThan(0);
    expect(row.httpStatus).toBeGreaterThanOrEqual(400);
  });

  it.each(ROWS)('%s asks for a wait only where a wait can help', (_code, { retry, waitMinutes }) => {
    if (retry === 'after-wait') expect(waitMinutes).toBeGreaterThan(0);
    if (retry === 'never' || retry === 'after-our-fix') expect(waitMinutes).toBeNull();
  });

  it.each(ROWS)('%s doubles its wait only where it has one, and up to a longer one', (_code, row) => {
    if (row.waitMaxMinutes !== null) expect(row.waitMaxMinutes).toBeGreaterThan(row.waitMinutes ?? Infinity);
  });

  it('marks what Meta said and we do not know as a hint, and nothing else', () => {
    const hints = ROWS.filter(([, { isHint }]) => isHint).map(([code]) => code);
    expect(hints).toEqual(['SIGNUP_ERROR_UNKNOWN', 'GRAPH_ERROR_UNKNOWN']);
  });

  it("names each of Meta's codes once, with its source", () => {
    const codes = ROWS.flatMap(([, row]) => row.metaCodes);
    expect(new Set(codes).size).toBe(codes.length);
    for (const [code, row] of ROWS)
      if (row.metaCodes.length > 0) expect(row.source, code).toMatch(/^Meta: .*checked 2026-11$/);
  });

  it('no row of one file hides a row of another', () => {
    expect(ROWS.length).toBe(new Set(ROWS.map(([code]) => code)).size);
    expect(ROWS.length).toBeGreaterThan(50);
  });

  it('knows its own codes and no other word', () => {
    expect(isFailureCode('CONNECTION_TIMED_OUT')).toBe(true);
    for (const text of ['connection_timed_out', 'toString', '', 'ApplicationFailure'])
      expect(isFailureCode(text)).toBe(false);
  });

  it('promises an invitation of nothing about which the rules still decide', () => {
    const lookedAt = ROWS.filter(([, { isLookedAtAgain }]) => isLookedAtAgain);
    expect(lookedAt.map(([code]) => code)).toContain('NUMBER_NOT_ACTIVE_ENOUGH');
    for (const [code, { sentence, remedy }] of lookedAt) {
      expect([sentence, ...remedy].join(' '), code).not.toMatch(/by itself|we invite you again|our invitation/);
      expect(remedy.join(' '), code).toContain('if they allow it');
    }
  });

  it('tells an operator what to mend, and which task then opens the invitation again', () => {
    const ours = ROWS.filter(([, { retry }]) => retry === 'after-our-fix');
    for (const [code, { remedy }] of ours) expect(remedy.join(' '), code).toContain('Operator: ');
    const task = { SIGNUP_MODE_DRIFTED: 'op-mode-drift', COMPENSATION_INCOMPLETE: 'op-undo' } as Record<string, string>;
    const attempts = ours.filter(([code]) => code !== 'PROVIDER_NOT_READY'); // nothing was begun that could wait
    for (const [code, { remedy }] of attempts)
      expect(remedy.at(-1), code).toContain(`complete the task ${task[code] ?? 'op-config'}`);
  });

  it('promises no message and no repair: we send none, and what failed is undone', () => {
    for (const [code, { sentence, remedy }] of ROWS)
      expect([sentence, ...remedy].join(' '), code).not.toMatch(/our message|we tell you|invite you|repairing/i);
  });

  it('repeats by itself what is automatic, and nothing else', () => {
    for (const [code, { retry }] of ROWS) expect(retriesByItself(code)).toBe(retry === 'automatic');
    expect(retriesByItself('GRAPH_UNAVAILABLE')).toBe(true);
    expect(retriesByItself('SIGNUP_CODE_EXPIRED')).toBe(false);
  });
});
