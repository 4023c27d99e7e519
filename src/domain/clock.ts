/**
 * The port through which everything outside a workflow learns the time.
 * Production passes the system's clock; `launch` passes one that a time machine can move.
 */
export interface Clock {
  /** Epoch milliseconds. */
  nowMs(): number;
}
