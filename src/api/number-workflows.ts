/** The numbers' workflows behind Temporal's client: every call is bounded, and what could not be reached is a value. */
import {
  isGrpcServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type Client,
} from '@temporalio/client';
import type { CommandAnswer, CommandEnvelope } from '../domain/commands.ts';
import { headlineOf, needsAttention } from '../domain/headline.ts';
import { workflowIdOf, type NumberId } from '../domain/ids.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { commands, fact, NUMBER_LIFECYCLE, TASK_QUEUE } from '../workflows/messages.ts';
import type { NumberWorkflows } from './ports.ts';

/** The part of Temporal's client that is used. */
type Engine = Pick<Client, 'workflow' | 'withDeadline'>;
type Asked = Awaited<ReturnType<NumberWorkflows['ask']>>;

const CALL_BOUND_MS = 5_000;
/** For the look that tells a busy engine from one that is down. */
const REACH_BOUND_MS = 500;
const READY_BOUND_MS = 1_500;
/** Between two tries of an update that met a run on its way to the next one. */
const AGAIN_AFTER_MS = 100;
/** gRPC status codes: FAILED_PRECONDITION and RESOURCE_EXHAUSTED, the carrier of BUSY_WORKFLOW. */
const CODES_TO_REPEAT: readonly number[] = [9, 8];

export function createNumberWorkflows(client: Engine): NumberWorkflows {
  return {
    start: (snapshot) => start(client, snapshot),
    postFact: (id, envelope) =>
      reached(client, async () => {
        await client.workflow.getHandle(workflowIdOf(id)).signal(fact, envelope);
        return 'posted' as const;
      }),
    ask: (id, command) => ask(client, id, command),
    isRunning: (id) => isRunning(client, id, CALL_BOUND_MS),
  };
}

async function isRunning(client: Engine, id: NumberId, boundMs: number): Promise<'yes' | 'no' | 'unavailable'> {
  const look = async (): Promise<'yes' | 'no'> => {
    const { status } = await client.workflow.getHandle(workflowIdOf(id)).describe();
    return status.name === 'RUNNING' || status.name === 'PAUSED' ? 'yes' : 'no';
  };
  const running = await reached(client, look, boundMs);
  return running === 'absent' ? 'no' : running;
}

/** Answers whether Temporal takes requests now. */
export async function isEngineReady(client: Pick<Client, 'workflowService' | 'withDeadline'>): Promise<boolean> {
  try {
    await client.withDeadline(boundAtMs(READY_BOUND_MS), () => client.workflowService.getSystemInfo({}));
    return true;
  } catch {
    return false;
  }
}

/** NOTE: gRPC wants the machine's own time here; no decision hangs on it. */
function boundAtMs(boundMs = CALL_BOUND_MS): number {
  return Date.now() + boundMs;
}

/** Runs one call within its bound. Whatever fails without saying that the run is missing may be tried again later. */
async function reached<Result>(
  client: Engine,
  call: () => Promise<Result>,
  boundMs = CALL_BOUND_MS,
): Promise<Result | 'absent' | 'unavailable'> {
  try {
    return await client.withDeadline(boundAtMs(boundMs), call);
  } catch (error) {
    return error instanceof WorkflowNotFoundError ? 'absent' : 'unavailable';
  }
}

/** An existing run is used: starting twice is harmless. A number that had ended its run (terminated) gets a new one. */
async function start(client: Engine, snapshot: Snapshot): Promise<'started' | 'unavailable'> {
  const started = await reached(client, async () => {
    await client.workflow.start(NUMBER_LIFECYCLE, {
      workflowId: workflowIdOf(snapshot.numberId),
      taskQueue: TASK_QUEUE,
      args: [snapshot],
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      memo: { numberId: snapshot.numberId, tenantId: snapshot.tenantId },
      staticSummary: `Number ${snapshot.numberId}`,
      staticDetails: `The life of one WhatsApp number of tenant ${snapshot.tenantId}, from invitation to its end.`,
      typedSearchAttributes: [
        { key: { name: 'TandemState', type: 'KEYWORD' }, value: headlineOf(snapshot) },
        { key: { name: 'TandemTenant', type: 'KEYWORD' }, value: snapshot.tenantId },
        { key: { name: 'TandemReason', type: 'KEYWORD' }, value: reasonOf(snapshot) },
        { key: { name: 'TandemNeedsAttention', type: 'BOOL' }, value: needsAttention(snapshot) },
        { key: { name: 'TandemCycle', type: 'INT' }, value: snapshot.cycle },
      ],
    });
    return 'started' as const;
  });
  return started === 'absent' ? 'unavailable' : started;
}

/** The word that the workflow itself would write first; it puts right whatever differs. */
function reasonOf({ link, attempt }: Snapshot): string {
  if (link.state === 'gone' && link.end) return link.end.reason;
  return attempt.failure?.code ?? 'none';
}

/** Repeats with the same update id while the run is busy or on its way to the next one, all within one bound. */
async function ask(client: Engine, id: NumberId, command: CommandEnvelope): Promise<Asked> {
  const untilMs = boundAtMs();
  for (;;) {
    const asked = await askOnce(client, { id, command, untilMs });
    if (asked.kind === 'pending') return pendingIfReached(client, id);
    if (asked.kind !== 'busy') return asked;
    if (Date.now() + AGAIN_AFTER_MS >= untilMs) return { kind: 'pending' };
    await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
  }
}

/** A bound also passes where nobody is there to ask: that is no "under way". */
async function pendingIfReached(client: Engine, id: NumberId): Promise<Asked> {
  const running = await isRunning(client, id, REACH_BOUND_MS);
  return { kind: running === 'unavailable' ? 'unavailable' : 'pending' };
}

async function askOnce(
  client: Engine,
  { id, command, untilMs }: { id: NumberId; command: CommandEnvelope; untilMs: number },
): Promise<Asked | { kind: 'busy' }> {
  try {
    const handle = client.workflow.getHandle(workflowIdOf(id));
    const args: [CommandEnvelope] = [command];
    const answer = await client.withDeadline(untilMs, () =>
      handle.executeUpdate<CommandAnswer, [CommandEnvelope]>(commands[command.command.kind], {
        args,
        updateId: command.commandId,
      }),
    );
    return { kind: 'answered', answer };
  } catch (error) {
    return whyUnanswered(error);
  }
}

/** A bound that passed while the update may be on its way is `pending`: the caller asks again with the same id. */
function whyUnanswered(error: unknown): { kind: 'absent' | 'pending' | 'busy' | 'unavailable' } {
  if (error instanceof WorkflowNotFoundError) return { kind: 'absent' };
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return { kind: 'pending' };
  const code = grpcCodeOf(error);
  return { kind: code !== null && CODES_TO_REPEAT.includes(code) ? 'busy' : 'unavailable' };
}

function grpcCodeOf(error: unknown): number | null {
  const inner = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return isGrpcServiceError(inner) ? inner.code : null;
}
