/** A scenario file: the steps that a number's life takes, and what must be true at its end; used by the demo and the tests alike. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { COMMAND_PATHS } from './backend.ts';

const UNITS_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof UNITS_MS;

/** `90s`, `15m`, `2h`, `3d` in milliseconds. */
const duration = z
  .string()
  .regex(/^\d+[smhd]$/, 'a duration such as 90s, 15m, 2h or 3d')
  .transform((text) => Number(text.slice(0, -1)) * UNITS_MS[unitOf(text)]);

/** The expression above has checked the last letter. */
function unitOf(text: string): Unit {
  return text.slice(-1) as Unit;
}

/** What can be read back of a number from the API; what is not named does not matter. */
const expectation = z.strictObject({
  connection: z.string().optional(),
  headline: z.string().optional(),
  cycle: z.number().optional(),
  contacts: z.string().optional(),
  history: z.string().optional(),
  endReason: z.string().optional(),
  failure: z.string().optional(),
  phoneStillLinked: z.string().optional(),
  /** A sentence of the timeline that has been told. */
  said: z.string().optional(),
});
export type Expectation = z.infer<typeof expectation>;

const step = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('invite') }),
  z.strictObject({
    do: z.literal('finish-signup'),
    first: z.enum(['result', 'code']),
    partnerAddedDelayMs: z.number().optional(),
  }),
  z.strictObject({ do: z.literal('advance'), by: duration }),
  z.strictObject({ do: z.literal('phone'), act: z.looseObject({ action: z.string() }) }),
  z.strictObject({ do: z.literal('command'), command: z.enum(COMMAND_PATHS) }),
  expectation.extend({ do: z.literal('until'), within: duration }),
]);
export type StoryStep = z.infer<typeof step>;

const storySchema = z.strictObject({
  title: z.string(),
  phone: z.looseObject({}),
  steps: z.array(step),
  end: z.strictObject({
    number: expectation,
    /** As the local Meta holds it. */
    meta: z.record(z.string(), z.unknown()),
    /** How often each once-only call was accepted. */
    acceptedOnce: z.record(z.string(), z.number()),
    neverCalled: z.array(z.string()).default([]),
    reminders: z.array(z.number()).optional(),
  }),
});
export type Story = z.infer<typeof storySchema>;

/** Reads and checks one of the files in `src/simulator/scenarios`. */
export function readStory(name: string): Story {
  const file = new URL(`../simulator/scenarios/${name}.json`, import.meta.url);
  return storySchema.parse(JSON.parse(readFileSync(file, 'utf8')));
}
