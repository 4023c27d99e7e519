/** Every curl of the README answers as the block below it shows: run as written, against a world with a connected number. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { readStory } from '../../src/launch/story-file.ts';
import { playStory } from '../../src/launch/story.ts';
import { useWorld } from './world.ts';

const bench = useWorld();
const run = promisify(execFile);

interface Block {
  script: string;
  /** What the README shows below it. */
  shown: string;
}

/** The shell blocks with a curl, each with the output block that follows it. */
function curlBlocks(): Block[] {
  const fences = [...readFileSync('README.md', 'utf8').matchAll(/```(\w*)\n([\s\S]*?)```/g)];
  return fences.flatMap(([, language, script = ''], index) => {
    if (language !== 'sh' || !script.includes('curl')) return [];
    return [{ script, shown: fences[index + 1]?.[2] ?? '' }];
  });
}

/** The names before a colon that the shown output has: what a reader will look for. */
function namesIn(shown: string): string[] {
  return [...new Set([...shown.matchAll(/\b([a-z]\w+)"?:\s?["{[\w']/gi)].map(([, name]) => name ?? ''))];
}

beforeAll(async () => {
  const { problems } = await playStory(bench.world, readStory('new-phone'), { digits: '15550100102', tell: () => {} });
  expect(problems).toEqual([]);
});

test('the README has its curls', () => {
  expect(curlBlocks().length).toBeGreaterThanOrEqual(5);
});

test('each curl of the README answers what is shown below it', async () => {
  const { apiUrl, apiKey } = bench.world;
  let soFar = `API=${apiUrl}\nAUTH="Authorization: Bearer ${apiKey}"\n`;
  for (const { script, shown } of curlBlocks()) {
    const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', `${soFar}${script}`], { timeout: 30_000 });
    for (const name of namesIn(shown)) expect(stdout, `${script} shows ${name}`).toContain(name);
    soFar += script
      .split('\n')
      .filter((line) => line.startsWith('NUMBER='))
      .map((line) => `${line}\n`)
      .join('');
  }
});
