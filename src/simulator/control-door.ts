/** The door of the control plane: each action is registered with its sentence and its body, and so the index writes itself. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';

export interface ControlEntry {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  /** What it does, for whoever writes a scenario. */
  readonly does: string;
  /** JSON Schema of the body; null where none is read. */
  readonly body: unknown;
}

export interface Asked<Body> {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: Body;
}

type Answered = object | Promise<object>;

export interface Action<Schema extends z.ZodType> {
  readonly path: string;
  readonly does: string;
  readonly body: Schema;
  /** 201 for what makes or plans something. */
  readonly status?: 200 | 201;
}

export interface ControlDoor {
  readonly entries: readonly ControlEntry[];
  get(path: string, does: string, handler: (asked: Asked<undefined>) => Answered): void;
  remove(path: string, does: string, handler: () => Answered): void;
  /** A body that is left out is an empty object. */
  post<Schema extends z.ZodType>(action: Action<Schema>, handler: (asked: Asked<z.output<Schema>>) => Answered): void;
}

export const NoBody = z.strictObject({});

export function openControlDoor(app: FastifyInstance): ControlDoor {
  const entries: ControlEntry[] = [];
  const asked = <Body>({ params, query }: FastifyRequest, body: Body): Asked<Body> => ({ params, query, body });
  return {
    entries,
    get(path, does, handler) {
      entries.push({ method: 'GET', path, does, body: null });
      app.get(path, (request) => handler(asked(request, undefined)));
    },
    remove(path, does, handler) {
      entries.push({ method: 'DELETE', path, does, body: null });
      app.delete(path, () => handler());
    },
    post({ path, does, body, status = 200 }, handler) {
      entries.push({ method: 'POST', path, does, body: z.toJSONSchema(body, { io: 'input' }) });
      app.post(path, async (request, reply) => {
        const answer = await handler(asked(request, body.parse(request.body ?? {})));
        return reply.code(status).send(answer);
      });
    },
  };
}

/** `GET /`: every action of the control plane with its body, as JSON. */
export function registerIndex(app: FastifyInstance, door: ControlDoor): void {
  const about =
    'A local Meta: the Graph API under /v25.0 (any version), and a control plane for dialogs, phones, accounts, faults ' +
    'and webhooks. Bodies are JSON Schemas.';
  app.get('/', () => ({ about, actions: door.entries }));
}
