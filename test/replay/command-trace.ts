/**
 * A run as the list of what it asked of the server: activities by name, timers by duration, search attributes by value, its
 * end. A replay alone passes when a duration is another, or an attribute; the trace does not. Used on both sides of the sandbox.
 */

interface Duration {
  seconds?: unknown;
  nanos?: number | null;
}

interface Fields {
  indexedFields?: Record<string, { data?: Uint8Array | null }> | null;
}

/** The part of the SDK's commands that is compared. */
export interface Command {
  startTimer?: { startToFireTimeout?: Duration | null } | null;
  cancelTimer?: object | null;
  scheduleActivity?: { activityType?: string | null } | null;
  upsertWorkflowSearchAttributes?: { searchAttributes?: Fields | null } | null;
  continueAsNewWorkflowExecution?: object | null;
  completeWorkflowExecution?: object | null;
  failWorkflowExecution?: object | null;
  cancelWorkflowExecution?: object | null;
}

/** One line for a command that is compared, none for an answer to a query or an update. */
export function traceOf(command: Command): string[] {
  if (command.startTimer) return [`timer of ${millisOf(command.startTimer.startToFireTimeout ?? {})} ms`];
  if (command.cancelTimer) return ['timer cancelled'];
  if (command.scheduleActivity) return [`activity ${command.scheduleActivity.activityType}`];
  if (command.upsertWorkflowSearchAttributes) {
    const { indexedFields } = command.upsertWorkflowSearchAttributes.searchAttributes ?? {};
    return [attributesLine(Object.entries(indexedFields ?? {}).map(([name, { data }]) => [name, textOf(data ?? [])]))];
  }
  return endOf(command);
}

function endOf(command: Command): string[] {
  if (command.continueAsNewWorkflowExecution) return ['continues as new'];
  if (command.completeWorkflowExecution) return ['completes'];
  if (command.failWorkflowExecution) return ['fails'];
  return command.cancelWorkflowExecution ? ['ends cancelled'] : [];
}

function millisOf({ seconds, nanos }: Duration): number {
  return Number(seconds ?? 0) * 1000 + Math.round((nanos ?? 0) / 1_000_000);
}

/** JSON of the payloads is ASCII here. */
function textOf(bytes: Iterable<number>): string {
  return String.fromCharCode(...bytes);
}

function attributesLine(fields: (readonly [string, string])[]): string {
  const inOrder = fields.toSorted(([left], [right]) => (left < right ? -1 : 1));
  return `search attributes ${inOrder.map(([name, value]) => `${name}=${value}`).join(' ')}`;
}

/** An event of a stored history, as `historyToJSON` writes it. */
export interface StoredEvent {
  eventTime?: string;
  eventId?: string;
  eventType: string;
  activityTaskCompletedEventAttributes?: {
    scheduledEventId: string;
    result?: { payloads: readonly { metadata: { encoding: string } }[] };
  };
  timerStartedEventAttributes?: { startToFireTimeout: string };
  activityTaskScheduledEventAttributes?: { activityType: { name: string } };
  upsertWorkflowSearchAttributesEventAttributes?: {
    searchAttributes: { indexedFields: Record<string, { data: string }> };
  };
}

const PLAIN_EVENTS: Readonly<Record<string, string>> = {
  EVENT_TYPE_TIMER_CANCELED: 'timer cancelled',
  EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW: 'continues as new',
  EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED: 'completes',
  EVENT_TYPE_WORKFLOW_EXECUTION_FAILED: 'fails',
  EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED: 'ends cancelled',
};

/** The same lines from what the server wrote down. */
export function storedTraceOf(events: readonly StoredEvent[]): string[] {
  return events.flatMap((event) => {
    const timer = event.timerStartedEventAttributes;
    if (timer) return [`timer of ${Math.round(Number.parseFloat(timer.startToFireTimeout) * 1000)} ms`];
    const activity = event.activityTaskScheduledEventAttributes;
    if (activity) return [`activity ${activity.activityType.name}`];
    const upsert = event.upsertWorkflowSearchAttributesEventAttributes;
    if (upsert) {
      const fields = Object.entries(upsert.searchAttributes.indexedFields);
      return [attributesLine(fields.map(([name, { data }]) => [name, Buffer.from(data, 'base64').toString('latin1')]))];
    }
    return PLAIN_EVENTS[event.eventType] ?? [];
  });
}
