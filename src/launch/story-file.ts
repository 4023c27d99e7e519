/** A scenario file: the steps that a number's life takes, and what must be true at its end; used by the demo and the tests alike. */
import { readdirSync, readFileSync } from 'node:fs';
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
  attempt: z.string().optional(),
  contacts: z.string().optional(),
  history: z.string().optional(),
  endReason: z.string().optional(),
  failure: z.string().optional(),
  phoneStillLinked: z.string().optional(),
  /** A sentence of the timeline that has been told. */
  said: z.string().optional(),
});
export type Expectation = z.infer<typeof expectation>;

const whole = z.number().int().min(0).optional();
/** What the imports brought, as the API tells of it; what is not named does not matter. */
const imports = z.strictObject({
  contacts: z.strictObject({ added: whole, removed: whole }).optional(),
  history: z
    .strictObject({ chunks: whole, messages: whole, media: whole, phases: z.array(z.number().int()).optional() })
    .optional(),
  /** How many items the tenant can fetch and read. */
  readable: z.strictObject({ messages: whole, media: whole, contacts: whole }).optional(),
});
export type ImportsExpectation = z.infer<typeof imports>;

/** Whose number a step is about; the story's own without it. */
const tenant = z.literal('second').optional();
/** Which phone a step is about; the story's own without it. */
const phone = z.string().min(1).optional();
const times = { skip: z.number().int().optional(), times: z.number().int().optional() };
/** What the local Meta reads by its own schema: `GET /` there shows all of them. */
const act = z.looseObject({ action: z.string() });
const role = z.enum(['server', 'worker']);

const step = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('invite'), tenant }),
  z.strictObject({
    do: z.literal('finish-signup'),
    /** Which part of the dialog's end the browser hands over first. */
    first: z.enum(['result', 'code']),
    /** Clock time that the owner spends in the dialog. */
    takes: duration.optional(),
    /** Clock time between the two parts. */
    between: duration.optional(),
    /** How often each part is handed over. */
    copies: z.number().int().min(1).max(5).optional(),
    /** Further decisions about the dialog, as the local Meta takes them. */
    dialog: z.looseObject({}).optional(),
    /** Codes with which a part may be refused; any other refusal ends the story. */
    mayBeRefused: z.array(z.string()).optional(),
    /** The dialog ends without a code: cancelled, refused, or lost on the way. */
    isWithoutCode: z.boolean().optional(),
    partnerAddedDelayMs: z.number().optional(),
    tenant,
  }),
  z.strictObject({
    do: z.literal('advance'),
    by: duration,
    /** Does not wait for the end of the way: a worker is down, and comes back in a later step. */
    isInTheDark: z.boolean().optional(),
  }),
  z.strictObject({ do: z.literal('phone'), act, phone }),
  z.strictObject({ do: z.literal('account'), act, phone }),
  z.strictObject({ do: z.literal('portfolio'), set: z.looseObject({}), phone }),
  z.strictObject({ do: z.literal('command'), command: z.enum(COMMAND_PATHS), tenant }),
  expectation.extend({ do: z.literal('until'), within: duration, tenant }),
  z.strictObject({ do: z.literal('call-fault'), call: z.string(), fault: z.looseObject({}), ...times, phone }),
  z.strictObject({
    do: z.literal('webhook-fault'),
    field: z.string().optional(),
    event: z.string().optional(),
    fault: z.union([z.string(), z.looseObject({})]),
    ...times,
    phone,
  }),
  z.strictObject({ do: z.literal('release-calls'), call: z.string().optional() }),
  z.strictObject({
    do: z.literal('release-webhooks'),
    order: z.enum(['as-queued', 'reversed']).optional(),
    together: z.boolean().optional(),
  }),
  /** Hand-made, known to Meta or not. `$waba`, `$number`, `$digits` and `$business` stand for those of the phone. */
  z.strictObject({
    do: z.literal('webhook'),
    field: z.string(),
    value: z.record(z.string(), z.unknown()),
    entryId: z.string().default('$waba'),
    phone,
  }),
  z.strictObject({ do: z.literal('kill'), role }),
  z.strictObject({ do: z.literal('start'), role }),
]);
export type StoryStep = z.infer<typeof step>;
export type StepOf<Name extends StoryStep['do']> = Extract<StoryStep, { do: Name }>;

/** A further phone of the story. */
const otherPhone = z.strictObject({
  name: z.string(),
  phone: z.looseObject({}),
  /** Belongs to the account of the story's own phone. */
  isInSameAccount: z.boolean().default(false),
  /** Went through a dialog before the story, of which nobody hands us anything. */
  dialog: z.looseObject({}).optional(),
});

const storySchema = z.strictObject({
  title: z.string(),
  phone: z.looseObject({}),
  others: z.array(otherPhone).optional(),
  steps: z.array(step),
  end: z.strictObject({
    number: expectation,
    /** The number of the other tenant. */
    second: expectation.optional(),
    imports: imports.optional(),
    /** How many lines of the timeline hold a sentence. */
    told: z.array(z.strictObject({ sentence: z.string(), times: z.number().int().min(0) })).optional(),
    /** As the local Meta holds the phone. */
    meta: z.record(z.string(), z.unknown()),
    /** How often each once-only call was accepted. */
    acceptedOnce: z.record(z.string(), z.number()),
    /** How often each call was asked for, whatever was answered. */
    asked: z.record(z.string(), z.number()).optional(),
    neverCalled: z.array(z.string()).default([]),
    /** How many webhooks of a field or an event had each outcome. */
    deliveries: z.array(z.strictObject({ of: z.string(), outcome: z.string(), times: z.number().int() })).optional(),
    reminders: z.array(z.number()).optional(),
  }),
});
export type Story = z.infer<typeof storySchema>;

const SCENARIOS = new URL('../simulator/scenarios/', import.meta.url);

/** Reads and checks one of the files in `src/simulator/scenarios`. */
export function readStory(name: string): Story {
  return storySchema.parse(JSON.parse(readFileSync(new URL(`${name}.json`, SCENARIOS), 'utf8')));
}

/** The files that play a numbered scenario, in order; the stories of the demo carry no number. */
export function scenarioNames(): readonly string[] {
  return readdirSync(SCENARIOS)
    .filter((file) => /^\d\d/.test(file))
    .map((file) => file.replace(/\.json$/, ''))
    .toSorted();
}
