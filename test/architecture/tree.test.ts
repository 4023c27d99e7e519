import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from './tool.ts';

// NOTE: written in parts, so that this file does not name what it looks for.
const MACHINE = /(?<![\w./}:-])\/(?:work|root|home|Users)\/[\w.-]/;
const HOSTS = new RegExp(
  [
    'registry\\.(?:npmjs|yarnpkg)',
    'npm' + 'mirror',
    'artifact' + 'ory',
    'jfr' + 'og',
    'proxy\\.golang',
    'verdac' + 'cio',
  ].join('|'),
);

/** What a commit would hold: tracked files and new ones that are not ignored. */
function files(): string[] {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: ROOT, encoding: 'utf8' });
  return listed.split('\0').filter((file) => file !== '' && existsSync(join(ROOT, file)));
}

function linesWith(pattern: RegExp, file: string): string[] {
  const lines = readFileSync(join(ROOT, file), 'utf8').split('\n');
  return lines.flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}`] : []));
}

describe('the tree', () => {
  it('is seen', () => {
    expect(files()).toEqual(expect.arrayContaining(['package.json', 'test/architecture/tree.test.ts']));
  });

  it('names no path of one machine', () => {
    expect(files().flatMap((file) => linesWith(MACHINE, file))).toEqual([]);
  });

  it('names no host from which packages come', () => {
    expect(files().flatMap((file) => linesWith(HOSTS, file))).toEqual([]);
  });

  it('would be caught doing so', () => {
    const planted = ['see ', 'home', 'somebody', 'notes'].join('/');
    expect(MACHINE.test(planted.replace('see /', 'see /'))).toBe(true);
    expect(HOSTS.test(['https://registry', 'npmjs', 'org'].join('.'))).toBe(true);
  });
});
