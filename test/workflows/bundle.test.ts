/** What a worker loads and what a run carries: small code without parsers and drivers, and a state that is plain JSON. */
import { readFileSync } from 'node:fs';
import { expect, inject, test } from 'vitest';
import { offboarded } from './news.ts';
import { HOUR_MS, useStage } from './stage.ts';

const stage = useStage();
/** Without comments, which cost nothing while it runs: 656 measured; zod alone would add some 450. */
const BUNDLE_KB_MAX = 750;

/** Without comments; the source map lies in one at the bundle's end. */
function codeOf(bundle: string): string {
  return readFileSync(bundle, 'utf8')
    .replace(/\n\/\/# sourceMappingURL=.*/g, '')
    .replace(/\/\*[^]*?\*\//g, '');
}

test('the workflow bundle is small, and holds neither zod nor drizzle', () => {
  const code = codeOf(inject('workflowBundle'));
  expect(Buffer.byteLength(code) / 1024).toBeLessThan(BUNDLE_KB_MAX);
  expect(code).toContain('numberLifecycle');
  expect(code).not.toMatch(/node_modules\/(zod|drizzle-orm|postgres)\//);
});

test('a snapshot is plain JSON: a run that starts from its text goes on as the one before', async () => {
  const number = await stage.play({ imports: { contacts: true, history: true } });
  await number.connect();
  await number.moveTo(number.nowMs + HOUR_MS);
  await number.send(offboarded);
  await number.settle();
  const saved = number.fakes.records.at(-1)?.snapshot;
  if (!saved) throw new Error('nothing was recorded');
  const restored = JSON.parse(JSON.stringify(saved));
  expect(restored).toStrictEqual(saved);

  const again = await stage.play({ saved: restored });
  await again.settle();
  const { numberId: _new, ...state } = await again.status();
  const { numberId: _old, ...before } = restored;
  expect(state).toEqual(before);
});
