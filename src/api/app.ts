/** Puts the HTTP door together: what holds for every route, then the routes by who may call them. */
import Fastify, { type FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { AppDeps } from './app-deps.ts';
import { createCallRates } from './call-rates.ts';
import { requireApiKey, requireOperator } from './plugins/api-key.ts';
import { createOnce, requireIdempotencyKey } from './plugins/idempotency.ts';
import { answerPages } from './plugins/page-origins.ts';
import { publishOpenapi } from './plugins/openapi.ts';
import { answerWithProblems } from './plugins/problems.ts';
import { createProgressStreams, type OpenStream } from './progress-streams.ts';
import { attemptRoutes } from './routes/attempts.ts';
import { commandRoutes } from './routes/commands.ts';
import { dialogRoutes } from './routes/dialogs.ts';
import { eligibilityRoutes } from './routes/eligibility.ts';
import { eventRoutes } from './routes/events.ts';
import { funnelRoutes } from './routes/funnel.ts';
import { healthRoutes } from './routes/health.ts';
import { importRoutes } from './routes/imports.ts';
import { numberRoutes } from './routes/numbers.ts';
import { onboardingRoutes } from './routes/onboardings.ts';
import { operatorAlertRoutes } from './routes/operator-alerts.ts';
import { operatorAuditRoutes } from './routes/operator-audit.ts';
import { operatorConnectTimeRoutes } from './routes/operator-connect-times.ts';
import { operatorEligibilityRoutes } from './routes/operator-eligibility.ts';
import { operatorReadinessRoutes } from './routes/operator-readiness.ts';
import { operatorTenantRoutes } from './routes/operator-tenants.ts';
import { progressRoutes, signupProgressRoutes } from './routes/progress.ts';
import { signupResumeRoutes } from './routes/signup-resume.ts';
import { signupStepRoutes } from './routes/signup-steps.ts';
import { signupRoutes } from './routes/signup.ts';
import { subscriptionRoutes } from './routes/subscription.ts';
import { webhookRoutes } from './routes/webhooks.ts';

const BODY_BYTES_MAX = 64 * 1024;
/** Beyond what any id of ours has, so that a longer one is an unknown id and no unknown page. */
const PARAM_CHARACTERS_MAX = 1_024;
/** Slow senders do not hold a connection for ever. */
const REQUEST_TIMEOUT_MS = 30_000;

export function buildApp(deps: AppDeps): FastifyInstance {
  const app = Fastify({
    logger: deps.logger ?? false,
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_TIMEOUT_MS,
    routerOptions: { maxParamLength: PARAM_CHARACTERS_MAX },
    forceCloseConnections: 'idle',
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  answerWithProblems(app);
  publishOpenapi(app);
  void app.register(async (scope) => healthRoutes(scope, deps.readiness));
  void app.register(async (scope) => webhookRoutes(scope, deps));
  const openStream = createProgressStreams(app, { progress: deps.progress, times: deps.streamTimes });
  void app.register(async (scope) => ownerRoutes(scope, deps, openStream), { prefix: '/v1' });
  void app.register(async (scope) => backendRoutes(scope, deps, openStream), { prefix: '/v1' });
  void app.register(async (scope) => operatorRoutes(scope, deps), { prefix: '/v1' });
  return app;
}

/** For the pages of owners: a signed state or link is the credential, and the page's origin is held against the tenant. */
function ownerRoutes(scope: FastifyInstance, deps: AppDeps, openStream: OpenStream): void {
  answerPages(scope, deps);
  const countCall = createCallRates(deps.clock);
  signupRoutes(scope, deps);
  signupStepRoutes(scope, deps, countCall);
  signupResumeRoutes(scope, deps, countCall);
  signupProgressRoutes(scope, deps, { countCall, openStream });
}

/** For backends: an API key on every route, an Idempotency-Key on every POST. */
function backendRoutes(scope: FastifyInstance, deps: AppDeps, openStream: OpenStream): void {
  requireApiKey(scope, deps);
  scope.addHook('onRequest', requireIdempotencyKey);
  const runOnce = createOnce(deps);
  onboardingRoutes(scope, deps, runOnce);
  numberRoutes(scope, deps);
  progressRoutes(scope, deps, openStream);
  dialogRoutes(scope, deps, runOnce);
  funnelRoutes(scope, deps);
  eventRoutes(scope, deps);
  commandRoutes(scope, deps, runOnce);
  attemptRoutes(scope, deps, runOnce);
  eligibilityRoutes(scope, deps, runOnce);
  importRoutes(scope, deps, runOnce);
  subscriptionRoutes(scope, deps, runOnce);
}

/** For operators: the whole fleet, by a key of their own. */
function operatorRoutes(scope: FastifyInstance, deps: AppDeps): void {
  requireOperator(scope, deps);
  scope.addHook('onRequest', requireIdempotencyKey);
  operatorTenantRoutes(scope, deps);
  operatorAlertRoutes(scope, deps);
  operatorEligibilityRoutes(scope, deps);
  operatorReadinessRoutes(scope, deps);
  operatorAuditRoutes(scope, deps);
  operatorConnectTimeRoutes(scope, deps);
}
