/** Refusals of the control plane: what was wrong with the request, in words for whoever writes a scenario. */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { z, ZodError } from 'zod';
import type { LocalMeta } from './local-meta.ts';
import type { Phone } from './phone-state.ts';

export class ControlRefusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.name = 'ControlRefusal';
    this.status = status;
  }
}

export function phoneOf(meta: LocalMeta, digits: string): Phone {
  const phone = meta.store.state.phones.find((row) => row.digits === digits);
  if (phone !== undefined) return phone;
  throw new ControlRefusal(
    404,
    `There is no phone ${digits}. Make it first: POST /control/phones {"digits":"${digits}"}.`,
  );
}

/** An action on a connection that does not stand would send news that Meta never sends. */
export function refuseUnlessConnected(phone: Phone): void {
  if (phone.connected === 'coexistence' || phone.connected === 'offboarded') return;
  throw new ControlRefusal(409, `The phone ${phone.digits} is not connected (${phone.connected}).`);
}

export function answerFailure(error: FastifyError | Error, _request: FastifyRequest, reply: FastifyReply): void {
  if (error instanceof ZodError) {
    void reply
      .code(400)
      .send({ error: 'The request is not understood.', problems: z.prettifyError(error).split('\n') });
    return;
  }
  const status = error instanceof ControlRefusal ? error.status : statusOf(error);
  void reply.code(status).send({ error: error.message });
}

function statusOf(error: FastifyError | Error): number {
  return 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;
}
