/** Looks once a second at every number that somebody watches, in one query, and tells of each change of its mark. */
import type { NumberId } from '../domain/ids.ts';
import type { ProgressMarks } from './signup-ports.ts';

interface Watcher {
  seen: string;
  onChange: (mark: string) => void;
}

export interface ProgressWatch {
  /** Tells of marks other than `seen` until the answer is called. */
  watch(id: NumberId, seen: string, onChange: (mark: string) => void): () => void;
}

/** A look that fails changes nothing: the next one tells. */
export function createProgressWatch(
  progress: ProgressMarks,
  { everyMs, onFailure }: { everyMs: number; onFailure: (error: unknown) => void },
): ProgressWatch {
  const watchers = new Map<NumberId, Set<Watcher>>();
  let isLooking = false;

  function arm(): void {
    if (isLooking) return;
    isLooking = true;
    setTimeout(() => void look(), everyMs).unref();
  }

  async function look(): Promise<void> {
    try {
      const marks = await progress.readMarks([...watchers.keys()]);
      for (const [id, mark] of marks) for (const watcher of watchers.get(id) ?? []) tell(watcher, mark);
    } catch (error) {
      onFailure(error);
    }
    isLooking = false;
    if (watchers.size > 0) arm();
  }

  return {
    watch: (id, seen, onChange) => {
      const watcher = { seen, onChange };
      const ofNumber = watchers.get(id) ?? new Set();
      watchers.set(id, ofNumber.add(watcher));
      arm();
      return () => {
        ofNumber.delete(watcher);
        if (ofNumber.size === 0 && watchers.get(id) === ofNumber) watchers.delete(id);
      };
    },
  };
}

function tell(watcher: Watcher, mark: string): void {
  if (watcher.seen === mark) return;
  watcher.seen = mark;
  watcher.onChange(mark);
}
