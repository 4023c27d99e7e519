/**
 * When a call to Temporal is tried again: as the SDK does, save for a run on its way to the next one, which is there in
 * milliseconds.
 */
import { defaultGrpcRetryOptions, makeGrpcRetryInterceptor, type ConnectionOptions } from '@temporalio/client';

/** The refusal of a signal or update while a run ends [tried with server 1.32.0]: it looks like a server that asks for a pause. */
const RUN_ENDS = 'workflow is closing';
const RUN_ENDS_FIRST_MS = 25;
const RUN_ENDS_MOST_MS = 200;
const GROWTH = 1.7; // the SDK's own

/** Its pause of 1.7 s at each end of a run would be a caller's and, in the dispatcher, that of all news behind it. */
export function engineRetry(): NonNullable<ConnectionOptions['interceptors']>[number] {
  const usual = defaultGrpcRetryOptions();
  return makeGrpcRetryInterceptor({
    ...usual,
    delayFunction: (attempt, status) =>
      status.details.includes(RUN_ENDS)
        ? Math.min(RUN_ENDS_MOST_MS, RUN_ENDS_FIRST_MS * GROWTH ** attempt)
        : usual.delayFunction(attempt, status),
  });
}
