/**
 * One vitest project for each ring: a folder below test/ that holds at least one test. Rings are read from the folder, so that
 * a ring that is asked for by name and has no test fails loudly instead of passing over nothing.
 */
import { readdirSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

interface RingOptions {
  readonly testTimeout: number;
  readonly hookTimeout: number;
  readonly globalSetup: string[];
}

const SERVERS = ['test/setup/servers.ts'];
const FREE: RingOptions = { testTimeout: 10_000, hookTimeout: 20_000, globalSetup: [] };
const COSTLY: RingOptions = { testTimeout: 60_000, hookTimeout: 120_000, globalSetup: [] };

/** What a ring needs beyond nothing: time, and the servers of the run. */
const OPTIONS: Readonly<Record<string, RingOptions>> = {
  architecture: { ...FREE, testTimeout: 60_000 },
  replay: { ...FREE, testTimeout: 60_000, hookTimeout: 60_000 },
  simulator: COSTLY,
  launch: COSTLY,
  db: { ...COSTLY, globalSetup: SERVERS },
  workflows: { ...COSTLY, globalSetup: SERVERS },
  system: { ...COSTLY, testTimeout: 120_000, globalSetup: SERVERS },
};

function hasTest(ring: string): boolean {
  return readdirSync(`test/${ring}`, { recursive: true }).some((file) => String(file).endsWith('.test.ts'));
}

const rings = readdirSync('test', { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && hasTest(entry.name))
  .map((entry) => entry.name);

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2, // files of the costly rings wait most of their time
    reporters: ['default', './test/setup/ring-reporter.ts'],
    projects: rings.map((ring) => ({
      extends: true as const,
      test: { ...FREE, ...OPTIONS[ring], name: ring, include: [`test/${ring}/**/*.test.ts`] },
    })),
  },
});
