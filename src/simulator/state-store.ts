/** Keeps the state of the local Meta in memory and, given a path, in a file that is replaced as a whole after each change. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { emptyState, SimulatorState } from './state.ts';

export interface StateStore {
  readonly state: SimulatorState;
  /** Runs the change and stores the outcome, also when it throws: what was applied stays applied. */
  change<T>(apply: (state: SimulatorState) => T): T;
  reset(): void;
}

export function openStateStore(statePath: string | null): StateStore {
  let state = statePath === null ? emptyState() : readState(statePath);
  const save = (): void => {
    if (statePath !== null) replaceFile(statePath, JSON.stringify(state));
  };
  return {
    get state() {
      return state;
    },
    change(apply) {
      try {
        return apply(state);
      } finally {
        save();
      }
    },
    reset() {
      state = emptyState();
      save();
    },
  };
}

function readState(path: string): SimulatorState {
  const text = readIfPresent(path);
  if (text === null) return emptyState();
  const parsed = SimulatorState.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  throw new Error(`The local Meta's state in ${path} is of another version. Delete the file to start afresh.`);
}

function readIfPresent(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/** A rename within one folder is atomic: a reader sees the old file or the new one, never half of it. */
function replaceFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporaryPath = `${path}.${process.pid}.new`;
  writeFileSync(temporaryPath, text, { mode: 0o600 });
  renameSync(temporaryPath, path);
}
