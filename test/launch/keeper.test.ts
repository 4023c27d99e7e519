import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startKeeper } from '../../src/launch/keeper.ts';
import { identityOf, isAlive } from '../../src/launch/process-identity.ts';
import { closedFolder, startParent } from './fixtures.ts';

test('children die when their parent is killed, a forgotten one lives on', async () => {
  const { process: parent, said } = await startParent('family', closedFolder());
  const { keeper, child, forgotten } = said as { keeper: number; child: number; forgotten: number };
  onTestFinished(() => void process.kill(forgotten, 'SIGKILL'));
  expect([keeper, child, forgotten].map(isAlive)).toEqual([true, true, true]);

  parent.kill('SIGKILL');

  await vi.waitFor(() => expect([keeper, child].map(isAlive)).toEqual([false, false]), { timeout: 8_000 });
  expect(isAlive(forgotten)).toBe(true);
});

test('the keeper does not hear Ctrl-C, and does its work after it', async () => {
  const keeper = await startKeeper();
  process.kill(keeper.pid, 'SIGINT');
  const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  keeper.watch(child.pid ?? 0);

  await keeper.stop();

  expect(isAlive(child.pid ?? 0)).toBe(false);
});

test('stopping the keeper ends who is watched, and removes what is worth nothing without them', async () => {
  const keeper = await startKeeper();
  const folder = closedFolder();
  const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
  keeper.watch(child.pid ?? 0, { removeAfter: folder });

  await keeper.stop();

  expect(isAlive(child.pid ?? 0)).toBe(false);
  expect(existsSync(folder)).toBe(false);
});

test('a pid has the same identity as long as the process lives, and none after it', async () => {
  expect(identityOf(process.pid)).toBe(identityOf(process.pid));
  const child = spawn('true', { stdio: 'ignore' });
  await new Promise((resolve) => child.once('exit', resolve));
  expect(identityOf(child.pid ?? 0)).toBeNull();
});
