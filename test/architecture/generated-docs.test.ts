/** The generated documents say what the code does. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { generatedDocs } from '../../src/cli/docs.ts';

test.each(generatedDocs())(
  '$file equals what the code generates (npm run docs:generate writes it)',
  ({ file, text }) => {
    expect(readFileSync(file, 'utf8')).toBe(text);
  },
);
