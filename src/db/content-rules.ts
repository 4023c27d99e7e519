/** Which imports a number's tenant has asked for, and how long their content is kept (SY17, `contentDays`). */
import { and, eq, inArray } from 'drizzle-orm';
import type { NumberId } from '../domain/ids.ts';
import { DAY_MS, POLICY } from '../domain/policy.ts';
import type { Executor } from './connect.ts';
import { numbers } from './schema-numbers.ts';
import { syncRequests } from './schema-syncs.ts';

export interface ContentRule {
  contacts: boolean;
  history: boolean;
  keptForMs: number;
}

/**
 * By number. Wanted is what was chosen, and what Meta was asked for in this cycle: the stored choice may lag behind a
 * command by the moment until its record, the intent of a request never does.
 */
export async function contentRulesOf(
  tx: Executor,
  ids: readonly NumberId[],
): Promise<ReadonlyMap<NumberId, ContentRule>> {
  if (ids.length === 0) return new Map();
  const rows = await tx
    .select({ numberId: numbers.numberId, snapshot: numbers.snapshot })
    .from(numbers)
    .where(inArray(numbers.numberId, [...ids]));
  const asked = await tx
    .select({ numberId: syncRequests.numberId, type: syncRequests.type })
    .from(syncRequests)
    .innerJoin(numbers, and(eq(numbers.numberId, syncRequests.numberId), eq(numbers.cycle, syncRequests.cycle)))
    .where(inArray(syncRequests.numberId, [...ids]));
  const isAsked = new Set(asked.map(({ numberId, type }) => `${numberId}/${type}`));
  return new Map(
    rows.map(({ numberId, snapshot: { imports, policy } }) => [
      numberId,
      {
        contacts: imports.contacts || isAsked.has(`${numberId}/contacts`),
        history: imports.history || isAsked.has(`${numberId}/history`),
        keptForMs: keptDays(policy.contentDays) * DAY_MS,
      },
    ]),
  );
}

/** As the number's policy says, never longer than that of today; a snapshot of older code has none. */
function keptDays(own: number | undefined): number {
  return Math.min(own ?? POLICY.contentDays.value, POLICY.contentDays.value);
}
