/** Holds the table of other systems' cases and mistakes against the tests that are named by their numbers. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from './tool.ts';

const OWN = 'test/architecture/cases.test.ts';
const COUNTS = { case: 58, mistake: 14 } as const;
type Kind = keyof typeof COUNTS;
const HEADINGS: Record<Kind, string> = { case: 'Cases of other systems', mistake: 'Mistakes of other systems' };

interface Row {
  number: number;
  files: readonly string[];
  /** What is not shown, and why. */
  reason: string;
}

/** The numbers that stand inside quotes, in a title or in a row of titles; comments and labels of a switch name none. */
function numbersIn(text: string, kind: Kind): number[] {
  const lines = text.split('\n').filter((line) => !/^\s*(?:\*|\/\*|\/\/)/.test(line));
  const quoted = lines.filter((line) => new RegExp(`['"\`].*\\b${kind} \\d`).test(line));
  return [...quoted.join('\n').matchAll(new RegExp(`\\b${kind} (\\d+)`, 'g'))].map(([, number]) => Number(number));
}

function testFiles(): string[] {
  const files = readdirSync(join(ROOT, 'test'), { recursive: true }).map((file) => `test/${String(file)}`);
  return files.filter((file) => file.endsWith('.test.ts') && file !== OWN).toSorted();
}

function filesNaming(kind: Kind): Map<number, string[]> {
  const naming = new Map<number, string[]>();
  for (const file of testFiles()) {
    for (const number of new Set(numbersIn(readFileSync(join(ROOT, file), 'utf8'), kind))) {
      naming.set(number, [...(naming.get(number) ?? []), file]);
    }
  }
  return naming;
}

/** The rows of the table below a heading: number, what it says, files in backticks, reason. */
function rowsOf(document: string, heading: string): Row[] {
  const [, below = ''] = document.split(`\n## ${heading}\n`);
  const [section = ''] = below.split('\n## ');
  return section.split('\n').flatMap((line) => {
    const [, number = '', , files = '', reason = ''] = line.split('|').map((cell) => cell.trim());
    if (!/^\d+$/.test(number)) return [];
    return [{ number: Number(number), files: [...files.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file), reason }];
  });
}

const coverage = readFileSync(join(ROOT, 'docs/coverage.md'), 'utf8');

describe.each(['case', 'mistake'] as const)('each %s of other systems', (kind) => {
  const rows = rowsOf(coverage, HEADINGS[kind]);
  const naming = filesNaming(kind);
  const numbers = Array.from({ length: COUNTS[kind] }, (_none, index) => index + 1);

  it('has one row in the table, in its order', () => {
    expect(rows.map(({ number }) => number)).toEqual(numbers);
  });

  it('is shown by a test that is named by it, or the table says why not', () => {
    const bare = rows.filter(({ files, reason }) => files.length === 0 && reason === '');
    expect(bare.map(({ number }) => number)).toEqual([]);
  });

  it('names exactly the files with such a test', () => {
    const said = rows.map(({ number, files }) => [number, files.toSorted()]);
    expect(said).toEqual(numbers.map((number) => [number, naming.get(number) ?? []]));
    for (const { files } of rows) expect(files.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
  });

  it('has a number that the list knows', () => {
    expect([...naming.keys()].filter((number) => !numbers.includes(number))).toEqual([]);
  });
});

describe('reading tests and table', () => {
  it('sees titles and rows of titles, and neither comments nor labels', () => {
    const text = [
      "it('case 7, mistake 3: stops')",
      "  ['case 6: new', 1],",
      '/** case 8 */',
      ' * case 9',
      '  case 10:',
    ];
    expect(numbersIn(text.join('\n'), 'case')).toEqual([7, 6]);
    expect(numbersIn(text.join('\n'), 'mistake')).toEqual([3]);
  });

  it('sees a row that has neither test nor reason', () => {
    const text =
      '\n## Here\n\n| case | what | shown | why |\n| --- | --- | --- | --- |\n| 1 | it | `a`, `b` |  |\n| 2 | it |  |  |\n## There\n| 3 |';
    expect(rowsOf(text, 'Here')).toEqual([
      { number: 1, files: ['a', 'b'], reason: '' },
      { number: 2, files: [], reason: '' },
    ]);
  });
});
