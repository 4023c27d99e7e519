/** Runs of Meta's dialog in memory, with the answers that the real store gives. */
import type { ApiPorts, Funnel, NumberRow, OpenedRun, PartAnswer } from '../../src/api/ports.ts';
import type { RunClaim } from '../../src/api/dialog-state.ts';
import type { FailureCode } from '../../src/domain/failures.ts';
import type { GuideMoment } from '../../src/domain/guide.ts';
import type { DialogRunId, NumberId, TenantId } from '../../src/domain/ids.ts';

type Stored = <Result>(answer: () => Result) => Promise<Result>;
type PartName = 'code' | 'result' | 'error';
type Lonely = Awaited<ReturnType<ApiPorts['dialogRuns']['listResultsWithoutCode']>>[number];

interface StoredRun {
  run: Extract<PartAnswer, { run: unknown }>['run'];
  tenantId: TenantId;
  openedAtMs: number;
  expiresAtMs: number;
  disclosure: { version: number; by: string };
  code?: string;
  result?: string;
  error?: string;
  failure?: FailureCode;
  step?: string | null;
  driftedAtMs?: number;
  codeAtMs?: number;
  origin?: string | null;
  moments?: { moment: GuideMoment; atMs: number }[];
}

export function createDialogStore(stored: Stored, rows: ReadonlyMap<NumberId, NumberRow>) {
  const state = {
    runs: new Map<DialogRunId, StoredRun>(),
    lonely: [] as Lonely[],
    nudges: [] as { beforeMs: number; atMs: number }[],
    funnel: { opened: 0, finished: 0, abandoned: [], errors: [], otherEndings: [] } as Funnel,
    funnelSinceMs: 0,
  };
  const claimed = ({ dialogRunId, tenantId, cycle, attempt }: RunClaim): StoredRun | null => {
    const found = state.runs.get(dialogRunId);
    const isIts = found?.tenantId === tenantId && found.run.cycle === cycle && found.run.attempt === attempt;
    return isIts ? found : null;
  };
  const isOver = ({ run }: StoredRun): boolean => {
    const snapshot = rows.get(run.numberId)?.snapshot;
    return !snapshot || snapshot.closed !== 'no' || snapshot.attempt.state === 'none';
  };
  const part = (claim: RunClaim, [name, value]: readonly [PartName, string], atMs: number): PartAnswer => {
    const found = claimed(claim);
    if (!found) return { kind: 'unknown' };
    const known = found[name];
    const isNews = name !== 'error' || found.code === undefined;
    if (known !== undefined) return known === value ? { kind: 'same', run: found.run, isNews } : { kind: 'different' };
    if (name !== 'error' && found.error !== undefined) return { kind: 'used' };
    if (atMs > found.expiresAtMs) return { kind: 'expired' };
    if (isOver(found)) return { kind: 'over' };
    found[name] = value;
    return { kind: 'stored', run: found.run, isNews };
  };
  const openedOf = ({ run: { dialogRunId, cycle, attempt }, expiresAtMs }: StoredRun): OpenedRun => {
    return { dialogRunId, cycle, attempt, expiresAtMs };
  };
  const drifted = (claim: RunClaim, isDrift: boolean, atMs: number): void => {
    const found = claimed(claim);
    if (found && isDrift) found.driftedAtMs = atMs;
  };
  const dialogRuns: ApiPorts['dialogRuns'] = {
    readOpened: (tenantId, id) =>
      stored(() => {
        const found = state.runs.get(id);
        return found?.tenantId === tenantId ? openedOf(found) : null;
      }),
    open: ({ dialogRunId, numberId, cycle, attempt, ...rest }, limits) =>
      stored(() => {
        const tenantId = rows.get(numberId)?.tenantId;
        if (!tenantId) throw new Error('no such number');
        const nth = (isOf: (one: StoredRun) => boolean, max: number): number => {
          const times = [...state.runs.values()].filter(isOf).map(({ openedAtMs }) => openedAtMs);
          return (times.toSorted((a, b) => b - a)[max - 1] ?? -limits.windowMs) + limits.windowMs;
        };
        const retryAtMs = Math.max(
          nth(({ run }) => run.numberId === numberId, limits.perNumber),
          nth((one) => one.tenantId === tenantId, limits.perTenant),
        );
        if (retryAtMs > rest.openedAtMs) return { kind: 'exhausted', retryAtMs };
        const made = { run: { dialogRunId, numberId, cycle, attempt }, tenantId, ...rest };
        state.runs.set(dialogRunId, made);
        return { kind: 'opened', run: openedOf(made) };
      }),
    acceptCode: (run, code, atMs) =>
      stored(() => {
        const answer = part(run, ['code', code], atMs);
        const found = claimed(run);
        if (found && answer.kind === 'stored') found.codeAtMs = atMs;
        return answer;
      }),
    acceptResult: (run, result, atMs) =>
      stored(() => {
        const answer = part(run, ['result', JSON.stringify(result)], atMs);
        drifted(run, result.ending === 'standard' && answer.kind === 'stored', atMs);
        return 'isNews' in answer ? { ...answer, isNews: result.ending !== 'coexistence' } : answer;
      }),
    acceptError: (run, error, atMs) =>
      stored(() => {
        const answer = part(run, ['error', JSON.stringify(error)], atMs);
        drifted(run, error.failure === 'SIGNUP_MODE_DRIFTED' && answer.kind === 'stored', atMs);
        return answer;
      }),
    acceptAbandoned: (run, step, atMs) =>
      stored(() => {
        const found = claimed(run);
        if (found && 'step' in found) return { kind: 'same', run: found.run, isNews: false };
        if (!found) return { kind: 'unknown' };
        if (atMs > found.expiresAtMs) return { kind: 'expired' };
        found.step = step;
        return { kind: 'stored', run: found.run, isNews: false };
      }),
    listResultsWithoutCode: (before) => stored(() => state.lonely.filter((one) => one.receivedAtMs <= before)),
    markResultPosted: (run) =>
      stored(() => void (state.lonely = state.lonely.filter((one) => one.dialogRunId !== run))),
  };
  const dialogLedger: ApiPorts['dialogLedger'] = {
    countDrifts: (sinceMs) =>
      stored(() => [...state.runs.values()].filter(({ driftedAtMs }) => (driftedAtMs ?? 0) > sinceMs).length),
    readFunnel: (_tenant, sinceMs) => stored(() => ((state.funnelSinceMs = sinceMs), state.funnel)),
    nudgeAbandoned: ({ beforeMs, atMs }) => stored(() => state.nudges.push({ beforeMs, atMs })),
  };
  const signupGuide: ApiPorts['signupGuide'] = {
    keepMoment: (claim, moment, atMs) =>
      stored(() => {
        const found = claimed(claim);
        if (!found) return 'unknown';
        const moments = (found.moments ??= []);
        if (moments.some((one) => one.moment === moment)) return 'kept';
        if (found.code !== undefined || found.error !== undefined) return 'used';
        if (atMs > found.expiresAtMs) return 'expired';
        if (isOver(found)) return 'over';
        moments.push({ moment, atMs });
        return 'kept';
      }),
    readRun: (claim) =>
      stored(() => {
        const found = claimed(claim);
        if (!found) return null;
        const { run, openedAtMs, expiresAtMs, codeAtMs = null, error, moments = [] } = found;
        const hasEndedOtherwise = error !== undefined;
        return {
          numberId: run.numberId,
          openedAtMs,
          expiresAtMs,
          codeReceivedAtMs: codeAtMs,
          hasEndedOtherwise,
          moments,
        };
      }),
    keepOrigin: (claim, origin) =>
      stored(() => {
        const found = claimed(claim);
        return found ? (found.origin ??= origin) : null;
      }),
  };
  return { state, dialogRuns, dialogLedger, signupGuide };
}
