/** What the HTTP door is built from: ports, a clock, and the secrets that it checks and signs with. */
import type { FastifyServerOptions } from 'fastify';
import type { Clock } from '../domain/clock.ts';
import type { ApiPorts } from './ports.ts';
import type { ProviderSettings } from './provider-readiness.ts';

export interface AppDeps extends ApiPorts {
  clock: Clock;
  /** Our Meta app. */
  appId: string;
  /** Each of them may have signed a webhook: several while one is being rotated. */
  appSecrets: readonly string[];
  /** Meta's handshake with the webhook's address. */
  verifyToken: string;
  /** Signs the states of signup dialogs. */
  dialogSecret: string | Uint8Array;
  /** What Meta's signup dialog needs of our settings. */
  provider: ProviderSettings;
  /** Called after a webhook was stored: there is something to dispatch. */
  onAccepted?: () => void;
  logger?: FastifyServerOptions['logger'];
}
