/** Every failure reaches all its readers: from Meta's wire to engine, caller, story and page. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../src/activities/failures.ts';
import { DOOR_PROBLEMS, type DoorProblem } from '../../src/api/door-codes.ts';
import { problemSchema, problemDocument, Problem } from '../../src/api/problem.ts';
import { generatedDocs } from '../../src/cli/docs.ts';
import { DIALOG_FAILURES } from '../../src/domain/dialog-failures.ts';
import { FAILURES, retriesByItself, type Failure, type FailureCode } from '../../src/domain/failures.ts';
import { takeFact } from '../../src/domain/react.ts';
import { sentenceOf } from '../../src/domain/timeline.ts';
import { failureOfDialog } from '../../src/meta/dialog-errors.ts';
import { errorOfAnswer } from '../../src/meta/graph-errors.ts';
import { readSignupMessage } from '../../src/meta/signup-result.ts';
import { envelope, invited, RUN, T0 } from '../domain/builders.ts';
import { CODES_OF_SENDING, DIALOG_CODES, GRAPH_CODES } from './meta-codes.ts';
import { ROOT } from './tool.ts';

const codes = Object.keys(FAILURES) as FailureCode[];
const ROWS: readonly [FailureCode, Failure][] = codes.map((code) => [code, FAILURES[code]]);
const page = generatedDocs().find(({ file }) => file === 'docs/remedies.md')?.text ?? '';
const written = readFileSync(join(ROOT, 'docs/remedies.md'), 'utf8');

/** The part of the page under the heading of a code. */
function sectionOf(text: string, code: string): string {
  const [, section = ''] = text.split(`\n## ${code}\n`);
  return section.split('\n## ')[0] ?? '';
}

/** What the dialog's message leads to. */
function readDialog(metaCode: string): FailureCode {
  const told = { type: 'WA_EMBEDDED_SIGNUP', event: 'CANCEL', data: { error_code: metaCode } };
  const read = readSignupMessage(told);
  return failureOfDialog(read.kind === 'error-reported' ? read.code : null);
}

/** What an answer of Graph leads to. */
function readGraph(metaCode: string, httpStatus: number): FailureCode {
  const [code, subcode] = metaCode.split('/').map(Number);
  const error = { code, ...(subcode === undefined ? {} : { error_subcode: subcode }) };
  return errorOfAnswer({ call: 'readNumber', httpStatus, body: { error }, usage: null }).failureCode;
}

/** Meta's codes that the catalogue names for the dialog, or for Graph, ranges by their ends; entries in words aside. */
function catalogued(isOfDialog: boolean): string[] {
  const rows = ROWS.filter(([code]) => Object.hasOwn(DIALOG_FAILURES, code) === isOfDialog);
  const numbered = rows.flatMap(([, { metaCodes }]) => metaCodes.filter((each) => /^\d+(?:[/-]\d+)?$/.test(each)));
  return numbered.flatMap((each) => each.split('-')).toSorted();
}

describe('each failure', () => {
  it.each(ROWS)('%s is a failure type of the engine, with its own flag', (code) => {
    expect(failureOf(code, 'x')).toMatchObject({ type: code, nonRetryable: !retriesByItself(code) });
  });

  it.each(ROWS)('%s is a problem document with sentence and remedy', (code, { sentence, remedy, httpStatus }) => {
    const document = problemDocument(new Problem(code), '/v1/numbers/num_1');
    expect(problemSchema.parse(document)).toMatchObject({ code, detail: sentence, remedy, status: httpStatus });
  });

  it.each(ROWS)('%s has its heading, sentence and steps in order in docs/remedies.md', (code, { sentence, remedy }) => {
    for (const text of [page, written]) {
      const section = sectionOf(text, code);
      expect(section).toContain(`> ${sentence}\n`);
      expect(section).toContain(remedy.map((step, index) => `${index + 1}. ${step}`).join('\n'));
    }
  });
});

describe('each code that the HTTP door alone knows', () => {
  it.each(Object.entries<DoorProblem>(DOOR_PROBLEMS))(
    '%s has its heading, sentence, steps and status in docs/remedies.md',
    (code, { sentence, remedy, status }) => {
      for (const text of [page, written]) {
        const section = sectionOf(text, code);
        expect(section).toContain(`> ${sentence}\n`);
        expect(section).toContain(remedy.map((step, index) => `${index + 1}. ${step}`).join('\n'));
        expect(section).toContain(`- HTTP status: ${status}\n`);
      }
    },
  );
});

describe("Meta's table of the dialog's errors", () => {
  const rows = DIALOG_CODES.flatMap(([code, metaCodes]) => metaCodes.map((metaCode) => [metaCode, code] as const));

  it.each(rows)('%s is %s', (metaCode, code) => {
    expect(readDialog(metaCode)).toBe(code);
  });

  it('is in the catalogue whole, and the catalogue has no other code', () => {
    expect(catalogued(true)).toEqual(rows.map(([metaCode]) => metaCode).toSorted());
  });
});

describe("Meta's table of Graph's errors", () => {
  const rows = GRAPH_CODES.flatMap(([code, httpStatus, metaCodes]) =>
    metaCodes.map((metaCode) => [metaCode, httpStatus, code] as const),
  );

  it.each(rows)('%s with HTTP %i is %s', (metaCode, httpStatus, code) => {
    expect(readGraph(metaCode, httpStatus)).toBe(code);
  });

  it('is in the catalogue whole, and the catalogue has no other code', () => {
    expect(catalogued(false)).toEqual(rows.map(([metaCode]) => metaCode).toSorted());
  });

  it.each(CODES_OF_SENDING)('%s, of a call that is never made, is read as unknown', (metaCode) => {
    expect(readGraph(metaCode, 400)).toBe('GRAPH_ERROR_UNKNOWN');
  });

  it('131045, of certificates, is a fault of Meta by its HTTP 500 alone', () => {
    expect(readGraph('131045', 500)).toBe('GRAPH_UNAVAILABLE');
  });
});

describe("each failure of Meta's dialog", () => {
  it.each(DIALOG_CODES)('%s goes from the wire to the number, its story and its next date', (code, [metaCode = '']) => {
    const row: Failure = FAILURES[code];
    const fact = {
      kind: 'signupErrorReported',
      attempt: 1,
      dialogRunId: RUN,
      failure: readDialog(metaCode),
      metaCode,
      supportReference: '9c41',
    } as const;
    const next = takeFact(invited(), envelope(fact, T0, { cycle: 1 }), T0);
    expect(next.attempt.failure).toMatchObject({ code, metaCode, supportReference: '9c41' });
    expect(next.attempt.failure?.retryAtMs).toBe(row.waitMinutes === null ? null : T0 + row.waitMinutes * 60_000);
    expect(next.unsaid.map(sentenceOf).join('\n')).toContain(`${code} (${metaCode})`);
  });
});
