/** What the HTTP door is built from: ports, a clock, and the secrets that it checks and signs with. */
import type { FastifyServerOptions } from 'fastify';
import type { Clock } from '../domain/clock.ts';
import type { ApiPorts } from './ports.ts';
import type { StreamTimes } from './progress-streams.ts';
import type { ProviderSettings } from './provider-readiness.ts';
import type { WebhookWatch } from './webhook-watch.ts';
import type { Websites } from './websites.ts';

export interface AppDeps extends ApiPorts {
  clock: Clock;
  /** Our Meta app. */
  appId: string;
  /** Each of them may have signed a webhook: several while one is being rotated. */
  appSecrets: readonly string[];
  /** Meta's handshake with the webhook's address. */
  verifyToken: string;
  /** Signs the states of signup dialogs and the links that resume them. */
  dialogSecret: string | Uint8Array;
  /** Where Meta's window may be opened; null: at the tenants' own pages. */
  brokerOrigin: string | null;
  /** How streams of progress are paced; production leaves it out. */
  streamTimes?: StreamTimes;
  /** What Meta's signup dialog needs of our settings. */
  provider: ProviderSettings;
  /** What was last seen of the webhooks that Meta sends for our app. */
  webhookWatch: Pick<WebhookWatch, 'reading'>;
  websites: Websites;
  /** Called after a webhook was stored: there is something to dispatch. */
  onAccepted?: () => void;
  logger?: FastifyServerOptions['logger'];
}
