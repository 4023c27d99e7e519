/** How long the one command takes until the first number is connected, read from its own output. */
import { spawn } from 'node:child_process';

const DEMO_TIMEOUT_MS = 300_000;

/** Plays the whole demo once; seconds from its start to the first connected number, its own `npm` start included. */
export async function measureDemoSeconds(): Promise<number> {
  const startedAt = performance.now();
  const child = spawn('npm', ['run', 'demo', '--', '--once'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    signal: AbortSignal.timeout(DEMO_TIMEOUT_MS),
  });
  let seconds: number | null = null;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (text.includes('first connected number')) seconds ??= (performance.now() - startedAt) / 1000;
  });
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject).once('close', () => resolve());
  });
  if (seconds === null) throw new Error('the demo ended without a connected number');
  return seconds;
}
