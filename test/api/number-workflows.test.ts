import {
  ServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type Client,
} from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { createNumberWorkflows } from '../../src/api/number-workflows.ts';
import type { CommandAnswer, CommandEnvelope } from '../../src/domain/commands.ts';
import type { FactEnvelope } from '../../src/domain/facts.ts';
import { freshSnapshot } from '../../src/domain/fresh-snapshot.ts';
import { numberId } from '../../src/domain/ids.ts';
import { NOW_MS, TENANT } from './door.ts';

const ID = numberId('num_1');
const SNAPSHOT = freshSnapshot({
  numberId: ID,
  tenantId: TENANT,
  nowMs: NOW_MS,
  imports: { contacts: true, history: true },
});
const FACT: FactEnvelope = { factId: 'f', occurredAtMs: NOW_MS, fact: { kind: 'historyDeclined' } };
const COMMAND: CommandEnvelope = { commandId: 'key-1', by: 'tenant', command: { kind: 'requestDisconnect' } };
const ACCEPTED: CommandAnswer = { outcome: 'accepted', failure: null, atMs: null };

const grpc = (code: number) =>
  new ServiceError('refused', { cause: Object.assign(new Error('grpc'), { code, details: '', metadata: {} }) });
const NOT_FOUND = new WorkflowNotFoundError('not found', 'number/num_1', undefined);

/** A client of which only what is used exists; each call meets the next failure, or succeeds. */
function engineWith(failures: Error[], status = 'RUNNING') {
  const calls: unknown[][] = [];
  const called = async <Result>(call: unknown[], answer: Result): Promise<Result> => {
    calls.push(call);
    const failure = failures.shift();
    if (failure) throw failure;
    return answer;
  };
  const handle = (workflowId: string) => ({
    signal: (name: { name: string }, envelope: unknown) =>
      called(['signal', workflowId, name.name, envelope], undefined),
    executeUpdate: (name: { name: string }, options: unknown) =>
      called(['update', workflowId, name.name, options], ACCEPTED),
    describe: () => called(['describe', workflowId], { status: { name: status } }),
  });
  const client = {
    withDeadline: (_deadline: number, call: () => Promise<unknown>) => call(),
    workflow: {
      getHandle: handle,
      start: (type: string, options: unknown) => called(['start', type, options], undefined),
    },
  };
  // The calls above are all that the gateway makes.
  return { workflows: createNumberWorkflows(client as unknown as Client), calls };
}

describe('the gateway to the workflows', () => {
  it('starts a number under its own id, or finds it running', async () => {
    const { workflows, calls } = engineWith([]);
    expect(await workflows.start(SNAPSHOT)).toBe('started');
    expect(calls).toMatchObject([
      [
        'start',
        'numberLifecycle',
        {
          workflowId: 'number/num_1',
          taskQueue: 'tandem',
          args: [SNAPSHOT],
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          memo: { numberId: ID, tenantId: TENANT },
        },
      ],
    ]);
  });

  it('signals a fact and asks a command under its id', async () => {
    const { workflows, calls } = engineWith([]);
    expect(await workflows.postFact(ID, FACT)).toBe('posted');
    expect(await workflows.ask(ID, COMMAND)).toEqual({ kind: 'answered', answer: ACCEPTED });
    expect(calls).toEqual([
      ['signal', 'number/num_1', 'fact', FACT],
      ['update', 'number/num_1', 'requestDisconnect', { args: [COMMAND], updateId: 'key-1' }],
    ]);
  });

  it('says absent where there is no run, and unavailable for every other fault', async () => {
    const { workflows } = engineWith([NOT_FOUND, grpc(14), NOT_FOUND, grpc(14), grpc(14)]);
    expect(await workflows.postFact(ID, FACT)).toBe('absent');
    expect(await workflows.postFact(ID, FACT)).toBe('unavailable');
    expect(await workflows.ask(ID, COMMAND)).toEqual({ kind: 'absent' });
    expect(await workflows.ask(ID, COMMAND)).toEqual({ kind: 'unavailable' });
    expect(await workflows.start(SNAPSHOT)).toBe('unavailable');
  });

  it('repeats an update that met a run on its way to the next, with the same id', async () => {
    const { workflows, calls } = engineWith([grpc(9), grpc(8)]);
    expect((await workflows.ask(ID, COMMAND)).kind).toBe('answered');
    expect(calls).toHaveLength(3);
    expect(new Set(calls.map((call) => JSON.stringify(call))).size).toBe(1);
  });

  it('says pending where the bound passed without an answer, unless nobody was there to ask', async () => {
    const late = () => new WorkflowUpdateRPCTimeoutOrCancelledError('late');
    expect(await engineWith([late()]).workflows.ask(ID, COMMAND)).toEqual({ kind: 'pending' });
    expect(await engineWith([late(), grpc(14)]).workflows.ask(ID, COMMAND)).toEqual({ kind: 'unavailable' });
  });

  it('knows whether a number has a run', async () => {
    expect(await engineWith([]).workflows.isRunning(ID)).toBe('yes');
    expect(await engineWith([], 'TERMINATED').workflows.isRunning(ID)).toBe('no');
    expect(await engineWith([NOT_FOUND]).workflows.isRunning(ID)).toBe('no');
    expect(await engineWith([grpc(14)]).workflows.isRunning(ID)).toBe('unavailable');
  });
});
