import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readStatus } from '../../src/launch/read-status.ts';

const ID = 'number/num_asked';
const SNAPSHOT = { numberId: 'num_asked' };
const never = (): Promise<never> => new Promise(() => {});

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A client whose queries are answered one after the other, the last for all that follow; a deadline ends one as it does in gRPC. */
function clientOf(answers: (() => Promise<unknown>)[]) {
  const query = vi.fn(() => (answers.length > 1 ? answers.shift() : answers[0])?.());
  const withDeadline = <Answer>(atMs: number, call: () => Promise<Answer>): Promise<Answer> =>
    Promise.race([call(), new Promise<never>((_, reject) => setTimeout(() => reject(lost), atMs - Date.now()))]);
  const client = { withDeadline, workflow: { getHandle: () => ({ query }) } };
  return { client: client as unknown as Client, query };
}
const lost = new Error('deadline exceeded');

test('a query whose answer never comes is given up after four seconds and asked again', async () => {
  const { client, query } = clientOf([never, async () => SNAPSHOT]);
  const read = readStatus(client, ID);
  await vi.advanceTimersByTimeAsync(4_000);
  expect(query).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(20);
  expect(await read).toEqual(SNAPSHOT);
  expect(query).toHaveBeenCalledTimes(2);
});

test('when the bound is over it ends with what was said last', async () => {
  const { client } = clientOf([never]);
  const read = readStatus(client, ID, 6_000).then(
    () => 'answered',
    (error: unknown) => [error, Date.now()],
  );
  const beganMs = Date.now();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await read).toEqual([lost, beganMs + 6_000]);
});

test('a workflow that the server does not know is not asked for again', async () => {
  const unknown = new WorkflowNotFoundError('gone', ID, undefined);
  const { client, query } = clientOf([() => Promise.reject(unknown)]);
  await expect(readStatus(client, ID)).rejects.toBe(unknown);
  expect(query).toHaveBeenCalledTimes(1);
});
