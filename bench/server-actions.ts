/** The server's own `action` counter, read from its metrics port: what our count from the history is held against. */
import { setTimeout as pause } from 'node:timers/promises';

/** Its label `action_type`, in the words of `histories.ts`. Source: server 1.32.0, common/rpc/interceptor/telemetry.go. */
const KIND_OF: Readonly<Record<string, string>> = {
  grpc_StartWorkflowExecution: 'start',
  command_ContinueAsNewWorkflowExecution: 'continue-as-new',
  grpc_SignalWorkflowExecution: 'signal',
  'message_UpdateWorkflowExecution:Acceptance': 'update',
  command_StartTimer: 'timer',
  command_ScheduleActivityTask: 'activity',
  activity_retry: 'activity retry',
  command_UpsertWorkflowSearchAttributes: 'search attributes',
};

/** Asked for by the time machine alone: which deadline is next, and to move to it. The product sends neither. */
const OF_THE_TIME_MACHINE: readonly string[] = ['grpc_QueryWorkflow', 'grpc_UpdateWorkflowExecutionOptions'];

const SAMPLE = /^action\{(?<labels>[^}]*)\} (?<value>[\d.e+]+)$/gm;
/** Longer than the server takes to hand its counters over. */
const STEADY_MS = 1_500;
const STEADY_READS_MAX = 20;

/** By kind, since the server started. A kind that nobody knows is kept under the server's own name, so that it shows. */
export async function readServerActions(metricsUrl: string, namespace: string): Promise<Map<string, number>> {
  let last = await readOnce(metricsUrl, namespace);
  for (let reads = 0; reads < STEADY_READS_MAX; reads += 1) {
    await pause(STEADY_MS);
    const next = await readOnce(metricsUrl, namespace);
    if (JSON.stringify([...next]) === JSON.stringify([...last])) return next;
    last = next;
  }
  throw new Error('the action counter does not come to rest');
}

async function readOnce(metricsUrl: string, namespace: string): Promise<Map<string, number>> {
  const answer = await fetch(metricsUrl, { signal: AbortSignal.timeout(5_000) });
  const counted = new Map<string, number>();
  for (const { groups } of (await answer.text()).matchAll(SAMPLE)) {
    const { labels = '', value = '0' } = groups ?? {};
    const type = typeIn(labels, namespace);
    if (type === null || OF_THE_TIME_MACHINE.includes(type)) continue;
    const kind = KIND_OF[type] ?? type;
    counted.set(kind, (counted.get(kind) ?? 0) + Number(value));
  }
  return counted;
}

/** Null for another namespace. */
function typeIn(labels: string, namespace: string): string | null {
  if (!labels.includes(`namespace="${namespace}"`)) return null;
  return /action_type="([^"]*)"/.exec(labels)?.[1] ?? 'unknown';
}

/** What came to pass between two counts. */
export function difference(
  after: ReadonlyMap<string, number>,
  before: ReadonlyMap<string, number>,
): Map<string, number> {
  const grown = [...after].map(([kind, value]) => [kind, value - (before.get(kind) ?? 0)] as const);
  return new Map(grown.filter(([, by]) => by !== 0));
}

/** The kinds on which two counts differ, in words; empty: they agree. */
export function disagreements(ours: ReadonlyMap<string, number>, servers: ReadonlyMap<string, number>): string[] {
  const kinds = [...new Set([...ours.keys(), ...servers.keys()])];
  return kinds
    .filter((kind) => (ours.get(kind) ?? 0) !== (servers.get(kind) ?? 0))
    .map((kind) => `${kind}: ${ours.get(kind) ?? 0} in the history, ${servers.get(kind) ?? 0} by the server`);
}
