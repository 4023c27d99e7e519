/**
 * Lets a workflow that is started after the time machine moved begin at the Clock's time: a gRPC interceptor that adds two
 * fields to the raw start request, a start delay of the offset and a jump over nearly all of it. The delay is what makes the first
 * workflow task see the Clock's time; with a fast-forward alone it sees the system's [tried with server 1.32.0].
 */
import { randomUUID } from 'node:crypto';
import type { ConnectionOptions } from '@temporalio/client';
import protobuf from 'protobufjs/minimal.js';
import { engineRetry } from '../api/engine-retry.ts';
import { LaunchError } from './launch-error.ts';
import { readOffsetMs } from './shifted-clock.ts';

type Interceptor = NonNullable<ConnectionOptions['interceptors']>[number];

const SERVICE = '/temporal.api.workflowservice.v1.WorkflowService';
/** `workflow_start_delay`, the same in both requests; as the next ones: temporal/api/workflowservice/v1/request_response.proto. */
const START_DELAY_FIELD = 20;
/** `time_skipping_config` of each request that starts a workflow. */
const TIME_SKIPPING_FIELDS = new Map([
  [`${SERVICE}/StartWorkflowExecution`, 29],
  [`${SERVICE}/SignalWithStartWorkflowExecution`, 27],
]);
/** Update-with-start: the server takes no start delay there, so its workflow would begin at the system's time. */
const UNMOVABLE = `${SERVICE}/ExecuteMultiOperation`;

/** The jump ends this long before the delay, which then ends in real time: server 1.32 moves a run too far whose jump outlasts it. */
const LEAD_MS = 50;

/** Protobuf's wire type of a nested message. */
const NESTED = 2;

/** NOTE: `interceptors` of a connection replace the SDK's own retries, so ours are part of this one. */
export function startWithOffset(clockFile: string): Interceptor {
  const retry = engineRetry();
  return (options, nextCall) => {
    const call = retry(options, nextCall);
    const path = options.method_definition.path;
    const field = TIME_SKIPPING_FIELDS.get(path);
    if (field === undefined && path !== UNMOVABLE) return call;
    const send = call.sendMessageWithContext.bind(call);
    call.sendMessageWithContext = (context, message: unknown) => {
      const offsetMs = readOffsetMs(clockFile);
      if (offsetMs <= LEAD_MS) return send(context, message);
      return send(context, moved(bytesOf(message), field ?? refuse(), offsetMs));
    };
    return call;
  };
}

/** The SDK hands its requests over encoded. */
function bytesOf(message: unknown): Uint8Array {
  if (message instanceof Uint8Array) return message;
  throw new TypeError('a request to Temporal that is not encoded');
}

/** A protobuf message grows by appending: fields need no order. */
function moved(request: Uint8Array, timeSkippingField: number, offsetMs: number): Uint8Array {
  const added = protobuf.Writer.create();
  writeDuration(added, START_DELAY_FIELD, offsetMs);
  added.uint32(tag(timeSkippingField)).fork();
  added.uint32(tag(1, 0)).bool(true); // TimeSkippingConfig.enabled
  added.uint32(tag(2)).fork(); // TimeSkippingConfig.fast_forward_config
  added.uint32(tag(1)).string(`start-${randomUUID()}`); // FastForwardConfig.id
  writeDuration(added, 2, offsetMs - LEAD_MS); // FastForwardConfig.duration
  added.ldelim().ldelim();
  return Buffer.concat([request, added.finish()]);
}

function writeDuration(writer: protobuf.Writer, field: number, ms: number): void {
  writer.uint32(tag(field)).fork();
  writer.uint32(tag(1, 0)).int64(Math.floor(ms / 1000));
  writer.uint32(tag(2, 0)).int32(Math.round((ms % 1000) * 1_000_000));
  writer.ldelim();
}

function tag(field: number, wireType = NESTED): number {
  return field * 8 + wireType;
}

function refuse(): never {
  throw new LaunchError({
    cause: 'an update-with-start cannot begin at the time of a clock that was moved',
    remedy: 'start the workflow first, then send the update',
    next: 'npm run demo -- --reset',
  });
}
