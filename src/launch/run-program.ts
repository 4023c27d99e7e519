/** Runs a program to its end, within a bound. */
import { spawn, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';

export interface ProgramEnd {
  readonly code: number | null;
  /** Both outputs together. */
  readonly output: string;
}

/** A program that does not exist, or does not end in time, ends with code null. */
export async function runProgram(
  command: readonly [string, ...string[]],
  { timeoutMs, ...options }: SpawnOptions & { timeoutMs: number },
): Promise<ProgramEnd> {
  const [program, ...given] = command;
  const child = spawn(program, given, {
    ...options,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  }
  try {
    const [code]: unknown[] = await once(child, 'close');
    return { code: typeof code === 'number' ? code : null, output };
  } catch (error) {
    return { code: null, output: String(error) };
  }
}
