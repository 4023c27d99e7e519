/** Whether a Temporal server moves the clocks of its workflows. */
import { randomUUID } from 'node:crypto';
import type { Connection } from '@temporalio/client';
import { msNumberToTs } from '@temporalio/common/lib/time.js';
import { codeOf, GRPC } from './grpc-code.ts';

/**
 * Found out by asking for a workflow that does not exist: a server that skips time looks for it and finds nothing; one that does
 * not says so before, and an older one ignores or refuses the field [tried with server 1.32.0, on and off].
 */
export async function skipsTime(connection: Connection, namespace: string): Promise<boolean> {
  try {
    await connection.workflowService.updateWorkflowExecutionOptions({
      namespace,
      workflowExecution: { workflowId: `no-such-workflow-${randomUUID()}` },
      workflowExecutionOptions: {
        timeSkippingConfig: { enabled: true, fastForwardConfig: { id: 'probe', duration: msNumberToTs(1_000) } },
      },
      updateMask: { paths: ['time_skipping_config'] },
    });
    return false;
  } catch (error) {
    return codeOf(error) === GRPC.notFound;
  }
}
