/** What a read of the account while connecting leads to: sentences at once, tasks once the number is connected (C01 to C04, P13). */
import type { UnexpectedAccount } from './expectations.ts';
import { tasksOfUnexpected } from './expectations.ts';
import type { Attempt, Snapshot } from './snapshot.ts';
import { say } from './story.ts';
import { TASK_FOR, type TaskKind } from './task-kinds.ts';
import { closeTask, openTask, openTasks } from './tasks.ts';

/** `hasTimeZone` is null where the account could not be read; `unexpected` is there only where something differs. */
export interface AccountRead {
  hasTimeZone: boolean | null;
  unexpected?: UnexpectedAccount;
}

/** Nothing is said and nothing kept of an account that is as expected: connecting is never held up by it. */
export function afterAccountRead(s: Snapshot, { hasTimeZone, unexpected }: AccountRead, atMs: number): Snapshot {
  const zoned = hasTimeZone === false ? say(s, 'timeZoneMissing', { row: 'C02', atMs }) : s;
  const isOfLink = s.attempt.found.wabaId === s.wabaId;
  const isChosen = hasTimeZone === true && isOfLink;
  const seen = isChosen ? closeTask(zoned, 'choose-time-zone', { row: 'C02', atMs, as: 'done' }) : zoned;
  const told = unexpected ? tellUnexpected(seen, unexpected, atMs) : seen;
  const kinds: readonly TaskKind[] = [
    ...(unexpected ? tasksOfUnexpected(unexpected) : []),
    ...(hasTimeZone === false ? (['choose-time-zone'] as const) : []),
  ];
  const { accountTasks: _former, ...found } = told.attempt.found;
  const kept = kinds.length === 0 ? found : { ...found, accountTasks: kinds };
  return { ...told, attempt: { ...told.attempt, found: kept } };
}

/** P13: said at once, by ids and by what differs. */
export function tellUnexpected(s: Snapshot, { fields, portfolioIds }: UnexpectedAccount, atMs: number): Snapshot {
  return say(s, 'accountUnexpected', {
    row: 'P13',
    atMs,
    fields: fields.join(' '),
    expectedId: portfolioIds?.expected ?? null,
    toldId: portfolioIds?.told ?? null,
  });
}

/** The tasks of the account that the new link has; one that stands open already keeps its date. */
export function withAccountTasks(s: Snapshot, { accountTasks = [] }: Attempt['found'], atMs: number): Snapshot {
  const isOfZone = (kind: TaskKind): boolean => kind === 'choose-time-zone';
  const unexpected = (['owner', 'operator'] as const).reduce((state, who) => {
    const [first, ...more] = accountTasks.filter((kind) => TASK_FOR[kind] === who && !isOfZone(kind));
    return first === undefined ? state : openTasks(state, [first, ...more], { row: 'P13', atMs });
  }, s);
  return accountTasks.some(isOfZone) ? openTask(unexpected, 'choose-time-zone', { row: 'C02', atMs }) : unexpected;
}
