/** Stored histories, played again by today's code: it must accept them, and ask the server for the very same things. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { beforeAll, describe, expect, test } from 'vitest';
import { storedTraceOf, type StoredEvent } from './command-trace.ts';

const HISTORIES = fileURLToPath(new URL('./histories/', import.meta.url));
const names = readdirSync(HISTORIES).filter((name) => name.endsWith('.json'));
/** Kept as it was: no story writes it anew. In it `subscribeApp` answers nothing, as it did before it told of fields. */
const BEGUN_BEFORE = 'begun-before-1.json';
const VOID = Buffer.from('binary/null').toString('base64');
let today: string;

interface StoredHistory {
  events: StoredEvent[];
}

function readHistory(name: string, change: (text: string) => string = (text) => text): StoredHistory {
  const history: StoredHistory = JSON.parse(change(readFileSync(`${HISTORIES}${name}`, 'utf8')));
  return history;
}

/** Plays a history, and answers what the code asked of the server on its way. */
async function replay(code: string, history: StoredHistory): Promise<string[]> {
  const trace: string[] = [];
  const note = { fn: (_info: unknown, line: string) => void trace.push(line), callDuringReplay: true };
  await Worker.runReplayHistory({ workflowBundle: { code }, sinks: { trace: { note } } }, history);
  return trace;
}

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const { code } = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../../src/workflows/index.ts', import.meta.url)),
    workflowInterceptorModules: [fileURLToPath(new URL('./trace-interceptors.ts', import.meta.url))],
    logger: new DefaultLogger('ERROR'),
  });
  today = code;
});

describe('a stored history is accepted, and leads to the same activities, timers and search attributes', () => {
  test.each(names)('%s', async (name) => {
    const history = readHistory(name);
    expect(await replay(today, history)).toEqual(storedTraceOf(history.events));
  });

  test('a run that was begun by the code before goes on', async () => {
    const { events } = readHistory(BEGUN_BEFORE);
    const [subscribed] = events.filter(
      ({ activityTaskScheduledEventAttributes: of }) => of?.activityType.name === 'subscribeApp',
    );
    const answer = events.find(
      ({ activityTaskCompletedEventAttributes: of }) => of?.scheduledEventId === subscribed?.eventId,
    );
    expect(answer?.activityTaskCompletedEventAttributes?.result?.payloads).toMatchObject([
      { metadata: { encoding: VOID } },
    ]);
    expect(await replay(today, { events })).toEqual(storedTraceOf(events));
  });

  test('there are histories of every kind of life', () => {
    const stories = new Set(names.map((name) => name.replace(/-\d+\.json$/, '')));
    for (const story of ['imports', 'silence', 'gate-shut', 'undo-incomplete', 'new-phone', 'withdrawn'])
      expect(stories).toContain(story);
    expect([...stories].filter((story) => story.startsWith('cancelled-while-'))).toHaveLength(6);
  });
});

describe('a timer that fires is told with the time of an earlier task', () => {
  const kindOf = ({ eventType }: StoredEvent): string => eventType.replace('EVENT_TYPE_', '');

  /** As the SDK tells it where a query has the history applied up to the timer, before the task of it has begun. */
  function toldEarly({ events }: StoredHistory): StoredHistory {
    let latest = events[0]?.eventTime;
    let hasFired = false;
    const told = events.map((event) => {
      hasFired ||= kindOf(event) === 'TIMER_FIRED';
      if (kindOf(event) !== 'WORKFLOW_TASK_STARTED') return event;
      if (!hasFired) latest = event.eventTime;
      hasFired = false;
      return latest === undefined ? event : { ...event, eventTime: latest };
    });
    return { events: told };
  }
  const STEPS = /^activity/;
  const stepsOf = (trace: readonly string[]): string[] => trace.filter((line) => STEPS.test(line));

  test.each(names.filter((name) => /^(?:imports|silence)/.test(name)))(
    '%s: it leads to the same steps',
    async (name) => {
      const history = readHistory(name);
      const early = toldEarly(history);
      expect(stepsOf(await replay(today, early))).toEqual(stepsOf(storedTraceOf(history.events)));
    },
  );

  test('by the time of the task alone the run could not go on', async () => {
    const code = planted(/Math\.max\(Date\.now\(\), [^;]+\)/, 'Date.now()');
    await expect(replay(code, toldEarly(readHistory('imports-1.json')))).rejects.toThrow('Nondeterminism');
  });
});

describe('a planted change is caught', () => {
  test('a timer of another duration passes the replay, and is seen in the trace', async () => {
    const { events } = readHistory('imports-1.json');
    const stored = storedTraceOf(events);
    const trace = await replay(planted(/untilMs - this\.nowMs/, 'untilMs + 5000 - this.nowMs'), { events });
    expect(trace).toHaveLength(stored.length);
    const changed = trace.filter((line, place) => line !== stored[place]);
    expect(changed).toEqual(trace.filter((line) => line.startsWith('timer of')));
    expect(changed).not.toEqual([]);
  });

  test('a search attribute with another value passes the replay, and is seen in the trace', async () => {
    const { events } = readHistory('imports-1.json');
    const stored = storedTraceOf(events);
    const trace = await replay(planted(/value: s\.tenantId/, "value: 'ten_other'"), { events });
    const changed = trace.filter((line, place) => line !== stored[place]);
    expect(changed).toEqual([expect.stringContaining('TandemTenant="ten_other"')]);
  });

  test('another limit is refused by the replay itself', async () => {
    const code = planted(/nowMs >= dueAtMs \? \{/, 'nowMs < dueAtMs ? {');
    await expect(replay(code, readHistory('imports-1.json'))).rejects.toThrow('Nondeterminism');
  });

  test('a history in which another step was taken is refused by the replay itself', async () => {
    const doctored = readHistory('imports-1.json', (text) => text.replaceAll('"checkToken"', '"resolveNumber"'));
    await expect(replay(today, doctored)).rejects.toThrow('Nondeterminism');
  });
});

/** Today's code with one change; a change that finds nothing to change proves nothing. */
function planted(what: RegExp, by: string): string {
  const code = today.replace(what, by);
  expect(code).not.toBe(today);
  return code;
}
