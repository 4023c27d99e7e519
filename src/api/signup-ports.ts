/** What the owner's way through a signup needs of the stores: the journal of a run, its page, and what is watched. */
import type { GuideMoment } from '../domain/guide.ts';
import type { NumberId } from '../domain/ids.ts';
import type { RunClaim } from './dialog-state.ts';

/** A run as its owner's page may read it. */
export interface GuidedRun {
  numberId: NumberId;
  openedAtMs: number;
  expiresAtMs: number;
  codeReceivedAtMs: number | null;
  /** By an error, or by an ending that is not of coexistence. */
  hasEndedOtherwise: boolean;
  moments: readonly { moment: GuideMoment; atMs: number }[];
}

export interface SignupGuide {
  /** The first time of a moment counts, and a repeat is `kept`, also late. The other answers are those of a part of a run. */
  keepMoment(
    run: RunClaim,
    moment: GuideMoment,
    atMs: number,
  ): Promise<'kept' | 'unknown' | 'expired' | 'used' | 'over'>;
  /** Null for a run that does not fit the claim. */
  readRun(run: RunClaim): Promise<GuidedRun | null>;
  /** Binds the run to the origin of the first page that speaks for it. Answers the one that it is bound to. */
  keepOrigin(run: RunClaim, origin: string): Promise<string | null>;
}

export interface ProgressMarks {
  /** One query for all of them: a mark changes with whatever the progress of its number shows. Unknown numbers are left out. */
  readMarks(ids: readonly NumberId[]): Promise<ReadonlyMap<NumberId, string>>;
}
