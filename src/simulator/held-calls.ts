/** Graph calls whose answer waits until the control plane lets them go. Not stored: they end with their connections. */

export interface HeldCall {
  readonly call: string;
  readonly names: readonly string[];
  readonly isApplied: boolean;
}

export interface HeldCalls {
  /** Resolves when the call is let go; rejects when the local Meta closes. */
  hold(call: HeldCall): Promise<void>;
  /** Lets those go that the filter names, all without one; answers how many. */
  release(filter: { call?: string | undefined; subject?: string | undefined }): number;
  list(): readonly HeldCall[];
}

export function createHeldCalls(closing: AbortSignal): HeldCalls {
  const held = new Map<HeldCall, () => void>();
  return {
    hold: (call) =>
      new Promise((resolve, reject) => {
        held.set(call, resolve);
        closing.addEventListener('abort', () => reject(new Error('the local Meta closes')), { once: true });
      }),
    release({ call, subject }) {
      const named = [...held.keys()].filter(
        (row) => (call === undefined || row.call === call) && (subject === undefined || row.names.includes(subject)),
      );
      for (const row of named) {
        held.get(row)?.();
        held.delete(row);
      }
      return named.length;
    },
    list: () => [...held.keys()],
  };
}
