/** A namespace of its own on a Temporal server, so that worlds side by side share neither time nor task queue. */
import { setTimeout as pause } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { LaunchError } from './launch-error.ts';
import { registerSearchAttributes } from './search-attributes.ts';

const READY_TIMEOUT_MS = 30_000;
const LOOK_AGAIN_MS = 50;
/** Long enough for any test. */
const RETENTION_SECONDS = 86_400;

/** Returns when the namespace can be used, search attributes included. */
export async function createNamespace(address: string, namespace: string): Promise<void> {
  const connection = await Connection.connect({ address });
  try {
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: { seconds: RETENTION_SECONDS as never },
    });
    await untilKnown(connection, namespace);
    await registerSearchAttributes(connection, namespace);
  } finally {
    await connection.close();
  }
}

/** The frontend learns of a new namespace after a moment. */
async function untilKnown(connection: Connection, namespace: string): Promise<void> {
  const limit = performance.now() + READY_TIMEOUT_MS;
  for (;;) {
    const isKnown = await connection.workflowService.listWorkflowExecutions({ namespace, pageSize: 1 }).then(
      () => true,
      () => false,
    );
    if (isKnown) return;
    if (performance.now() > limit) {
      throw new LaunchError({
        cause: `the namespace ${namespace} did not come up`,
        remedy: 'look at the Temporal server',
        next: 'npm test',
      });
    }
    await pause(LOOK_AGAIN_MS);
  }
}
