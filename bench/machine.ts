/** What a run was measured on, in words that name no machine. */
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import type { Client } from '@temporalio/client';

const NUMBER_WORDS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'];

export async function measuredOn(client: Client): Promise<(readonly [string, string])[]> {
  const { serverVersion } = await client.workflowService.getSystemInfo({});
  const cores = availableParallelism();
  const manifest: { version: string } = createRequire(import.meta.url)('@temporalio/client/package.json');
  return [
    ['date', new Date().toISOString().slice(0, 10)],
    ['machine', `${NUMBER_WORDS[cores] ?? cores} virtual cores`],
    ['Node', process.versions.node],
    ['Temporal server', serverVersion ?? 'unknown'],
    ['Temporal SDK', manifest.version],
  ];
}
