/** Server-sent events of progress: first the state, then each change, for a bounded time and a bounded number at once (U17). */
import { PassThrough } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { NumberId } from '../domain/ids.ts';
import { DOOR_POLICY } from '../domain/door-policy.ts';
import { MINUTE_MS, SECOND_MS } from '../domain/policy.ts';
import { Problem } from './problem.ts';
import { createProgressWatch } from './progress-watch.ts';
import type { ProgressMarks } from './signup-ports.ts';

/** By the machine's own clock: they bound connections, and decide nothing. */
export interface StreamTimes {
  lookMs: number;
  heartbeatMs: number;
  lifeMs: number;
}
const TIMES: StreamTimes = {
  lookMs: SECOND_MS,
  heartbeatMs: 15 * SECOND_MS,
  lifeMs: DOOR_POLICY.progressStreamMinutes.value * MINUTE_MS,
};
/** How long a browser rests before it connects again. */
const RETRY_MS = 2 * SECOND_MS;
/** What a reader that does not read may take of a shutdown. */
const LAST_WORDS_MS = SECOND_MS;
/** A reader that lags behind by more has gone: it connects again and gets the state. */
const UNREAD_BYTES_MAX = 64 * 1024;

export interface Wanted {
  id: NumberId;
  /** Streams with the same view show the same at the same mark: one of them reads it for all. */
  view: string;
  /** Whose streams are counted, and how many may be open. */
  of: string;
  streamsMax: number;
  /** The state to show; throws a problem where it may not be shown any more, which ends the stream. */
  read: (mark: string) => Promise<object>;
}

export type OpenStream = (request: FastifyRequest, reply: FastifyReply, wanted: Wanted) => Promise<FastifyReply>;

export function wantsStream({ headers }: FastifyRequest): boolean {
  return headers.accept?.includes('text/event-stream') === true;
}

export function createProgressStreams(
  app: FastifyInstance,
  {
    progress,
    times = TIMES,
    processMax = DOOR_POLICY.processStreamsMax.value,
  }: { progress: ProgressMarks; times?: StreamTimes | undefined; processMax?: number },
): OpenStream {
  const onFailure = (error: unknown): void => app.log.warn({ err: error }, 'progress waits: a store does not answer');
  const watch = createProgressWatch(progress, { everyMs: times.lookMs, onFailure });
  const open = new Map<PassThrough, string>();
  const readOnce = createSharedReads();
  let isClosing = false;
  app.addHook('preClose', async () => {
    isClosing = true;
    for (const stream of open.keys()) endSoon(stream);
  });

  function requireRoom({ of, streamsMax }: Pick<Wanted, 'of' | 'streamsMax'>): void {
    const own = [...open.values()].filter((one) => one === of).length;
    if (open.size >= processMax || own >= streamsMax) throw new Problem('STREAMS_EXHAUSTED');
  }

  return async (request, reply, { id, of, view, streamsMax, read }) => {
    requireRoom({ of, streamsMax }); // whoever has too many reads nothing
    const [mark = ''] = (await progress.readMarks([id])).values();
    const state = await read(mark); // before the stream opens: what is refused is a problem
    requireRoom({ of, streamsMax }); // others may have come meanwhile
    const stream = new PassThrough();
    open.set(stream, of);
    const isKnown = request.headers['last-event-id'] === mark;
    stream.write(isKnown ? ':\n\n' : eventOf(mark, state));
    const readShared = (at: string): Promise<object> => readOnce(`${view}@${at}`, () => read(at));
    const stopWatching = watch.watch(id, mark, createTeller(stream, { read: readShared, onFailure }));
    const heartbeat = setInterval(() => write(stream, ':\n\n'), times.heartbeatMs).unref();
    const life = setTimeout(() => end(stream), times.lifeMs).unref();
    stream.on('close', () => {
      stopWatching();
      clearInterval(heartbeat);
      clearTimeout(life);
      open.delete(stream);
    });
    if (isClosing) endSoon(stream); // the shutdown began while it was being read, and has ended the others
    // NOTE: the connection ends with the stream, for one that is kept alive after it would hold a shutdown up.
    void reply.type('text/event-stream').header('connection', 'close');
    void reply.header('cache-control', 'no-store').header('x-accel-buffering', 'no');
    return reply.send(stream);
  };
}

/** Whoever asks while another one reads the same gets what that one reads. */
function createSharedReads(): (what: string, read: () => Promise<object>) => Promise<object> {
  const running = new Map<string, Promise<object>>();
  return (what, read) => {
    const begun = running.get(what) ?? read().finally(() => void running.delete(what));
    running.set(what, begun);
    return begun;
  };
}

/** One read at a time: of changes that come meanwhile the latest is told. */
function createTeller(
  stream: PassThrough,
  { read, onFailure }: { read: Wanted['read']; onFailure: (error: unknown) => void },
): (mark: string) => void {
  let latest: string | null = null;
  let isReading = false;

  async function tellAll(): Promise<void> {
    isReading = true;
    try {
      while (latest !== null && stream.writable) {
        const mark: string = latest;
        latest = null;
        write(stream, eventOf(mark, await read(mark)));
      }
    } catch (error) {
      if (!(error instanceof Problem)) onFailure(error);
      end(stream); // its reader connects again, and gets the state or the problem
    } finally {
      isReading = false;
    }
  }

  return (mark) => {
    latest = mark;
    if (!isReading) void tellAll();
  };
}

function eventOf(mark: string, state: object): string {
  return `event: progress\nid: ${mark}\ndata: ${JSON.stringify(state)}\n\n`;
}

function write(stream: PassThrough, event: string): void {
  if (!stream.writable) return;
  // NOTE: what its reader does not take fills the readable side up to its mark, and from there on the writable one.
  if (stream.readableLength + stream.writableLength > UNREAD_BYTES_MAX) stream.destroy();
  else stream.write(event);
}

function endSoon(stream: PassThrough): void {
  end(stream);
  setTimeout(() => stream.destroy(), LAST_WORDS_MS).unref();
}

function end(stream: PassThrough): void {
  if (stream.writable) stream.end(`retry: ${RETRY_MS}\n\n`);
}
