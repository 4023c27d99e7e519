/** The snapshot of a number, asked of its workflow: bounded, and asked again, for the server loses a query now and then (decision 0026). */
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { Snapshot } from '../domain/snapshot.ts';
import { status } from '../workflows/messages.ts';

/** More than the three seconds for which the server first asks a worker that has died; an answer that is lost never comes. */
const TRY_MS = 4_000;
const TRY_AGAIN_MS = 20;

/** Throws what was said last when `limitMs` is over, and at once for a workflow that the server does not know. */
export async function readStatus(client: Client, workflowId: string, limitMs = 10_000): Promise<Snapshot> {
  const limit = Date.now() + limitMs;
  for (;;) {
    const tryEnds = Math.min(limit, Date.now() + TRY_MS);
    try {
      return await client.withDeadline(tryEnds, () => client.workflow.getHandle(workflowId).query(status));
    } catch (error) {
      if (error instanceof WorkflowNotFoundError || Date.now() >= limit) throw error;
      await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS)); // or a new run has not had its first task yet
    }
  }
}
