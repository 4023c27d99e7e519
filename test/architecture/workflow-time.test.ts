/** A run decides by its kept timers' time alone (decision 0027). */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const WORKFLOWS = fileURLToPath(new URL('../../src/workflows', import.meta.url));

test('the workflow reads the time in one place', () => {
  const files = readdirSync(WORKFLOWS, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const readers = files.filter((name) => /Date\.now|new Date\(\)/.test(readFileSync(join(WORKFLOWS, name), 'utf8')));
  expect(readers).toEqual(['kept-timer.ts']);
});
