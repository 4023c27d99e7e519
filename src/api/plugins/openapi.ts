/** Publishes the description of the API at /openapi.json and a page to read it at /docs. */
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { finishDocument } from './finished-document.ts';

const DESCRIPTION =
  'Connects WhatsApp Business numbers in coexistence mode and keeps them connected. Errors are problem documents ' +
  '(RFC 9457) with a code to branch on and the remedy in order.';

const DIALOG_STATE = {
  type: 'http',
  scheme: 'Dialog',
  description: 'The state of a run of the signup dialog, as Authorization: Dialog and the state.',
} as const;

export function publishOpenapi(app: FastifyInstance): void {
  void app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Tandem', version: '1', description: DESCRIPTION },
      components: { securitySchemes: { apiKey: { type: 'http', scheme: 'bearer' }, dialogState: DIALOG_STATE } },
    },
    transform: jsonSchemaTransform,
    // Without it the schemas that have a name are referred to, and stand nowhere.
    transformObject: (document) => finishDocument(jsonSchemaTransformObject(document)),
  });
  void app.register(swaggerUi, { routePrefix: '/docs' });
  void app.register(async (scope) => {
    scope.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
  });
}
