/** The workflow bundle, built once for each state of its sources. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { BUNDLE_TARGET, bundleWorkflows } from './bundle-workflows.ts';
import { writeFileAtomically } from './atomic-file.ts';

/** Returns the path of the bundle, for `workflowBundle: { codePath }`. */
export async function buildWorkflowBundle({
  workflowsPath,
  cacheDir,
}: {
  workflowsPath: string;
  cacheDir: string;
}): Promise<string> {
  const codePath = join(cacheDir, `workflow-bundle-${await fingerprintOf(workflowsPath)}.js`);
  if (existsSync(codePath)) return codePath;
  const quiet = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} };
  const code = await bundleWorkflows(workflowsPath, quiet);
  await mkdir(cacheDir, { recursive: true });
  writeFileAtomically(codePath, code);
  return codePath;
}

/** Changes with the workflows' folder, the domain beside it, and the SDK. */
async function fingerprintOf(workflowsPath: string): Promise<string> {
  const hash = createHash('sha256').update(sdkVersion()).update(BUNDLE_TARGET);
  const workflows = dirname(workflowsPath);
  for (const folder of [workflows, join(dirname(workflows), 'domain')]) {
    for (const file of await filesBelow(folder))
      hash
        .update(file)
        .update('\0')
        .update(await readFile(join(folder, file)))
        .update('\0');
  }
  return hash.digest('hex').slice(0, 16);
}

async function filesBelow(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  const files = await readdir(folder, { recursive: true });
  return files.filter((file) => /\.[jt]s$/.test(file)).toSorted();
}

/** The bundle must be of exactly the worker's version. */
function sdkVersion(): string {
  const manifest: { version: string } = createRequire(import.meta.url)('@temporalio/worker/package.json');
  return manifest.version;
}
