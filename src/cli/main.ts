/** `tandem`: the command line. */
import closeWithGrace from 'close-with-grace';
import { Command } from 'commander';
import { EnvError, readEnv } from '../env.ts';
import { LaunchError } from '../launch/launch-error.ts';
import { printNewTenant, type NewTenant } from './add-tenant.ts';
import { demo, dev } from './demo.ts';
import { writeDocs } from './docs.ts';
import { printEventSecret } from './event-secret.ts';
import { printKeyIds, printNewKey, revokeOneKey } from './tenant-keys.ts';
import { setTenantPages, type TenantPages } from './tenant-pages.ts';
import { runMigrations, runServer, runWorker, systemClock, type Running } from './processes.ts';

const program = new Command('tandem').description(
  'The durable lifecycle of WhatsApp Business numbers in coexistence mode.',
);

program
  .command('demo')
  .description('brings up everything and plays three numbers as they live')
  .option('--once', 'end after the stories', false)
  .option('--reset', 'start over with empty data', false)
  .action(async (options: { once: boolean; reset: boolean }) => {
    process.exitCode = await demo(options);
  });
program
  .command('dev')
  .description('brings up everything and stays, without stories')
  .option('--reset', 'start over with empty data', false)
  .action((options: { reset: boolean }) => dev(options));
program
  .command('server')
  .description('the API and the dispatcher, from the environment alone')
  .action(() => runUntilStopped(() => runServer(readEnv(process.env), systemClock)));
program
  .command('worker')
  .description('a worker, from the environment alone')
  .action(() => runUntilStopped(() => runWorker(readEnv(process.env), systemClock)));
program
  .command('migrate')
  .description("brings the database up to date, and revokes operators' keys other than the one of the settings")
  .action(async () => {
    for (const keyId of await runMigrations(readEnv(process.env)))
      console.log(`Revoked  ${keyId}, a key of operators: TANDEM_OPERATOR_KEY is another one, or empty.`);
  });

const tenants = program.command('tenant').description('the companies that use Tandem');
tenants
  .command('add')
  .description('makes a tenant and prints its key once; one that is there is not changed')
  .requiredOption('--id <id>', 'ten_…')
  .requiredOption('--name <name>', 'what people call it')
  .option('--entitled', 'it may begin onboardings at once', false)
  .action((tenant: NewTenant) => printNewTenant(readEnv(process.env), tenant));
tenants
  .command('keys')
  .description('lists the ids of the keys that are valid')
  .requiredOption('--id <id>', 'ten_…')
  .action((tenant: { id: string }) => printKeyIds(readEnv(process.env), tenant));
tenants
  .command('add-key')
  .description('makes one more key and prints it once')
  .requiredOption('--id <id>', 'ten_…')
  .action((tenant: { id: string }) => printNewKey(readEnv(process.env), tenant));
tenants
  .command('revoke-key')
  .description('takes a key back, by its id')
  .requiredOption('--id <id>', 'ten_…')
  .requiredOption('--key <id>', 'the id of the key, as it was printed with it')
  .action((given: { id: string; key: string }) => revokeOneKey(readEnv(process.env), given));
tenants
  .command('event-secret')
  .description('prints once what the events of a tenant are signed with; --rotate makes a new one')
  .requiredOption('--id <id>', 'ten_…')
  .option('--rotate', 'make a new one; the one before signs beside it for a day', false)
  .action((given: { id: string; rotate: boolean }) => printEventSecret(readEnv(process.env), given));
tenants
  .command('pages')
  .description('names the pages that may speak for its owners; without options it says which they are')
  .requiredOption('--id <id>', 'ten_…')
  .option('--origin <origins...>', 'exact origins, all of them: https://shop.example')
  .option('--url <url>', 'where an owner goes on with a dialog that was left')
  .action((pages: TenantPages) => setTenantPages(readEnv(process.env), pages));

program
  .command('docs')
  .description('writes the generated documents')
  .action(() => writeDocs());

async function runUntilStopped(start: () => Promise<Running>): Promise<void> {
  const running = await start();
  closeWithGrace({ delay: 35_000 }, async ({ err }) => {
    if (err) console.error(err);
    await running.stop();
  });
}

try {
  await program.parseAsync();
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}

/** People get cause, remedy and the line to run next; anything else is a bug, and its stack says where. */
function messageOf(error: unknown): string {
  if (error instanceof LaunchError || error instanceof EnvError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
