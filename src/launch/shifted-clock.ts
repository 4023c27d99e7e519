/** The clock of a one-command run: the system's plus an offset that the time machine keeps in a file. */
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../domain/clock.ts';
import { writeFileAtomically } from './atomic-file.ts';

/** Reads the file at each call (some microseconds), so that all processes of a run jump together. */
export function shiftedClock(file: string): Clock {
  return { nowMs: () => Date.now() + readOffsetMs(file) };
}

/** Milliseconds by which the Clock is ahead; a missing file says 0. */
export function readOffsetMs(file: string): number {
  try {
    return offsetOf(JSON.parse(readFileSync(file, 'utf8')), file);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0;
    throw error;
  }
}

export function writeOffsetMs(file: string, offsetMs: number): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileAtomically(file, `${JSON.stringify({ offsetMs })}\n`);
}

function offsetOf(kept: unknown, file: string): number {
  if (typeof kept === 'object' && kept !== null && 'offsetMs' in kept && typeof kept.offsetMs === 'number')
    return kept.offsetMs;
  throw new Error(`${file} holds no offset`);
}
