/** Takes Meta's webhooks: the signature first, then stored, then 200; what they mean is read later. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { challengeOf, isSignedBy } from '../../meta/webhook-signature.ts';
import { isTouchOnly, parseBody, readNews } from '../../meta/webhook-facts.ts';
import type { NewsItem } from '../../domain/news.ts';
import type { AppDeps } from '../app-deps.ts';
import { Problem } from '../problem.ts';

/** Meta sends up to 3 MB. Source: M9. */
const BODY_BYTES_MAX = 3.5 * 1024 * 1024;
/** Above it a delivery is stored as it is and taken apart later, so that the event loop is never held for long. */
const READ_AT_ONCE_BYTES_MAX = 64 * 1024;

type WebhookDeps = Pick<AppDeps, 'inbox' | 'clock' | 'appId' | 'appSecrets' | 'verifyToken' | 'onAccepted'>;

export function webhookRoutes(scope: FastifyInstance, deps: WebhookDeps): void {
  // Of this scope alone: the signature covers the received bytes, whatever type they claim to have.
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

  scope.get<{ Querystring: Record<string, unknown> }>(
    '/webhooks/meta',
    { schema: { hide: true } },
    (request, reply) => {
      const challenge = challengeOf(request.query, deps.verifyToken);
      if (challenge === null) throw new Problem('VERIFY_TOKEN_WRONG');
      return reply.type('text/plain').send(challenge);
    },
  );

  scope.post(
    '/webhooks/meta',
    { schema: { hide: true }, bodyLimit: BODY_BYTES_MAX, onRequest: refuseEncoded },
    async (request, reply) => {
      const raw = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const signature = request.headers['x-hub-signature-256'];
      if (!isSignedBy(deps.appSecrets, raw, signature)) throw new Problem('SIGNATURE_INVALID');
      await keep(deps, raw, String(signature));
      return reply.send();
    },
  );
}

/** The signature covers the body as Meta sent it, and a small body could unfold into a huge one. */
async function refuseEncoded(request: FastifyRequest): Promise<void> {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') throw new Problem('ENCODING_UNSUPPORTED');
}

/** Returns only after what was told is durable: Meta sends nothing a second time that it believes delivered. */
async function keep({ inbox, clock, appId, onAccepted }: WebhookDeps, raw: Buffer, key: string): Promise<void> {
  const parsed = parseBody(raw);
  if (parsed.kind === 'not-json') throw new Problem('BODY_MALFORMED');
  const receivedAtMs = clock.nowMs();
  const touches = raw.length > READ_AT_ONCE_BYTES_MAX ? null : touchesOf(parsed.body, receivedAtMs, appId);
  if (touches) return inbox.touch(touches, receivedAtMs);
  await inbox.accept({ key, body: parsed.body, receivedAtMs });
  onAccepted?.();
}

/** Null for all that needs a row. Content of which reading fails is kept for later, never refused. */
function touchesOf(body: string, receivedAtMs: number, appId: string): readonly NewsItem[] | null {
  try {
    const items = readNews(body, receivedAtMs, appId);
    return isTouchOnly(items) ? items : null;
  } catch {
    return null;
  }
}
