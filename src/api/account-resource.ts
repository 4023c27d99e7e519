/** The account that a number was connected with, beside what was expected of it, and the hint at a wrong login. */
import { z } from 'zod';
import { compareAccount, COMPARISON_VERDICTS, type ExpectedField } from '../domain/expectations.ts';
import { HINT_CODES, wrongAccountHint, type WrongAccountSign } from '../domain/wrong-account.ts';
import type { NumberRow } from './ports.ts';

export const hintSchema = z
  .object({ code: z.enum(HINT_CODES), sentence: z.string(), remedy: z.array(z.string()) })
  .meta({ id: 'Hint', description: 'What may be behind it: told beside the remedy, and no diagnosis' });
type Hint = z.infer<typeof hintSchema>;

/** As requests name them. */
const EXPECTED_NAMES = ['businessPortfolioId', 'businessPortfolioName', 'wabaName'] as const;
const NAME_OF: Readonly<Record<ExpectedField, (typeof EXPECTED_NAMES)[number]>> = {
  'portfolio-id': 'businessPortfolioId',
  'portfolio-name': 'businessPortfolioName',
  'waba-name': 'wabaName',
};

export const accountSchema = z
  .object({
    wabaId: z.string(),
    name: z.string().nullable(),
    timeZone: z.string().nullable().meta({ description: "Meta's number of the time zone" }),
    businessPortfolioId: z.string().nullable(),
    businessPortfolioName: z.string().nullable(),
    reviewStatus: z.string().nullable(),
    checkedAt: z.string().meta({ description: 'ISO 8601, UTC' }),
    expected: z
      .array(
        z.object({
          of: z.enum(EXPECTED_NAMES).meta({ description: 'The field of what you expected.' }),
          expected: z.string(),
          told: z.string().nullable(),
          verdict: z.enum(COMPARISON_VERDICTS),
        }),
      )
      .meta({ description: 'What you expected when you started the onboarding, beside what Meta tells.' }),
  })
  .meta({ id: 'Account', description: 'The WhatsApp account as Meta last told of it' });
type Account = z.infer<typeof accountSchema>;

/** U04: in words that name the business, where the backend has named it. */
export function hintResource(
  { expected }: Pick<NumberRow, 'expected'>,
  sign: WrongAccountSign | null | undefined,
): Hint | null {
  if (!sign) return null;
  const { remedy, ...hint } = wrongAccountHint(expected?.portfolioName ?? null);
  return { ...hint, remedy: [...remedy] };
}

/** C20: the connection card. */
export function accountResource({ account, expected }: Pick<NumberRow, 'account' | 'expected'>): Account | null {
  if (!account) return null;
  const { wabaId, name, timeZoneId: timeZone, reviewStatus, checkedAtMs } = account;
  const owner = { businessPortfolioId: account.portfolioId, businessPortfolioName: account.portfolioName };
  const compared = expected ? compareAccount(expected, account) : [];
  const told = { wabaId, name, timeZone, ...owner, reviewStatus };
  return {
    ...told,
    checkedAt: new Date(checkedAtMs).toISOString(),
    expected: compared.map(({ of, ...rest }) => ({ of: NAME_OF[of], ...rest })),
  };
}
