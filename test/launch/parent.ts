/** A run that will be killed: brings one thing up, says what in a line of JSON, and stays. */
import { spawn } from 'node:child_process';
import { startKeeper } from '../../src/launch/keeper.ts';
import { bringUpPostgres } from '../../src/launch/postgres.ts';
import { bringUpTemporal } from '../../src/launch/temporal.ts';

const [, , what, dataDir = ''] = process.argv;
const keeper = await startKeeper();

async function bringUp(): Promise<object> {
  switch (what) {
    case 'postgres':
      return { keeper: keeper.pid, url: (await bringUpPostgres({ dataDir, keeper })).url };
    case 'temporal':
      return { keeper: keeper.pid, address: (await bringUpTemporal({ dataDir, keeper, ports: {} })).address };
    default:
      return { keeper: keeper.pid, ...startFamily() };
  }
}

/** A child that will not hear SIGTERM would need the keeper's whole patience: this one has a child of its own instead. */
function startFamily(): object {
  const child = spawn('sh', ['-c', 'sleep 600 & wait'], { detached: true, stdio: 'ignore' });
  const forgotten = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
  keeper.watch(child.pid ?? 0);
  keeper.watch(forgotten.pid ?? 0);
  keeper.forget(forgotten.pid ?? 0);
  return { child: child.pid, forgotten: forgotten.pid };
}

process.stdout.write(`${JSON.stringify(await bringUp())}\n`);
setInterval(() => {}, 60_000);
