/** How large the state of a number was wherever it went through Temporal: into a run, and into a record of a move. */
import type { Run } from './histories.ts';

interface Payload {
  readonly data?: string;
}

/** Bytes of the largest one as JSON; payloads of a bench run are not encrypted. */
export function largestSnapshotBytes(runs: readonly Run[]): number {
  return Math.max(0, ...runs.flat().flatMap((event) => inputsOf(event).map(snapshotBytes)));
}

function inputsOf(event: Run[number]): Payload[] {
  const attributes = [
    event['workflowExecutionStartedEventAttributes'],
    event['activityTaskScheduledEventAttributes'],
  ] as { input?: { payloads?: Payload[] } }[];
  return attributes.flatMap((one) => one?.input?.payloads ?? []);
}

function snapshotBytes({ data = '' }: Payload): number {
  const content: unknown = JSON.parse(Buffer.from(data, 'base64').toString('utf8'));
  if (typeof content !== 'object' || content === null) return 0;
  const snapshot = 'snapshot' in content ? content.snapshot : content;
  const isSnapshot = typeof snapshot === 'object' && snapshot !== null && 'factIds' in snapshot;
  return isSnapshot ? Buffer.byteLength(JSON.stringify(snapshot)) : 0;
}
