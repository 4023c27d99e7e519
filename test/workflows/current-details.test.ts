/** What the Temporal UI shows of an open run. */
import { expect, test } from 'vitest';
import { freshSnapshot } from '../../src/domain/fresh-snapshot.ts';
import { numberId, tenantId } from '../../src/domain/ids.ts';
import { ignore, say } from '../../src/domain/story.ts';
import { openTask } from '../../src/domain/tasks.ts';
import { detailsOf } from '../../src/workflows/current-details.ts';
import { partnerAddedAgain } from './news.ts';

const T0 = Date.UTC(2026, 10, 24, 9);

test('because is the last move, whatever was told beside it', () => {
  const of = { numberId: numberId('num_1'), tenantId: tenantId('ten_1'), nowMs: T0 };
  const fresh = freshSnapshot({ ...of, imports: { contacts: false, history: false } });
  const moved = say(fresh, 'attemptCooling', { row: 'AT34', atMs: T0, retryAtMs: T0, code: 'OTP_LIMITED' });
  const asked = openTask(moved, 'choose-number', { row: 'AT34', atMs: T0 });
  const after = ignore(asked, { factId: 'f', occurredAtMs: T0, fact: partnerAddedAgain }, { row: 'AT25', why: 's' });
  const [because] = detailsOf(after, null).match(/\*\*Because\*\* .*/) ?? [];
  expect(because).toBe('**Because** 2026-11-24 09:00Z The attempt rests until 2026-11-24 09:00Z (OTP_LIMITED).');
  expect(detailsOf(after, null)).toMatch(/- .* changed nothing: it answers a question/);
});

test('a run that older code began names its last sentence', () => {
  const of = { numberId: numberId('num_1'), tenantId: tenantId('ten_1'), nowMs: T0 };
  const { because: _because, ...older } = freshSnapshot({ ...of, imports: { contacts: false, history: false } });
  expect(detailsOf(older, null)).toContain('**Because** 2026-11-24 09:00Z Invited: cycle 1');
});
