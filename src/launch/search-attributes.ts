/** The search attributes by which operators find numbers in Temporal, registered where the namespace lacks them. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Connection } from '@temporalio/client';
import { codeOf, GRPC } from './grpc-code.ts';
import { LaunchError } from './launch-error.ts';

/** `INDEXED_VALUE_TYPE_…` of temporal/api/enums/v1/common.proto. */
const INDEXED = { keyword: 2, int: 3, bool: 5, datetime: 6 } as const;

export const SEARCH_ATTRIBUTES: Readonly<Record<string, number>> = {
  TandemState: INDEXED.keyword,
  TandemTenant: INDEXED.keyword,
  TandemWaba: INDEXED.keyword,
  TandemReason: INDEXED.keyword,
  TandemNextDeadline: INDEXED.datetime,
  TandemNeedsAttention: INDEXED.bool,
  TandemCycle: INDEXED.int,
};

const USABLE_TIMEOUT_MS = 30_000;
const LOOK_AGAIN_MS = 50;

/** Harmless to repeat. Returns when queries and starts may use them. */
export async function registerSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const missing = Object.entries(SEARCH_ATTRIBUTES).filter(([name]) => customAttributes?.[name] === undefined);
  if (missing.length > 0) {
    const request = { namespace, searchAttributes: Object.fromEntries(missing) };
    await connection.operatorService.addSearchAttributes(request).catch((error: unknown) => {
      if (codeOf(error) !== GRPC.alreadyExists) throw error;
    });
  }
  await untilUsable(connection, namespace);
}

/** The server takes new attributes into its queries with a delay. */
async function untilUsable(connection: Connection, namespace: string): Promise<void> {
  const query = Object.keys(SEARCH_ATTRIBUTES)
    .map((name) => `${name} IS NOT NULL`)
    .join(' AND ');
  const limit = performance.now() + USABLE_TIMEOUT_MS;
  for (;;) {
    try {
      await connection.workflowService.countWorkflowExecutions({ namespace, query });
      return;
    } catch (error) {
      if (performance.now() > limit) throw unusable(namespace, error);
      await pause(LOOK_AGAIN_MS);
    }
  }
}

function unusable(namespace: string, cause: unknown): LaunchError {
  return new LaunchError(
    {
      cause: `Temporal does not take the search attributes of namespace ${namespace} into use: ${String(cause)}`,
      remedy: 'look whether the namespace has others of the same names and another type',
      next: `temporal operator search-attribute list --namespace ${namespace}`,
    },
    { cause },
  );
}
