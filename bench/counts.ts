/** The counts of an onboarding and of a month, measured on real servers and read from real histories. */
import { randomBytes } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { Figure, Report } from './figures.ts';
import { countActions, countEvents, readRuns, sumOf, type Run } from './histories.ts';
import { measuredOn } from './machine.ts';
import { liveAMonth } from './month.ts';
import { onboard, type Order } from './onboarding.ts';
import { difference, disagreements, readServerActions } from './server-actions.ts';
import { bringUpBenchWorld, type BenchWorld } from './servers.ts';
import { largestSnapshotBytes } from './snapshots.ts';

interface Planned {
  readonly digits: string;
  readonly order: Order;
  readonly echoesADay: number;
}

const ONBOARDINGS: readonly Planned[] = [
  { digits: '15550100901', order: 'lucky', echoesADay: 20 },
  { digits: '15550100902', order: 'unlucky', echoesADay: 200 },
  { digits: '15550100903', order: 'lucky', echoesADay: 2_000 },
  { digits: '15550100904', order: 'late news', echoesADay: 20 },
];

type Counted = ReadonlyMap<string, number>;

interface Onboarded extends Planned {
  readonly numberId: string;
  readonly runs: readonly Run[];
  readonly actions: Counted;
  readonly problems: readonly string[];
}

/** `timings`: measured elsewhere, shown beside the counts. */
export async function measureCounts(timings: readonly Figure[]): Promise<Report> {
  const bench = await bringUpBenchWorld(`bench${randomBytes(4).toString('hex')}`);
  try {
    const onboarded: Onboarded[] = [];
    for (const planned of ONBOARDINGS) onboarded.push(await measureOnboarding(bench, planned));
    const month = await measureMonth(bench, onboarded);
    return {
      figures: [...ordersOf(onboarded).flatMap(onboardingFigures), ...month.figures, ...timings],
      details: [
        ...ordersOf(onboarded).flatMap(([first]) =>
          first ? [{ title: `Actions, ${first.order} order`, rows: rowsOf(first.actions) }] : [],
        ),
        ...month.details,
        { title: 'Graph calls of one onboarding', rows: rowsOf(await graphCalls(bench, onboarded.length)) },
      ],
      problems: [...onboarded.flatMap(({ problems }) => problems), ...month.problems],
      measuredOn: await measuredOn(bench.world.client),
    };
  } finally {
    await bench.close();
  }
}

async function measureOnboarding(bench: BenchWorld, planned: Planned): Promise<Onboarded> {
  const { world } = bench;
  const before = await serverActions(bench);
  const numberId = await onboard(world, planned.digits, planned.order);
  const runs = await readRuns(world.client, `number/${numberId}`);
  const actions = countActions(runs);
  const problems = disagreements(actions, difference(await serverActions(bench), before));
  console.log(`onboarded in the ${planned.order} order: ${sumOf(actions)} Actions, ${countEvents(runs)} events`);
  return { ...planned, numberId, runs, actions, problems: problems.map((one) => `${planned.order} order: ${one}`) };
}

function serverActions({ metricsUrl, namespace }: BenchWorld): Promise<Map<string, number>> {
  return readServerActions(metricsUrl, namespace);
}

/** The onboardings of each order together. */
function ordersOf(onboarded: readonly Onboarded[]): Onboarded[][] {
  const orders = [...new Set(onboarded.map(({ order }) => order))];
  return orders.map((order) => onboarded.filter((one) => one.order === order));
}

/** The worst of them: a count that is sometimes higher is higher. */
function onboardingFigures(ofOneOrder: readonly Onboarded[]): Figure[] {
  const order = ofOneOrder[0]?.order ?? 'lucky';
  const worst = (count: (one: Onboarded) => number): number => Math.max(...ofOneOrder.map(count));
  const actions = worst((one) => sumOf(one.actions));
  const events = worst(({ runs }) => countEvents(runs));
  const atRest = worst(({ runs }) => runs.at(-1)?.length ?? 0);
  return [
    { what: `Actions of an onboarding, ${order} order`, measured: actions, unit: '', ceiling: 24, aim: 21 },
    { what: `events of an onboarding, ${order} order`, measured: events, unit: '', ceiling: 110, aim: 97 },
    { what: `events just after, at rest, ${order} order`, measured: atRest, unit: '', ceiling: 8, aim: null },
  ];
}

async function measureMonth(
  bench: BenchWorld,
  onboarded: readonly Onboarded[],
): Promise<Pick<Report, 'figures' | 'details' | 'problems'>> {
  const { world } = bench;
  const before = await serverActions(bench);
  await liveAMonth(world, onboarded);
  const lived = await Promise.all(onboarded.map((number) => monthOf(world.client, number)));
  const servers = difference(await serverActions(bench), before);
  const figures = [...new Set(lived.map(({ echoesADay }) => echoesADay))].map((rate): Figure => {
    const what = `Actions of a month at ${rate.toLocaleString('en-US')} echoes a day`;
    const counted = lived.filter(({ echoesADay }) => echoesADay === rate).map(({ actions }) => sumOf(actions));
    return { what, measured: Math.max(...counted), unit: '', ceiling: 9, aim: null };
  });
  const runs = lived.flatMap(({ runs: all }) => all);
  return {
    figures: [...figures, ...sizeFigures(runs)],
    details: [{ title: 'Actions of a month, at each rate', rows: rowsOf(lived[0]?.actions ?? new Map()) }],
    problems: [
      ...disagreements(merged(lived.map(({ actions }) => actions)), servers).map((one) => `the month: ${one}`),
      ...(await unhappyNumbers(bench, onboarded)),
    ],
  };
}

async function monthOf(
  client: Client,
  { echoesADay, numberId, actions }: Onboarded,
): Promise<{ echoesADay: number; runs: readonly Run[]; actions: Map<string, number> }> {
  const runs = await readRuns(client, `number/${numberId}`);
  return { echoesADay, runs, actions: difference(countActions(runs), actions) };
}

function sizeFigures(runs: readonly Run[]): Figure[] {
  const longest = Math.max(...runs.map((run) => run.length));
  return [
    { what: 'largest snapshot', measured: largestSnapshotBytes(runs), unit: ' bytes', ceiling: 20_000, aim: null },
    { what: 'largest history of a run', measured: longest, unit: ' events', ceiling: 500, aim: null },
  ];
}

/** A month of echoes that nobody noticed, or a reminder all the same, would make the count worthless. */
async function unhappyNumbers({ world }: BenchWorld, onboarded: readonly Onboarded[]): Promise<string[]> {
  const problems: string[] = [];
  for (const { numberId, echoesADay } of onboarded) {
    const { headline } = await world.backend.readNumber(numberId);
    const timeline = await world.backend.readTimeline(numberId);
    if (headline !== 'connected') problems.push(`at ${echoesADay} echoes a day the number ended ${headline}`);
    if (timeline.some(({ sentence }) => sentence.startsWith('Reminder')))
      problems.push(`at ${echoesADay} echoes a day the owner was reminded`);
  }
  return problems;
}

/** All numbers ask the same, in any order of arrival; a call that names only the account has no digits. */
async function graphCalls({ world }: BenchWorld, onboardings: number): Promise<Counted> {
  const calls = (await world.meta.readCalls()).filter(({ call }) => call !== 'readAppWebhooks'); // by time, for no number
  const all = merged(calls.map(({ call, asked }) => new Map([[call, asked]])));
  return new Map([...all].map(([call, asked]) => [call, asked / onboardings]));
}

function merged(counts: readonly Counted[]): Map<string, number> {
  const total = new Map<string, number>();
  for (const [kind, value] of counts.flatMap((counted) => [...counted]))
    total.set(kind, (total.get(kind) ?? 0) + value);
  return total;
}

function rowsOf(counted: Counted): (readonly [string, string])[] {
  return [...counted].map(([kind, value]) => [kind, String(value)] as const);
}
