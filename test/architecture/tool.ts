/** Runs the project's own tools, over the project or over a small copy of it in which something is planted. */
import { type ExecFileException, execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const CONFIGURATION = ['package.json', 'tsconfig.json', '.oxlintrc.json', '.dependency-cruiser.cjs'];
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

interface Run {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

function exitCodeOf(error: ExecFileException | null): number {
  if (error === null) return 0;
  return typeof error.code === 'number' ? error.code : 1;
}

/** Runs one of the installed commands in `folder`; a non-zero end is an answer, not an error. */
export async function runTool(name: string, args: readonly string[], folder: string = ROOT): Promise<Run> {
  return await new Promise((done) => {
    const command = join(ROOT, 'node_modules', '.bin', name);
    execFile(command, args, { cwd: folder, maxBuffer: OUTPUT_BYTES_MAX }, (error, stdout, stderr) => {
      done({ exitCode: exitCodeOf(error), stdout, stderr });
    });
  });
}

/** A folder outside the checkout with the project's configuration, its packages, and `files`. Gone after `use`. */
export async function withPlanted<T>(
  files: Readonly<Record<string, string>>,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-planted-'));
  try {
    for (const name of CONFIGURATION) cpSync(join(ROOT, name), join(folder, name));
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(resolve(folder, path)), { recursive: true });
      writeFileSync(resolve(folder, path), text);
    }
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
