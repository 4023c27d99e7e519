/** How far a number is, in few fields: for a backend, and for the owner's screen without anything that is not the owner's. */
import { z } from 'zod';
import { HEADLINES, headlineOf } from '../domain/headline.ts';
import { ATTEMPT_STATES, ATTEMPT_STEPS, SYNC_STATES, WAIT_REASONS, type Snapshot } from '../domain/snapshot.ts';
import { iso, numberResource, numberSchema, type NumberResource } from './number-resource.ts';
import type { NumberRow } from './ports.ts';
import { failureCode } from './problem.ts';

const failure = z.object({ code: failureCode, sentence: z.string(), remedy: z.array(z.string()) });
const version = z.string().meta({ description: 'Changes with whatever is shown here; the id of the event.' });

const common = {
  version,
  headline: z.enum(HEADLINES),
  attempt: z.object({
    state: z.enum(ATTEMPT_STATES),
    step: z.enum(ATTEMPT_STEPS).nullable(),
    expiresAt: z.string(),
    retryAt: z.string().nullable(),
    failure: failure.nullable(),
    wait: z.object({ for: z.enum(WAIT_REASONS), until: z.string() }).nullable(),
  }),
  imports: z.object({
    contacts: z.object({ state: z.enum(SYNC_STATES), counted: z.int().min(0) }),
    history: z.object({ state: z.enum(SYNC_STATES), progress: z.int().min(0), messages: z.int().min(0) }),
  }),
  updatedAt: z.string(),
};

export const ownersProgressSchema = z.object(common).meta({ id: 'OwnersProgress' });
export type OwnersProgress = z.infer<typeof ownersProgressSchema>;

export const progressSchema = z
  .object({
    id: z.string(),
    cycle: z.int().min(0),
    ...common,
    attempt: common.attempt.extend({ ordinal: z.int().min(0).meta({ description: 'Within the cycle.' }) }),
    nextDeadline: numberSchema.shape.nextDeadline,
    resumeUrl: z
      .string()
      .nullable()
      .meta({
        description:
          'Where the owner goes on with a dialog that was opened and has not ended, for as long as the invitation ' +
          'lives: to be sent to the owner alone. Null for operators.',
      }),
  })
  .meta({ id: 'Progress' });
export type Progress = z.infer<typeof progressSchema>;

interface Told {
  version: string;
}

/** NOTE: by name, so that a field that the number gets one day is not shown to its owner by itself. */
export function ownersProgress(row: NumberRow, told: Told): OwnersProgress {
  const { attempt, syncs, updatedAt } = numberResource(row);
  const { state, step, expiresAt, retryAt } = attempt;
  return {
    ...told,
    headline: headlineOf(row.snapshot),
    attempt: { state, step, expiresAt, retryAt, failure: failureOf(attempt.failure), wait: waitOf(row.snapshot) },
    imports: {
      contacts: { state: syncs.contacts.state, counted: syncs.contacts.counted },
      history: {
        state: syncs.history.state,
        progress: syncs.history.progress,
        messages: syncs.history.messages,
      },
    },
    updatedAt,
  };
}

/** NOTE: the link is a credential that outlives a state and needs no key: it is told to the number's backend alone. */
export function progressOf(row: NumberRow, { version: of, resumeUrl }: Told & { resumeUrl: string | null }): Progress {
  const { cycle, attempt: latest } = row.snapshot;
  const { nextDeadline } = numberResource(row);
  const progress = ownersProgress(row, { version: of });
  const attempt = { ordinal: latest.ordinal, ...progress.attempt };
  return { id: row.numberId, cycle, ...progress, attempt, nextDeadline, resumeUrl };
}

function failureOf(failed: NumberResource['attempt']['failure']): z.infer<typeof failure> | null {
  return failed && { code: failed.code, sentence: failed.sentence, remedy: failed.remedy };
}

function waitOf({ attempt: { wait } }: Snapshot): OwnersProgress['attempt']['wait'] {
  return wait && { for: wait.for, until: iso(wait.untilMs) };
}
