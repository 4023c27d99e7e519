/** Registering a number takes it away from the app on the phone: no way to do it may exist outside the local Meta. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from './tool.ts';

/** A segment of a path at Graph, in any kind of quotes. Words about registering in sentences are none. */
const REGISTER_PATH = /['"`/](?:de)?register['"`?/]/i;
/** A name that could carry such a call. */
const REGISTER_NAME = /\b(?:de)?register(?:Number|Phone|PhoneNumber)\b/i;

function sources(): string[] {
  return readdirSync(join(ROOT, 'src'), { recursive: true })
    .map((file) => `src/${String(file)}`)
    .filter((file) => file.endsWith('.ts') && !file.startsWith('src/simulator/'));
}

const linesOf = (text: string): string[] =>
  text.split('\n').filter((line) => REGISTER_PATH.test(line) || REGISTER_NAME.test(line));

describe('case 11, mistake 5: register is never called', () => {
  it('no source file but the local Meta names the path or a call of that name', () => {
    const found = sources().flatMap((file) =>
      linesOf(readFileSync(join(ROOT, file), 'utf8')).map((line) => `${file}: ${line.trim()}`),
    );
    expect(found).toEqual([]);
    expect(sources().length).toBeGreaterThan(150);
  });

  it('would be seen', () => {
    for (const line of [
      'path: `${phone}/register`,',
      "send({ path: 'register' })",
      'deregisterNumber(token)',
      'post(`/v25.0/${phone}/deregister?pin=1`)',
    ])
      expect([line, linesOf(line)]).toEqual([line, [line]]);
    expect(linesOf("sentence: 'This number is not registered with the app.',")).toEqual([]);
  });
});
