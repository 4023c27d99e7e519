/** An operator cancels the run in the Temporal UI: in whatever phase the number is, it ends clean and recorded. */
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { expect, test } from 'vitest';
import { connectionOf, type Connection } from '../../src/domain/connection.ts';
import { probe } from './fake-activities.ts';
import { offboarded, removed } from './news.ts';
import { HOUR_MS, movesOf, useStage, type PlayedNumber } from './stage.ts';

const stage = useStage();
const UNDO = ['unsubscribeIfLast', 'releaseClaim', 'forgetCredential'];

function gateStaysShut(): never {
  throw ApplicationFailure.create({ type: 'NUMBER_NOT_ON_APP', message: 'the gate reads off-app' });
}

/** Brings a number into a phase. */
const REACH: Partial<Record<Connection, (number: PlayedNumber) => Promise<unknown>>> = {
  'awaiting-signup': (number) => number.settle(),
  connecting: async (number) => {
    await number.sendCode();
    await number.until('the gate is asked', () => number.fakes.ran.includes('readGate'));
    await number.moveTo(number.nowMs + 60_000);
  },
  connected: (number) => number.connect(),
  paused: async (number) => {
    await number.connect();
    await number.moveTo(number.nowMs + HOUR_MS);
    await number.send(offboarded);
    await number.settle();
  },
  disconnecting: async (number) => {
    await number.connect();
    await number.ask({ kind: 'requestDisconnect' });
    await number.settle();
  },
  disconnected: async (number) => {
    await number.connect();
    await number.moveTo(number.nowMs + HOUR_MS);
    await number.send(removed);
    await number.settle();
  },
};

test.each<[Connection, string[]]>([
  ['awaiting-signup', []],
  ['connecting', ['unsubscribeIfLast', 'releaseClaim', 'forgetCredential']],
  ['connected', ['unsubscribeIfLast', 'forgetCredential']],
  ['paused', ['unsubscribeIfLast', 'forgetCredential']],
  ['disconnecting', ['unsubscribeIfLast', 'forgetCredential']],
  ['disconnected', ['unsubscribeIfLast', 'forgetCredential']],
])('a run that is cancelled while %s does its clean-up, records it, and ends cancelled', async (phase, cleanUp) => {
  const isShut = phase === 'connecting';
  const shut = { readGate: gateStaysShut, probeNumber: async () => probe(0, { class: 'off-app' }) };
  const number = await stage.play({ over: isShut ? shut : {}, keptAs: `cancelled-while-${phase}` });
  await REACH[phase]?.(number);
  expect(connectionOf(await number.status())).toBe(phase);

  await number.handle.cancel();
  const end: unknown = await number.handle.result().catch((error: unknown) => error);
  expect(end).toBeInstanceOf(WorkflowFailedError);
  expect((end as WorkflowFailedError).cause).toBeInstanceOf(CancelledFailure);
  expect(number.fakes.ran.filter((name) => UNDO.includes(name))).toEqual(cleanUp);
  expect(movesOf(number.fakes).at(-1)).toBe('closed');
  expect(number.fakes.records.at(-1)?.snapshot).toMatchObject({ closed: 'cancelled', incompleteUndo: [] });
});
