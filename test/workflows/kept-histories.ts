/** Keeps the histories of a story's number for the replay ring, when it is asked for: `npm run replay:refresh`. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';

/** Null: histories are left where they are. */
const folder = process.env['TANDEM_KEEP_HISTORIES'] ?? null;
export const areKept = folder !== null;

interface KeptEvent {
  readonly workflowExecutionContinuedAsNewEventAttributes?: { readonly newExecutionRunId: string };
  readonly activityTaskScheduledEventAttributes?: { readonly activityType: { readonly name: string }; input?: unknown };
}

/** A replay does not look at what an activity was given, and each record holds a whole snapshot: they are left out. */
function withoutRecords(events: readonly KeptEvent[]): KeptEvent[] {
  return events.map((event) => {
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled?.activityType.name !== 'recordTransition') return event;
    const { input: _snapshot, ...kept } = scheduled;
    return { ...event, activityTaskScheduledEventAttributes: kept };
  });
}

/** Names of this machine and its paths, of which a replay knows nothing. */
const OF_THE_MACHINE: readonly string[] = ['identity', 'stackTrace'];

function textOf(events: readonly KeptEvent[]): string {
  const kept = { events: withoutRecords(events) };
  return JSON.stringify(kept, (key, value: unknown) => (OF_THE_MACHINE.includes(key) ? undefined : value));
}

/** One file a run, oldest first. */
export async function keepHistories(client: Client, workflowId: string, story: string): Promise<void> {
  if (folder === null) return;
  await mkdir(folder, { recursive: true });
  const { raw } = await client.workflow.getHandle(workflowId).describe();
  let runId: string | undefined = raw.workflowExecutionInfo?.firstRunId ?? undefined;
  for (let run = 1; runId; run += 1) {
    const { events }: { events: KeptEvent[] } = JSON.parse(
      historyToJSON(await client.workflow.getHandle(workflowId, runId).fetchHistory()),
    );
    await writeFile(join(folder, `${story}-${run}.json`), `${textOf(events)}\n`);
    runId = events.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
  }
}
