import Fastify from 'fastify';
import { expect, it } from 'vitest';
import { loggerOptions } from '../../src/logger.ts';

async function linesWritten(level: string): Promise<string> {
  const lines: string[] = [];
  const stream = { write: (line: string): void => void lines.push(line) };
  const app = Fastify({ logger: { ...loggerOptions({ level }), stream } });
  app.get('/connect/:token', (request) => {
    request.log.info(
      { accessToken: 'canary-1', signup: { code: 'canary-2' }, graph: { body: { access_token: 'canary-3' } } },
      'seen',
    );
    request.log.info({ code: 'HISTORY_DECLINED' }, 'a failure keeps its code');
    return {};
  });
  app.get('/webhooks/meta', () => ({}));
  await app.inject({ url: '/connect/canary-4?state=canary-5', headers: { authorization: 'Bearer canary-6' } });
  await app.inject('/webhooks/meta?hub.verify_token=canary-7');
  await app.close();
  return lines.join('');
}

it('no token, signup code, authorization or secret link reaches the log, and what is not secret does', async () => {
  const written = await linesWritten('info');
  expect(written).not.toContain('canary');
  expect(written).toContain('HISTORY_DECLINED');
  expect(written).toContain('/connect/[redacted]');
  expect(written).toContain('/webhooks/meta');
});

it('logs nothing below its level', async () => {
  expect(await linesWritten('error')).toBe('');
});
