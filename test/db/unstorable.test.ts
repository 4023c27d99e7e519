import Fastify from 'fastify';
import { expect, test } from 'vitest';
import { answerWithProblems } from '../../src/api/plugins/problems.ts';
import { checkId, tenantId } from '../../src/domain/ids.ts';
import { useDatabase } from './database.ts';

const bench = useDatabase();

test('text that Postgres cannot keep is the caller’s mistake, however the driver wraps it', async () => {
  const app = Fastify();
  answerWithProblems(app);
  app.get<{ Params: { id: string } }>('/:id', ({ params }) =>
    bench.stores.eligibility.read(tenantId('ten_a'), checkId(params.id)),
  );
  const [refused, unknown] = [await app.inject('/chk_%00'), await app.inject('/chk_none')];
  expect([refused.statusCode, refused.json<{ code: string }>().code]).toEqual([400, 'REQUEST_INVALID']);
  expect([unknown.statusCode, unknown.body]).toEqual([200, 'null']);
});
