/** How `npm run db:generate` turns the schema into the next migration. */
import { defineConfig } from 'drizzle-kit';

export default defineConfig({
  dialect: 'postgresql',
  schema: './src/db/schema-*.ts',
  out: './src/db/migrations',
});
