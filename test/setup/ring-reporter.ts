/** Writes `.reports/<ring>.json` after a run: how many tests of each ring passed and failed, as counted by the runner. */
import { mkdirSync, writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

interface RingReport {
  readonly ring: string;
  passed: number;
  failed: number;
  skipped: number;
  readonly failures: string[];
}

const FOLDER = '.reports';

/** A module that could not be loaded, or whose hooks failed, has no failed test of its own: it counts as one. */
function addModule(report: RingReport, module: TestModule): void {
  const failedBefore = report.failed;
  for (const test of module.children.allTests()) {
    const state = test.result().state;
    if (state === 'passed') report.passed += 1;
    else if (state === 'failed') fail(report, test.fullName);
    else report.skipped += 1;
  }
  if (module.state() === 'failed' && report.failed === failedBefore) fail(report, module.relativeModuleId);
}

function fail(report: RingReport, name: string): void {
  report.failed += 1;
  report.failures.push(name);
}

function reportsOf(modules: readonly TestModule[]): Map<string, RingReport> {
  const reports = new Map<string, RingReport>();
  for (const module of modules) {
    const ring = module.project.name;
    const report = reports.get(ring) ?? { ring, passed: 0, failed: 0, skipped: 0, failures: [] };
    reports.set(ring, report);
    addModule(report, module);
  }
  return reports;
}

export default class RingReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly { message: string }[]): void {
    const reports = reportsOf(modules);
    if (unhandledErrors.length > 0) {
      const outside: RingReport = { ring: 'outside', passed: 0, failed: 0, skipped: 0, failures: [] };
      for (const error of unhandledErrors) fail(outside, error.message);
      reports.set(outside.ring, outside);
    }
    mkdirSync(FOLDER, { recursive: true });
    for (const report of reports.values()) {
      writeFileSync(`${FOLDER}/${report.ring}.json`, `${JSON.stringify(report, null, 2)}\n`);
    }
  }
}
