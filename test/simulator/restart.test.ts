import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openStateStore } from '../../src/simulator/state-store.ts';
import { askForSync, DIGITS, NUMBER, setStage } from './stage.ts';
import { pick } from './pick.ts';
import type { Stage } from './stage.ts';

let folder: string;
let stage: Stage;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'local-meta-'));
  stage = await setStage(join(folder, 'deep', 'meta.json'));
});
afterEach(async () => {
  await stage.close();
  rmSync(folder, { recursive: true });
});

it('keeps connection, token, once-only rules, faults and queue over a restart', async () => {
  const token = await stage.onboard();
  await askForSync(stage, token, 'history');
  await stage.control('POST', '/faults', { call: 'readNumber', fault: { kind: 'error', status: 500, code: 1 } });
  const before = (await stage.control('GET', `/phones/${DIGITS}`)).body;
  await stage.restart();
  expect(pick(await stage.control('GET', `/phones/${DIGITS}`), 'body')).toEqual(before);
  expect((await stage.graph(`/${NUMBER}`, { token })).status).toBe(500);
  expect((await stage.graph(`/${NUMBER}`, { token })).status).toBe(200);
  expect(pick(await askForSync(stage, token, 'history'), 'body.error.code')).toBe(2593107);
  stage.clock.advance(20_000);
  await stage.until('the first chunk', () => stage.changes('history').length === 1);
  expect(readdirSync(join(folder, 'deep'))).toEqual(['meta.json']);
});

it('forgets everything on reset', async () => {
  await stage.onboard();
  await stage.control('POST', '/reset');
  expect(pick(await stage.control('GET', '/phones'), 'body')).toEqual({ phones: [] });
  await stage.restart();
  expect(pick(await stage.control('GET', '/calls'), 'body')).toEqual([]);
});

it('refuses a state of another version and says what to do', () => {
  const path = join(folder, 'old.json');
  writeFileSync(path, '{"version":0}');
  expect(() => openStateStore(path)).toThrow('Delete the file to start afresh.');
});
