import { describe, expect, it } from 'vitest';
import { takeFact } from '../../src/domain/react.ts';
import { connecting, envelope, gone, invited, live, offboarded, reconnected, suspended, T0 } from './builders.ts';

const STATES = { invited: invited(), connecting: connecting(), live: live(), suspended: suspended(), gone: gone() };

describe('the snapshot', () => {
  it.each(Object.entries(STATES))('%s survives JSON', (_name, s) => {
    expect(JSON.parse(JSON.stringify(s))).toEqual(s);
  });

  it('remembers the last 256 facts and stays under 20 KB with them', () => {
    const facts = Array.from({ length: 300 }, (_, index) =>
      envelope(index % 2 === 0 ? offboarded() : reconnected(), T0 + index),
    );
    const s = facts.reduce((state, one) => ({ ...takeFact(state, one, T0 + 999), unsaid: [] }), live());
    expect(s.factIds).toEqual(facts.slice(-256).map(({ factId }) => factId));
    expect(JSON.stringify(s).length).toBeLessThan(20_000);
  });

  it('GR3 forgets the oldest first: a fact inside the ring is known, one before it is not', () => {
    const [first, second] = [envelope(offboarded(), T0 - 5), envelope(offboarded(), T0 - 4)];
    const s = { ...live(), factIds: [second.factId] };
    expect(takeFact(s, second, T0)).toBe(s);
    expect(takeFact(s, first, T0)).not.toBe(s);
  });
});
