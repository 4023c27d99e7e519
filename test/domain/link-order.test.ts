import { describe, expect, it } from 'vitest';
import type { Fact } from '../../src/domain/facts.ts';
import type { ProbeClass } from '../../src/domain/probe.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import { days, envelope, hours, live, minutes, offboarded, reconnected, removed, T0 } from './builders.ts';
import { Life } from './life.ts';

type Happening = readonly [Fact, number];

interface Story {
  name: string;
  facts: readonly Happening[];
  /** What a read shows once all of it has happened. */
  shows: ProbeClass;
  ends: { link: Snapshot['link']['state']; reason: string | null };
}

const DAY1 = T0 + days(1);
const at = (count: number): number => DAY1 + hours(count);
const INACTIVE = removed({ reason: 'PRIMARY_INACTIVITY' });
const SIBLING = removed({ isOnlyNumber: false, reason: 'CHANGE_NUMBER' });

const STORIES: readonly Story[] = [
  {
    name: 'a pause and its return',
    facts: [
      [offboarded(), at(0)],
      [reconnected(), at(1)],
    ],
    shows: 'alive',
    ends: { link: 'live', reason: null },
  },
  {
    name: 'a pause and its return in the same second',
    facts: [
      [offboarded(), at(0)],
      [reconnected(), at(0)],
    ],
    shows: 'alive',
    ends: { link: 'live', reason: null },
  },
  {
    name: 'a pause and a return in the same second that no read confirms',
    facts: [
      [offboarded(), at(0)],
      [reconnected(), at(0)],
    ],
    shows: 'off-app',
    ends: { link: 'suspended', reason: null },
  },
  {
    name: 'two pauses, the second still open',
    facts: [
      [offboarded(), at(0)],
      [reconnected(), at(1)],
      [offboarded(), at(2)],
    ],
    shows: 'off-app',
    ends: { link: 'suspended', reason: null },
  },
  {
    name: 'two pauses, both over',
    facts: [
      [offboarded(), at(0)],
      [reconnected(), at(1)],
      [offboarded(), at(2)],
      [reconnected(), at(3)],
    ],
    shows: 'alive',
    ends: { link: 'live', reason: null },
  },
  {
    name: 'a removal in a pause',
    facts: [
      [offboarded(), at(0)],
      [INACTIVE, at(1)],
    ],
    shows: 'not-visible',
    ends: { link: 'gone', reason: 'inactivity' },
  },
  {
    name: 'an offboard after a removal',
    facts: [
      [INACTIVE, at(0)],
      [offboarded(), at(1)],
    ],
    shows: 'not-visible',
    ends: { link: 'gone', reason: 'inactivity' },
  },
  {
    name: 'a pause, a return, and a removal',
    facts: [
      [offboarded(), at(0)],
      [reconnected(), at(1)],
      [INACTIVE, at(2)],
    ],
    shows: 'not-visible',
    ends: { link: 'gone', reason: 'inactivity' },
  },
  {
    name: 'a removal that Meta takes back',
    facts: [
      [INACTIVE, at(0)],
      [reconnected(), at(1)],
    ],
    shows: 'alive',
    ends: { link: 'live', reason: null },
  },
  {
    name: 'a pause, a removal that Meta takes back',
    facts: [
      [offboarded(), at(0)],
      [INACTIVE, at(1)],
      [reconnected(), at(2)],
    ],
    shows: 'alive',
    ends: { link: 'live', reason: null },
  },
  {
    name: 'one removal told in two shapes',
    facts: [
      [removed(), at(0)],
      [INACTIVE, at(0)],
    ],
    shows: 'not-visible',
    ends: { link: 'gone', reason: 'inactivity' },
  },
  {
    name: 'a removal of a sibling during a pause that ends well',
    facts: [
      [offboarded(), at(0)],
      [SIBLING, at(1)],
      [reconnected(), at(2)],
    ],
    shows: 'alive',
    ends: { link: 'live', reason: null },
  },
  {
    name: 'news of an earlier cycle',
    facts: [
      [removed(), T0 - days(3)],
      [offboarded(), T0 - days(4)],
      [offboarded(), at(0)],
      [reconnected(), at(1)],
    ],
    shows: 'alive',
    ends: { link: 'live', reason: null },
  },
];

function permutations<Item>(items: readonly Item[]): Item[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((first, index) => permutations(items.toSpliced(index, 1)).map((rest) => [first, ...rest]));
}

/** Everything is delivered late: `apartMs` from each other, so that looks happen in between or not. */
function endOf(story: Story, order: readonly Happening[], apartMs: number): Snapshot {
  const start = DAY1 + hours(6);
  const life = new Life({ state: live(), nowMs: start, meta: { probe: () => story.shows } });
  order.forEach(([fact, occurredAtMs], index) => {
    life.deliver(envelope(fact, occurredAtMs), start + index * apartMs);
    life.runTo(start + index * apartMs);
  });
  life.runTo(start + hours(1));
  return life.state;
}

describe.each(STORIES)('$name', (story) => {
  const orders = permutations(story.facts);

  it.each([0, minutes(0.5)])(`ends alike in all ${orders.length} orders, told %i ms apart`, (apartMs) => {
    for (const order of orders) {
      const { link, attempt, leave } = endOf(story, order, apartMs);
      expect({ link: link.state, reason: link.end?.reason ?? null }).toEqual(story.ends);
      expect([attempt.state, leave.state, link.suspect]).toEqual(['none', 'none', null]);
    }
  });

  it('has one watermark, one pause and one time of its end in all orders', () => {
    const ends = orders.map((order) => {
      const { link, activity } = endOf(story, order, 0);
      return { asOf: link.asOfMs, pausedSince: link.pause?.sinceMs, endedAt: link.end?.atMs, seen: activity.anyAtMs };
    });
    for (const end of ends) expect(end).toEqual(ends[0]);
  });
});
