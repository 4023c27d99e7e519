/** Every failure reaches all its readers: from Meta's wire to engine, caller, story and page. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../src/activities/failures.ts';
import { problemSchema, problemDocument, Problem } from '../../src/api/problem.ts';
import { generatedDocs } from '../../src/cli/docs.ts';
import { failAttempt } from '../../src/domain/attempt.ts';
import { DIALOG_FAILURES } from '../../src/domain/dialog-failures.ts';
import { FAILURES, retriesByItself, type Failure, type FailureCode } from '../../src/domain/failures.ts';
import { takeFact } from '../../src/domain/react.ts';
import { sentenceOf } from '../../src/domain/timeline.ts';
import { failureOfDialog } from '../../src/meta/dialog-errors.ts';
import { errorOfAnswer } from '../../src/meta/graph-errors.ts';
import { readSignupMessage } from '../../src/meta/signup-result.ts';
import { envelope, invited, RUN, T0 } from '../domain/builders.ts';
import { ROOT } from './tool.ts';

const codes = Object.keys(FAILURES) as FailureCode[];
const ROWS: readonly [FailureCode, Failure][] = codes.map((code) => [code, FAILURES[code]]);
const page = generatedDocs().find(({ file }) => file === 'docs/remedies.md')?.text ?? '';
const written = readFileSync(join(ROOT, 'docs/remedies.md'), 'utf8');

/** The part of the page under the heading of a code. */
function sectionOf(text: string, code: FailureCode): string {
  const [, section = ''] = text.split(`\n## ${code}\n`);
  return section.split('\n## ')[0] ?? '';
}

/** What a code of Meta's is read as, where it comes from: the dialog's message, or an answer of Graph. */
function readBack(code: FailureCode, metaCode: string): FailureCode {
  if (Object.hasOwn(DIALOG_FAILURES, code)) {
    const told = { type: 'WA_EMBEDDED_SIGNUP', event: 'CANCEL', data: { error_code: metaCode } };
    const read = readSignupMessage(told);
    return failureOfDialog(read.kind === 'error-reported' ? read.code : null);
  }
  const [main, subcode] = metaCode.split('/').map(Number);
  const error = { code: main, ...(subcode === undefined ? {} : { error_subcode: subcode }) };
  return errorOfAnswer({ call: 'readNumber', httpStatus: 400, body: { error }, usage: null }).failureCode;
}

describe('each failure', () => {
  it.each(ROWS)('%s is a failure type of the engine, with its own flag', (code) => {
    expect(failureOf(code, 'x')).toMatchObject({ type: code, nonRetryable: !retriesByItself(code) });
  });

  it.each(ROWS)('%s is a problem document with sentence and remedy', (code, { sentence, remedy, httpStatus }) => {
    const document = problemDocument(new Problem(code), '/v1/numbers/num_1');
    expect(problemSchema.parse(document)).toMatchObject({ code, detail: sentence, remedy, status: httpStatus });
  });

  it.each(codes)('%s is told in the story of a number that it strikes', (code) => {
    const told = failAttempt(invited(), { row: 'AT21', code }, T0).unsaid.map(sentenceOf);
    expect(told.at(-1)).toContain(code);
  });

  it.each(ROWS)('%s has its heading, sentence and steps in order in docs/remedies.md', (code, { sentence, remedy }) => {
    for (const text of [page, written]) {
      const section = sectionOf(text, code);
      expect(section).toContain(`> ${sentence}\n`);
      expect(section).toContain(remedy.map((step, index) => `${index + 1}. ${step}`).join('\n'));
    }
  });

  it.each(ROWS)("%s is what its codes of Meta's lead back to", (code, { metaCodes }) => {
    const numbered = metaCodes.filter((metaCode) => /^\d+(?:[/-]\d+)?$/.test(metaCode));
    const ends = numbered.flatMap((metaCode) => (metaCode.includes('-') ? metaCode.split('-') : [metaCode]));
    expect(ends.map((metaCode) => [metaCode, readBack(code, metaCode)])).toEqual(ends.map((each) => [each, code]));
  });
});

describe("each failure of Meta's dialog", () => {
  const dialogRows = ROWS.filter(([code]) => Object.hasOwn(DIALOG_FAILURES, code));

  it.each(dialogRows)('%s goes from the wire to the number, its story and its next date', (code, row) => {
    const [metaCode = ''] = row.metaCodes;
    const fact = {
      kind: 'signupErrorReported',
      attempt: 1,
      dialogRunId: RUN,
      failure: readBack(code, metaCode),
      metaCode,
      supportReference: '9c41',
    } as const;
    const next = takeFact(invited(), envelope(fact, T0, { cycle: 1 }), T0);
    expect(next.attempt.failure).toMatchObject({ code, metaCode, supportReference: '9c41' });
    expect(next.attempt.failure?.retryAtMs).toBe(row.waitMinutes === null ? null : T0 + row.waitMinutes * 60_000);
    expect(next.unsaid.map(sentenceOf).join('\n')).toContain(`${code} (${metaCode})`);
  });
});
