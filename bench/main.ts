/** `npm run bench -- counts`: measures, prints a table, writes `docs/figures.md`, and fails when a ceiling is broken. */
import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { measureCounts } from './counts.ts';
import { measureDemoSeconds } from './demo-timing.ts';
import { figuresTable, isBroken, markdownOf, type Figure } from './figures.ts';

interface CountsOptions {
  readonly demoSeconds?: string;
  readonly suiteSeconds?: string;
  readonly withDemo?: boolean;
}

/** Answers the exit code. */
async function counts(options: CountsOptions): Promise<number> {
  const report = await measureCounts(await timingsOf(options));
  writeFileSync('docs/figures.md', markdownOf(report));
  console.log(`\n${figuresTable(report.figures)}\n`);
  for (const problem of report.problems) console.log(`Problem: ${problem}`);
  for (const { what, measured, ceiling } of report.figures.filter(isBroken))
    console.log(`Over its ceiling: ${what}: ${measured}, not ${ceiling}`);
  console.log('Written: docs/figures.md');
  return report.problems.length === 0 && !report.figures.some(isBroken) ? 0 : 1;
}

async function timingsOf({ demoSeconds, suiteSeconds, withDemo }: CountsOptions): Promise<Figure[]> {
  const demo = demoSeconds ?? (withDemo ? await measureDemoSeconds() : undefined);
  const timings = [
    { what: 'from `npm run demo` to the first connected number, all cached', value: demo, ceiling: 60 },
    { what: 'the test suite, all cached', value: suiteSeconds, ceiling: null },
  ];
  return timings.flatMap(({ what, value, ceiling }) =>
    value === undefined ? [] : [{ what, measured: Math.round(Number(value)), unit: ' s', ceiling, aim: null }],
  );
}

const program = new Command('bench');
program
  .command('counts')
  .description('Actions, events and Graph calls of an onboarding and of a month, from real histories')
  .option('--demo-seconds <n>', 'measured elsewhere: from npm run demo to the first connected number')
  .option('--with-demo', 'measures that by playing the demo once')
  .option('--suite-seconds <n>', 'measured elsewhere: the whole test suite')
  .action(async (options: CountsOptions) => {
    process.exitCode = await counts(options);
  });
await program.parseAsync();
