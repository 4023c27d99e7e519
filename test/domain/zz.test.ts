import fc from 'fast-check';
import { it } from 'vitest';
import { cancelled } from './cancelled-life.ts';
import { actions, play } from './random-life.ts';
it('long', () => { fc.assert(fc.property(actions, (seq) => { cancelled(play(seq)); }), { numRuns: 40000 }); }, 120000);
