import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createDoor } from '../api/door.ts';
import { ROOT } from './tool.ts';

const LINES_MAX = 200;
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

interface Endpoint {
  method: string;
  path: string;
}

/** The commands of shell blocks, one an entry; a line that ends with a backslash goes on. */
function commandsIn(text: string): string[] {
  const blocks = [...text.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block = '']) => block);
  return blocks.flatMap((block) => block.replaceAll(/\\\n\s*/g, ' ').split('\n')).filter((line) => line !== '');
}

/** The npm scripts that a command runs; what npm does by itself is none. */
function scriptsIn(command: string): string[] {
  return [...command.matchAll(/npm (?:run (?:--silent )?([\w:-]+)|(test)\b)/g)].map(
    ([, run, test]) => run ?? test ?? '',
  );
}

/** What a curl asks for; a variable in its path stands for the path's parameter. */
function endpointIn(command: string): Endpoint | null {
  const [, path] = /\$API(\/[^\s"'?]*)/.exec(command) ?? [];
  if (!command.includes('curl ') || path === undefined) return null;
  const [, method = command.includes(' -d ') ? 'POST' : 'GET'] = / -X (\w+)/.exec(command) ?? [];
  return { method, path: path.replaceAll(/\$\w+/g, '{id}') };
}

function endpointsIn(text: string): Endpoint[] {
  return commandsIn(text).flatMap((command) => endpointIn(command) ?? []);
}

const door = createDoor();
afterAll(() => door.app.close());

async function servedEndpoints(): Promise<string[]> {
  const { json } = await door.get('/openapi.json');
  const paths: Record<string, object> = json.paths;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
}

describe('the README', () => {
  it(`has fewer than ${LINES_MAX} lines`, () => {
    expect(README.split('\n').length).toBeLessThan(LINES_MAX);
  });

  it('starts with the two commands of a newcomer', () => {
    const commands = commandsIn(README);
    expect(commands[0]).toBe('npm ci && npm run demo');
    expect(commands).toContain('npm ci && npm test');
  });

  it('runs only npm scripts that exist', () => {
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(
      readFileSync(join(ROOT, 'package.json'), 'utf8'),
    );
    const named = commandsIn(README).flatMap(scriptsIn);
    expect(named).toContain('demo');
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });

  it('calls only endpoints that are served, by the method that they have', async () => {
    const called = endpointsIn(README).map(({ method, path }) => `${method} ${path}`);
    expect(called.length).toBeGreaterThanOrEqual(5);
    const served = await servedEndpoints();
    expect(called.filter((endpoint) => !served.includes(endpoint))).toEqual([]);
  });

  it('is read with eyes that see method, path and script', () => {
    const planted = [
      '```sh',
      'npm ci && npm run nowhere -- --once && npm test',
      'curl "$API/v1/numbers/$NUMBER/timeline?limit=2" -H "$AUTH"',
      'curl $API/v1/onboardings -H "$AUTH" \\',
      "  -d '{}'",
      'curl -X POST $API/v1/numbers/$NUMBER/disconnect -H "$AUTH"',
      '```',
    ].join('\n');
    expect(commandsIn(planted).flatMap(scriptsIn)).toEqual(['nowhere', 'test']);
    expect(endpointsIn(planted)).toEqual([
      { method: 'GET', path: '/v1/numbers/{id}/timeline' },
      { method: 'POST', path: '/v1/onboardings' },
      { method: 'POST', path: '/v1/numbers/{id}/disconnect' },
    ]);
  });
});
