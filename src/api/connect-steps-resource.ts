/** The steps of connecting as a backend sees them (C23). */
import { z } from 'zod';
import { CONNECT_MOMENTS, connectStepsOf } from '../domain/connect-times.ts';
import type { NumberRow } from './ports.ts';

export const connectStepsSchema = z
  .array(
    z
      .object({
        step: z.enum(CONNECT_MOMENTS),
        at: z.string(),
        tookMs: z.int().min(0).nullable().meta({ description: 'Since the step before it; null for the first one.' }),
      })
      .meta({ id: 'ConnectStep' }),
  )
  .meta({ description: 'How far the latest attempt came, and how long each step took.' });

export function connectStepResources(moments: NumberRow['connectMoments']): z.infer<typeof connectStepsSchema> {
  return connectStepsOf(moments).map(({ step, atMs, tookMs }) => ({ step, at: new Date(atMs).toISOString(), tookMs }));
}
