/** The one door for facts and commands: which facets hear of it, in which order, and what is answered. */
import { activityAfterFact } from './activity.ts';
import { attemptAfterFact, endAttempt, isAtWork, isBeforeCode, openNextCycle } from './attempt.ts';
import { ACCEPTED, ALREADY, refused, type Answered } from './answers.ts';
import { chooseNumber, openAfterFix, retryNow } from './attempt-commands.ts';
import { attemptAfterNews, attemptDeferring } from './attempt-news.ts';
import { afterYield } from './claim-yield.ts';
import type { Asker, Command, CommandEnvelope, SyncType } from './commands.ts';
import type { FactEnvelope, FactKind } from './facts.ts';
import { afterHandOver } from './hand-over.ts';
import { linkAfterFact } from './link.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from './policy.ts';
import type { Snapshot } from './snapshot.ts';
import { ignore, say } from './story.ts';
import { repairSubscription } from './subscription.ts';
import { syncAfterFact } from './sync-arrivals.ts';
import { takeSyncCommand } from './sync-commands.ts';
import { closeTask, isTaskOpen } from './tasks.ts';
import { TASK_FOR, type TaskKind } from './task-kinds.ts';
import { trafficAfterFact } from './traffic.ts';

const ABOUT_THE_LINK: readonly FactKind[] = ['partnerRemoved', 'accountOffboarded', 'accountReconnected'];

/**
 * Takes one fact. A fact whose id is known changes nothing (GR3); each row is harmless when repeated besides.
 * While an attempt runs, news about the link from after the dialog's finish waits for the attempt's end.
 */
export function takeFact(s: Snapshot, envelope: FactEnvelope, nowMs: number): Snapshot {
  if (s.factIds.includes(envelope.factId)) return s;
  const known: Snapshot = { ...s, factIds: [...s.factIds, envelope.factId].slice(-s.policy.factIdsMax) };
  if (s.closed !== 'no') return ignore(known, envelope, { row: 'LI61', why: 'n' });
  if (waitsForAttempt(s, envelope)) return attemptDeferring(known, envelope, nowMs);
  if (envelope.fact.kind === 'attemptHandedOver') return afterHandOver(known, envelope, nowMs);
  if (envelope.fact.kind === 'claimYielded') return afterYield(known, envelope, nowMs);
  const afterLink = linkAfterFact(known, envelope, nowMs);
  const afterAttempt = attemptAfterNews(attemptAfterFact(afterLink, envelope), envelope, nowMs);
  const afterTraffic = trafficAfterFact(afterAttempt, envelope, nowMs);
  return activityAfterFact(syncAfterFact(afterTraffic, envelope), envelope);
}

function waitsForAttempt({ attempt }: Snapshot, envelope: FactEnvelope): boolean {
  if (!ABOUT_THE_LINK.includes(envelope.fact.kind)) return false;
  const isUnderWay = isAtWork(attempt) || attempt.state === 'undoing';
  return isUnderWay && envelope.occurredAtMs > (attempt.finishedAtMs ?? Infinity);
}

/**
 * Takes a command once: a repeat gets the first answer and changes nothing. Temporal knows an update's id within one run
 * alone, so the ring of answers travels with the snapshot.
 */
export function takeCommandOnce(
  s: Snapshot,
  envelope: CommandEnvelope,
  nowMs: number,
): Answered & { isRepeat: boolean } {
  const { commandId } = envelope;
  const first = s.answered.find((known) => known.commandId === commandId);
  if (first) return { answer: first.answer, next: s, isRepeat: true };
  const { answer, next } = takeCommand(s, envelope, nowMs);
  const answered = [...s.answered, { commandId, answer }].slice(-s.policy.answersMax);
  return { answer, next: { ...next, answered }, isRepeat: false };
}

/** Takes one command: the answer for the caller, and the state that follows. A refused one changes nothing. */
export function takeCommand(
  s: Snapshot,
  { command, by }: Pick<CommandEnvelope, 'command' | 'by'>,
  nowMs: number,
): Answered {
  if (s.closed !== 'no') return { answer: refused(), next: s };
  if ('type' in command) return takeSyncCommand(s, { command, by }, nowMs);
  if ('task' in command) return endTask(s, { command, by }, nowMs);
  return takePlainCommand(s, { command, by }, nowMs);
}

type PlainCommand = Exclude<Command, { type: SyncType } | { task: TaskKind }>;

function takePlainCommand(s: Snapshot, { command, by }: { command: PlainCommand; by: Asker }, nowMs: number): Answered {
  switch (command.kind) {
    case 'startReonboarding':
      return startReonboarding(s, nowMs);
    case 'cancelOnboarding':
      return cancelOnboarding(s, nowMs);
    case 'chooseNumber':
      return chooseNumber(s, command.choiceId, nowMs);
    case 'retryNow':
      return retryNow(s, by, nowMs);
    case 'confirmAppOpened':
      return confirmAppOpened(s, command.openedAtMs, nowMs);
    case 'requestDisconnect':
      return requestDisconnect(s, nowMs);
    case 'withdrawDisconnect':
      return withdrawDisconnect(s, nowMs);
    case 'repairSubscription':
      return repairSubscription(s, by, nowMs);
  }
}

/** CM03. */
function startReonboarding(s: Snapshot, nowMs: number): Answered {
  if (s.attempt.state !== 'none') return { answer: { ...ALREADY, atMs: s.attempt.opensAtMs }, next: s };
  if (s.link.state !== 'gone') return { answer: refused(), next: s };
  const next = openNextCycle(s, nowMs);
  return { answer: { ...ACCEPTED, atMs: next.attempt.opensAtMs }, next };
}

/** CM05: AT07 before the code, AT33 after it. */
function cancelOnboarding(s: Snapshot, nowMs: number): Answered {
  if (isBeforeCode(s.attempt))
    return { answer: ACCEPTED, next: endAttempt(s, { row: 'AT07', why: 'withdrawn' }, nowMs) };
  if (s.attempt.state === 'none') return { answer: refused(), next: s };
  if (s.attempt.isCancelled) return { answer: ALREADY, next: s };
  return { answer: ACCEPTED, next: { ...s, attempt: { ...s.attempt, isCancelled: true } } };
}

/** CM14: a task for operators is theirs alone. What we could not undo is undone, and our fix is made, when one of them says so. */
function endTask(
  s: Snapshot,
  { command, by }: { command: Extract<Command, { task: TaskKind }>; by: Asker },
  nowMs: number,
): Answered {
  const isForeign = TASK_FOR[command.task] === 'operator' && by !== 'operator';
  if (isForeign || !isTaskOpen(s, command.task)) return { answer: refused(), next: s };
  const as = command.kind === 'completeTask' ? 'done' : 'dismissed';
  const closed = closeTask(s, command.task, { row: 'CM14', atMs: nowMs, as });
  if (as === 'dismissed') return { answer: ACCEPTED, next: closed };
  const undone = command.task === 'op-undo' ? { ...closed, incompleteUndo: [] } : closed;
  return { answer: ACCEPTED, next: openAfterFix(undone, command.task, nowMs) };
}

/** CM11: the owner's word is evidence, for a time within the limit and not ahead. Answers with the next due date. */
function confirmAppOpened(s: Snapshot, openedAtMs: number, nowMs: number): Answered {
  const { appLimitDays, reminderDays, evidenceDebounceHours } = s.policy;
  const isPlausible = openedAtMs <= nowMs + 5 * MINUTE_MS && openedAtMs >= nowMs - appLimitDays * DAY_MS;
  if (s.link.state !== 'live' || !isPlausible) return { answer: refused(), next: s };
  const evidenceAtMs = Math.min(openedAtMs, nowMs);
  const next = activityAfterFact(s, {
    factId: '',
    occurredAtMs: nowMs,
    fact: { kind: 'activitySeen', evidence: 'stated', evidenceAtMs },
  });
  const latestMs = next.activity.anyAtMs ?? evidenceAtMs;
  const dueAtMs = latestMs + (reminderDays[0] ?? appLimitDays) * DAY_MS + evidenceDebounceHours * HOUR_MS;
  return { answer: { ...ACCEPTED, atMs: dueAtMs }, next };
}

/** CM15, LE01: a wish; the phone does it. An open invitation goes with it (AT07). */
function requestDisconnect(s: Snapshot, nowMs: number): Answered {
  if (s.leave.state !== 'none') return { answer: { ...ALREADY, atMs: s.leave.untilMs }, next: s };
  if (s.link.state === 'gone') return { answer: refused('ALREADY_DISCONNECTED'), next: s };
  const stands = s.link.state === 'live' || s.link.state === 'suspended';
  if (!stands || isAtWork(s.attempt) || s.attempt.state === 'undoing') return { answer: refused(), next: s };
  const calm = isBeforeCode(s.attempt) ? endAttempt(s, { row: 'AT07', why: 'withdrawn' }, nowMs) : s;
  const untilMs = nowMs + s.policy.leaveDays * DAY_MS;
  const next = say({ ...calm, leave: { state: 'asked', untilMs } }, 'disconnectAsked', {
    row: 'LE01',
    atMs: nowMs,
    untilMs,
  });
  return { answer: { ...ACCEPTED, atMs: untilMs }, next };
}

/** CM18, LE05: the wish goes, the link is as it is. */
function withdrawDisconnect(s: Snapshot, nowMs: number): Answered {
  if (s.leave.state !== 'none') {
    const next = say({ ...s, leave: { state: 'none', untilMs: null } }, 'disconnectWithdrawn', {
      row: 'LE05',
      atMs: nowMs,
    });
    return { answer: ACCEPTED, next };
  }
  if (s.link.state === 'gone') return { answer: refused('ALREADY_DISCONNECTED'), next: s };
  const stands = s.link.state === 'live' || s.link.state === 'suspended';
  return { answer: stands ? ALREADY : refused(), next: s };
}
