/** Builds the Temporal CLI from a Go module that pins it by version and checksum. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LaunchError } from './launch-error.ts';
import { runProgram } from './run-program.ts';

const PACKAGE = 'github.com/temporalio/cli/cmd/temporal';
/** Four minutes from nothing on two cores; slow networks take longer. */
const BUILD_TIMEOUT_MS = 30 * 60_000;
/** Where Go's own installer puts it, for shells that were not told. */
const GO_HOME = '/usr/local/go/bin/go';

/** Complete or not there at all: of two who build at once each has its own file, and the last rename wins. */
export async function buildTemporal(module: string, target: string): Promise<void> {
  const partial = `${target}.${randomUUID()}.partial`;
  await mkdir(dirname(target), { recursive: true });
  const go = existsSync(GO_HOME) ? GO_HOME : 'go';
  const { code, output } = await runProgram([go, 'build', '-trimpath', '-ldflags=-s -w', '-o', partial, PACKAGE], {
    timeoutMs: BUILD_TIMEOUT_MS,
    cwd: module,
    env: { ...process.env, CGO_ENABLED: '0' },
  });
  if (code === 0) return rename(partial, target);
  await rm(partial, { force: true });
  throw new LaunchError({
    cause: `the Temporal server could not be built: ${output.trim().split('\n').slice(-5).join('\n')}`,
    remedy:
      'install Go 1.26 or newer (https://go.dev/dl), or a Temporal CLI whose server is 1.32 or newer, or name a server of yours',
    next: 'TEMPORAL_ADDRESS=host:7233 npm run demo',
  });
}
