/** What the Temporal UI shows of an open run: now, next, because, and the last ten sentences of the timeline. */
import type { Due } from '../domain/deadlines.ts';
import { headlineOf } from '../domain/headline.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import { isoMinute } from '../domain/timeline.ts';

/** Markdown. */
export function detailsOf(s: Snapshot, due: Due | null): string {
  const next = due ? `${due.because} (${isoMinute(due.atMs)})` : 'nothing by itself: news or a person';
  const because = s.because ?? s.story.at(-1) ?? 'just started';
  const failure = s.attempt.failure;
  return [
    `**Now** ${headlineOf(s)}, cycle ${s.cycle}`,
    `**Next** ${next}`,
    `**Because** ${because}`,
    ...(failure ? [`**Last failure** ${failure.code}; the phone is still linked: ${failure.phoneStillLinked}`] : []),
    '',
    ...s.story.map((sentence) => `- ${sentence}`),
  ].join('\n\n');
}
