/** What backends expect of the account that a number brings along. */
import { pgTable, text } from 'drizzle-orm/pg-core';
import type { BusinessPortfolioId, NumberId, TenantId } from '../domain/ids.ts';

/** P13, C01, C03: a row only where something was named when the onboarding was started. */
export const expectations = pgTable('expectations', {
  numberId: text('number_id').$type<NumberId>().primaryKey(),
  tenantId: text('tenant_id').$type<TenantId>().notNull(),
  portfolioId: text('portfolio_id').$type<BusinessPortfolioId>(),
  portfolioName: text('portfolio_name'),
  wabaName: text('waba_name'),
});
