import { describe, expect, it } from 'vitest';
import { connectionOf } from '../../src/domain/connection.ts';
import type { Fact } from '../../src/domain/facts.ts';
import { linkAfterFact } from '../../src/domain/link.ts';
import { takeFact } from '../../src/domain/react.ts';
import type { Link, Snapshot } from '../../src/domain/snapshot.ts';
import { wabaId } from '../../src/domain/ids.ts';
import {
  days,
  envelope,
  gone,
  hours,
  ignoredAs,
  invited,
  lastLine,
  live,
  minutes,
  offboarded,
  reconnected,
  removed,
  suspended,
  T0,
} from './builders.ts';

const NOW = T0 + days(2);
const PAUSED_AT = T0 + days(1);

interface Case {
  name: string;
  from: Snapshot;
  fact: Fact;
  atMs?: number;
  isUntimed?: true;
  link: Link['state'];
  /** Last line told, or row and letter of what was ignored. */
  told: string;
}

const ESTABLISHED = live({ provedAtMs: T0 - days(30) });
const SIBLING = removed({ isOnlyNumber: false });

const CASES: readonly Case[] = [
  { name: 'LI01 a removal finds no link', from: invited(), fact: removed(), link: 'none', told: 'LI01 n' },
  { name: 'LI01 an offboard finds no link', from: invited(), fact: offboarded(), link: 'none', told: 'LI01 n' },
  { name: 'LI01 a reconnection finds no link', from: invited(), fact: reconnected(), link: 'none', told: 'LI01 n' },
  { name: 'LI02 a removal ends a live link', from: live(), fact: removed(), link: 'gone', told: 'LI02 linkEnded' },
  {
    name: 'LI02 a removal from before the proof is late',
    from: live(),
    fact: removed(),
    atMs: T0 - minutes(2) - 1,
    link: 'live',
    told: 'LI02 l',
  },
  {
    name: 'LI03 a removal that may mean a sibling is doubted',
    from: live(),
    fact: SIBLING,
    link: 'live',
    told: 'LI03 linkSuspected',
  },
  {
    name: 'LI04 a removal two minutes before the proof is doubted',
    from: live(),
    fact: removed(),
    atMs: T0 - minutes(2),
    link: 'live',
    told: 'LI04 linkSuspected',
  },
  {
    name: 'LI04 a removal two minutes after the proof is doubted',
    from: live(),
    fact: removed(),
    atMs: T0 + minutes(2),
    link: 'live',
    told: 'LI04 linkSuspected',
  },
  {
    name: 'LI02 a removal just past the boundary is certain',
    from: live(),
    fact: removed(),
    atMs: T0 + minutes(2) + 1,
    link: 'gone',
    told: 'LI02 linkEnded',
  },
  {
    name: 'LI04 an untimed removal of a young link is doubted',
    from: live(),
    fact: removed(),
    isUntimed: true,
    link: 'live',
    told: 'LI04 linkSuspected',
  },
  {
    name: 'LI02 an untimed removal of an old link is certain',
    from: ESTABLISHED,
    fact: removed(),
    isUntimed: true,
    link: 'gone',
    told: 'LI02 linkEnded',
  },
  {
    name: 'LI04 a removal that a later read contradicts is doubted',
    from: live({ aliveReadAtMs: NOW }),
    fact: removed(),
    atMs: NOW - hours(1),
    link: 'live',
    told: 'LI04 linkSuspected',
  },
  {
    name: 'LI04 a removal older than a return that Meta told is doubted',
    from: live({ reconnectedAtMs: NOW }),
    fact: removed(),
    atMs: NOW - hours(1),
    link: 'live',
    told: 'LI04 linkSuspected',
  },
  {
    name: 'LI11 an offboard pauses a live link',
    from: live(),
    fact: offboarded(),
    link: 'suspended',
    told: 'LI11 paused',
  },
  {
    name: 'LI12 an offboard of siblings pauses each',
    from: live(),
    fact: offboarded(false),
    link: 'suspended',
    told: 'LI11 paused',
  },
  {
    name: 'LI13 an offboard from before the proof is over',
    from: live(),
    fact: offboarded(),
    atMs: T0 - 1,
    link: 'live',
    told: 'LI13 l',
  },
  {
    name: 'LI13 an offboard in the second of the proof is over',
    from: live(),
    fact: offboarded(),
    atMs: T0,
    link: 'live',
    told: 'LI13 l',
  },
  {
    name: 'LI13 an offboard older than a return that we saw is over',
    from: live({ reconnectedAtMs: NOW }),
    fact: offboarded(),
    atMs: NOW - 1,
    link: 'live',
    told: 'LI13 l',
  },
  {
    name: 'LI30 an offboard in the second of an unverified return pauses and verifies',
    from: live({ reconnectedAtMs: NOW }),
    fact: offboarded(),
    link: 'suspended',
    told: 'LI30 returnAnnounced',
  },
  {
    name: 'LI14 a return without a pause is looked into',
    from: live(),
    fact: reconnected(),
    link: 'live',
    told: 'LI14 linkSuspected',
  },
  {
    name: 'LI30 a return in a pause is verified',
    from: suspended(),
    fact: reconnected(),
    link: 'suspended',
    told: 'LI30 returnAnnounced',
  },
  {
    name: 'LI31 a return from before the pause belongs to an earlier one',
    from: suspended(),
    fact: reconnected(),
    atMs: PAUSED_AT - 1,
    link: 'suspended',
    told: 'LI31 l',
  },
  {
    name: 'LI30 a return in the second of the pause is verified',
    from: suspended(),
    fact: reconnected(),
    atMs: PAUSED_AT,
    link: 'suspended',
    told: 'LI30 returnAnnounced',
  },
  {
    name: 'LI32 a newer offboard moves the pause',
    from: suspended(),
    fact: offboarded(),
    link: 'suspended',
    told: 'LI32 paused',
  },
  {
    name: 'LI32 the same offboard again changes nothing',
    from: suspended(),
    fact: offboarded(),
    atMs: PAUSED_AT,
    link: 'suspended',
    told: 'LI32 d',
  },
  { name: 'LI33 a removal beats a pause', from: suspended(), fact: removed(), link: 'gone', told: 'LI33 linkEnded' },
  {
    name: 'LI33 a removal from before the proof is late',
    from: suspended(),
    fact: removed(),
    atMs: T0 - hours(1),
    link: 'suspended',
    told: 'LI33 l',
  },
  {
    name: 'LI33 a removal of a sibling is noted in a pause',
    from: suspended(),
    fact: SIBLING,
    link: 'suspended',
    told: 'LI03 linkSuspected',
  },
  {
    name: 'LI50 a return after the end is verified',
    from: gone(),
    fact: reconnected(),
    link: 'gone',
    told: 'LI50 returnAnnounced',
  },
  {
    name: 'LI50 a return from before the end is late',
    from: gone(),
    fact: reconnected(),
    atMs: T0 + days(1) - 1,
    link: 'gone',
    told: 'LI50 l',
  },
  {
    name: 'LI51 a return without a credential cannot be verified',
    from: gone({ hold: null }, { credential: 'forgotten' }),
    fact: reconnected(),
    link: 'gone',
    told: 'LI51 n',
  },
  {
    name: 'LI53 the same removal again fills in its reason',
    from: gone(),
    fact: removed({ reason: 'CHANGE_NUMBER' }),
    link: 'gone',
    told: 'LI53 removed',
  },
  { name: 'LI53 a removal without a reason adds nothing', from: gone(), fact: removed(), link: 'gone', told: 'LI53 d' },
  {
    name: 'LI53 a removal from before the proof is not of this episode',
    from: gone(),
    fact: removed({ reason: 'CHANGE_NUMBER' }),
    atMs: T0,
    link: 'gone',
    told: 'LI53 d',
  },
  {
    name: 'LI53 a removal that may mean a sibling fills nothing in',
    from: gone(),
    fact: removed({ reason: 'CHANGE_NUMBER', isOnlyNumber: false }),
    link: 'gone',
    told: 'LI53 d',
  },
  { name: 'LI54 an offboard of what is gone', from: gone(), fact: offboarded(), link: 'gone', told: 'LI54 n' },
];

describe('a fact about the link', () => {
  it.each(CASES)('$name', ({ from, fact, atMs = NOW, isUntimed, link, told }) => {
    const next = takeFact(from, envelope(fact, atMs, isUntimed ? { isUntimed } : {}), NOW);
    expect(next.link.state).toBe(link);
    expect(told.split(' ')[1]?.length === 1 ? ignoredAs(next) : lastLine(next)).toBe(told);
  });

  it('LI60 that names a former WABA is recorded only', () => {
    const old = wabaId('999');
    const s = { ...live(), formerIds: [old] };
    for (const fact of [
      removed({ wabaId: old }),
      { ...offboarded(), wabaId: old },
      { ...reconnected(), wabaId: old },
    ]) {
      const next = takeFact(s, envelope(fact, NOW), NOW);
      expect([next.link.state, ignoredAs(next)]).toEqual(['live', 'LI60 w']);
    }
  });

  it('LI61 finds a closed record as it was', () => {
    const closed = { ...gone(), closed: 'retired' as const };
    const next = takeFact(closed, envelope(reconnected(), NOW), NOW);
    expect([connectionOf(next), ignoredAs(next)]).toEqual(['closed', 'LI61 n']);
  });

  it('moves the watermark, also when it changes nothing', () => {
    expect(linkAfterFact(suspended(), envelope(offboarded(), PAUSED_AT), NOW).link.asOfMs).toBe(PAUSED_AT);
    expect(linkAfterFact(live(), envelope(removed(), T0 - days(1)), NOW).link.asOfMs).toBe(T0 - days(1));
  });
});
