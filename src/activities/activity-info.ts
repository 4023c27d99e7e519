/** What an activity may know of its own run: the scheduled time, which moves with the workflow's clock, its run and its attempt. */
import type { Info } from '@temporalio/activity';

export type ActivityInfo = Pick<Info, 'currentAttemptScheduledTimestampMs' | 'workflowExecution' | 'attempt'>;
export type ReadInfo = () => ActivityInfo;

/** Epoch ms. Never the wall clock: the server may have skipped time. */
export function scheduledAtMs(readInfo: ReadInfo): number {
  return readInfo().currentAttemptScheduledTimestampMs;
}
