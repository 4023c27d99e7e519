/** How one onboarding may end, by the rows that lead there (docs/coverage.md). */
import type { SyncState } from '../../src/domain/snapshot.ts';
import { CHUNK_NAMES, type FactName, type Played, type Story } from './onboarding-story.ts';

/** What must not depend on how the facts travelled. */
export interface End {
  link: string;
  connection: string;
  cycle: number;
  attempt: string;
  failure: string | null;
  credential: string;
  contacts: SyncState;
  history: SyncState;
  tasks: readonly string[];
  undo: readonly string[];
}

export function endOf({ life: { state, connection } }: Played): End {
  const { link, cycle, attempt, credential, contacts, history, tasks, compensation, incompleteUndo } = state;
  return {
    link: link.state,
    connection,
    cycle,
    attempt: attempt.state,
    failure: attempt.failure?.code ?? null,
    credential,
    contacts: contacts.state,
    history: history.state,
    tasks: tasks.flatMap(({ kind, state: is }) => (is === 'open' ? [kind] : [])).toSorted(),
    undo: [...attempt.undo, ...compensation, ...incompleteUndo],
  };
}

/** What we hold of the customer's, at Meta and in our stores. */
export function heldOf({ meta }: Played): string {
  const { credentials, hasClaim, isSubscribed } = meta;
  return [credentials.size > 0 && 'credential', hasClaim && 'claim', isSubscribed && 'subscription']
    .filter((one) => one !== false)
    .join(' ');
}

/** What should be held in the end: all of a link that stands; of one that is gone the claim alone; nothing of no link. */
export function heldFor({ link }: End): string {
  if (link === 'live') return 'credential claim subscription';
  return link === 'gone' ? 'claim' : '';
}

/** Code and error of one attempt overtook each other, or the code came after its 30 s: no token can be had. */
export function isCodeDead({ parcels, hasError }: Story): boolean {
  const { code, error } = parcels;
  if (code.isLost || code.delayMs >= CODE_LIFE_MS) return true;
  const errorAtMs = error.delayMs - ERROR_BEFORE_MS;
  return hasError && !error.isLost && errorAtMs > -DIALOG_MS && errorAtMs <= code.delayMs;
}

const CODE_LIFE_MS = 30_000;
/** The error stands ten minutes before the code, the opening of the dialog five. */
const ERROR_BEFORE_MS = 600_000;
const DIALOG_MS = 300_000;

type Row = { rows: string; when: (story: Story) => boolean; end: Partial<End> };

const isLost = ({ parcels }: Story, name: FactName): boolean => parcels[name].isLost;
const knowsPause = (story: Story): boolean => story.hasPause && !isLost(story, 'offboarded');
const isReview = ({ gate }: Story): boolean => gate === 'review';

/** Every end that the tables allow, and what must be so for it. */
export const ENDS: readonly Row[] = [
  {
    rows: 'AT13 AT20; LI07 LI30 LI36 after a pause; a removal of which no word came is for the sweep',
    when: (story) => !isCodeDead(story) && (!story.hasRemoval || (isLost(story, 'removed') && !isReview(story))),
    end: { link: 'live', connection: 'connected', attempt: 'none', failure: null, credential: 'valid' },
  },
  {
    rows: 'LI02 LI33 by the word; LI06 LI36 by looks that a pause or a return made necessary; LI57',
    when: (story) => !isCodeDead(story) && story.hasRemoval && !isReview(story),
    end: { link: 'gone', connection: 'disconnected', attempt: 'none', failure: null, credential: 'forgotten' },
  },
  {
    rows: 'AT12, or ST1 AT21, or AT10 and GR4; AT34; AT08',
    when: isCodeDead,
    end: { link: 'none', connection: 'closed', attempt: 'none', failure: 'INVITATION_EXPIRED', credential: 'none' },
  },
  {
    rows: 'AT26, or AT23 of the gate: removed while Meta reviewed; AT34 AT35 AT08',
    when: (story) => isReview(story) && story.hasRemoval,
    end: { link: 'none', connection: 'closed', attempt: 'none', failure: 'INVITATION_EXPIRED', credential: 'none' },
  },
  {
    rows: 'AT28 AT23: changed while Meta reviewed, and no word of a return; AT34 AT35 AT08',
    when: (story) => isReview(story) && knowsPause(story) && isLost(story, 'reconnected'),
    end: { link: 'none', connection: 'closed', attempt: 'none', failure: 'INVITATION_EXPIRED', credential: 'none' },
  },
];

/** Ends of the imports, where a link was made. */
export function allowedImports(
  story: Story,
  end: End,
): { contacts: readonly SyncState[]; history: readonly SyncState[] } {
  if (end.link === 'none') return { contacts: ['off'], history: ['off'] };
  const late: readonly SyncState[] = knowsPause(story) && isReview(story) ? ['off'] : []; // SY00: past the window
  const cut: readonly SyncState[] = end.link === 'gone' ? ['cut'] : []; // SY12
  return {
    contacts: ['complete', ...late, ...cut], // SY06 SY07
    history: [...historyEnds(story, end), ...late, ...cut],
  };
}

/** SY08; SY09 SY10 where a chunk is missing or the link ended before it came; SY11. */
function historyEnds(story: Story, end: End): readonly SyncState[] {
  const isMissing = CHUNK_NAMES.some((name) => isLost(story, name)) || end.link === 'gone';
  switch (story.history) {
    case 'shared':
      return isMissing ? ['complete', 'stalled'] : ['complete'];
    case 'declined':
      return isLost(story, 'declined')
        ? ['stalled']
        : ['declined', ...(end.link === 'gone' ? ['stalled' as const] : [])];
    case 'declined-on-call':
      return ['declined'];
  }
}
