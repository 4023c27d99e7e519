/** What owners do in a world, and what can be read back of it: dialogs, planned faults, calls at Meta, sentences. */
import { expect, vi } from 'vitest';
import { numberId, workflowIdOf } from '../../src/domain/ids.ts';
import type { World } from '../../src/launch/world.ts';

/** The part of a world in which people act. */
export type Town = Pick<World, 'backend' | 'meta' | 'nowMs'>;

export interface Owner {
  digits: string;
  id: string;
  wabaId: string;
  phoneNumberId: string;
}

/** An owner whose phone has nothing to import, invited. `phone` overrides how the local Meta makes it. */
export async function invite(world: Town, digits: string, phone: Record<string, unknown> = {}): Promise<Owner> {
  const empty = { contacts: 0, history: { chunks: 0, messages: 0 } };
  const { wabaId, phoneNumberId } = await world.meta.makePhone({ digits, ...empty, ...phone });
  const { id } = await world.backend.invite(`+${digits}`);
  return { digits, id, wabaId: String(wabaId), phoneNumberId: String(phoneNumberId) };
}

/** The owner goes through Meta's dialog; the browser hands over both parts. */
export async function finishDialog(world: Town, owner: Owner): Promise<void> {
  const sendCode = await untilCode(world, owner);
  await sendCode();
}

/** All but the code, without which nothing goes on: what is left is one request. The code lives 30 s. */
export async function untilCode(world: Town, owner: Owner): Promise<() => Promise<void>> {
  const { state } = await world.backend.openDialog(owner.id);
  const end = await world.meta.finishSignup(owner.digits);
  expect((await world.backend.sendResult(state, end.message)).status).toBe(202);
  return async () => expect((await world.backend.sendCode(state, end.code ?? '')).status).toBe(202);
}

/** Their dialogs end together, and nothing but the order of their codes tells them apart. */
export async function finishDialogs(world: Town, owners: readonly Owner[]): Promise<void> {
  const codes = await Promise.all(owners.map((owner) => untilCode(world, owner)));
  for (const sendCode of codes) await sendCode();
}

/** Connected, and the second of it is over: Meta dates its words in whole seconds, and news of that second is old. */
export async function connect(world: Town, owner: Owner): Promise<void> {
  await finishDialog(world, owner);
  await reaches(world, owner, { connection: 'connected' });
  await secondOver(world);
}

export async function secondOver({ nowMs }: Pick<Town, 'nowMs'>): Promise<void> {
  const secondOf = (ms: number): number => Math.floor(ms / 1000);
  const second = secondOf(nowMs());
  await eventually(async () => expect(secondOf(nowMs())).toBeGreaterThan(second));
}

/** Waits in real time, without moving the clock. */
export async function reaches(world: Town, owner: Owner, seen: object): Promise<void> {
  await eventually(async () => expect(await world.backend.readNumber(owner.id)).toMatchObject(seen));
}

/** Looks again until the assertion holds; its last complaint is the failure. */
export async function eventually(assertion: () => Promise<void>, timeout = 30_000): Promise<void> {
  await vi.waitFor(assertion, { timeout, interval: 50 });
}

/** How a call runs into trouble once: held before it is applied, applied but unheard, or another fault of the local Meta. */
export function holding(ms = 12_000) {
  return { kind: 'delay', ms };
}
export function unheard(ms = 12_000) {
  return { kind: 'delay-after', ms };
}

export async function planFault(
  world: Town,
  owner: Owner,
  { call, fault }: { call: string; fault: object },
): Promise<void> {
  await world.meta.post('faults', { call, subject: owner.wabaId, fault });
}

/** How often Meta was asked and how often it accepted. */
export async function callsOf(world: Town, owner: Owner, call: string): Promise<{ asked: number; accepted: number }> {
  const names = [owner.wabaId, owner.phoneNumberId];
  const rows = (await world.meta.readCalls()).filter((row) => row.call === call && names.includes(row.subject));
  const sum = (name: 'asked' | 'accepted'): number => rows.reduce((total, row) => total + row[name], 0);
  return { asked: sum('asked'), accepted: sum('accepted') };
}

/** Waits until the local Meta has been asked, and has applied the call where that is expected. */
export async function isAsked(
  world: Town,
  owner: Owner,
  { call, accepted }: { call: string; accepted: number },
): Promise<void> {
  await eventually(async () => expect(await callsOf(world, owner, call)).toEqual({ asked: 1, accepted }));
}

const A_TIME = /\d{4}-\d\d-\d\d \d\d:\d\dZ/g;
/** Meta's own notice comes at its own time. */
const NOT_OURS = 'Meta says that the account was shared with us.';

/** The sentences of the timeline with their times left out, so that two lives can be compared. */
export async function wordsOf(world: Town, owner: Owner): Promise<string[]> {
  const timeline = await world.backend.readTimeline(owner.id);
  return timeline.map(({ sentence }) => sentence.replaceAll(A_TIME, 'a time')).filter((words) => words !== NOT_OURS);
}

/** As a power cut, and the light comes back. `meanwhile` happens in the dark. */
export async function killWorker(world: World, meanwhile: () => Promise<unknown> = async () => {}): Promise<void> {
  await world.kill('worker', 'SIGKILL');
  await meanwhile();
  await world.start('worker');
}

/** Time moves on without a worker, and whatever falls due waits for one. Resolves once the number has something to do. */
export async function leaveInTheDark(world: World, owner: Owner, byMs: number): Promise<{ journey: Promise<void> }> {
  await world.kill('worker', 'SIGKILL');
  const journey = world.advance(byMs);
  const run = world.client.workflow.getHandle(workflowIdOf(numberId(owner.id)));
  await eventually(async () => expect((await run.describe()).raw.pendingWorkflowTask).toBeTruthy());
  return { journey };
}
