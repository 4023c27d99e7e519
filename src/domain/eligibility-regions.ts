/** From which regions Meta refuses numbers, and until when. A region that stands nowhere here is supported. */
import type { RegionRow } from './eligibility-rule.ts';

/** The day on which coexistence began. */
const LAUNCH = '2025-02-11';
const CHANGELOG = 'Meta: changelog (M12)';

/** The European Economic Area and the United Kingdom, opened together. */
const EUROPE: readonly string[] = [
  'AT',
  'BE',
  'BG',
  'CY',
  'CZ',
  'DE',
  'DK',
  'EE',
  'ES',
  'FI',
  'FR',
  'GB',
  'GR',
  'HR',
  'HU',
  'IE',
  'IS',
  'IT',
  'LI',
  'LT',
  'LU',
  'LV',
  'MT',
  'NL',
  'NO',
  'PL',
  'PT',
  'RO',
  'SE',
  'SI',
  'SK',
];

export const EXCLUDED_REGIONS: readonly RegionRow[] = [
  { regions: ['IN'], from: LAUNCH, until: '2025-05-05', source: CHANGELOG },
  {
    regions: ['AU', 'JP', 'PH', 'RU', 'KR', 'TR', ...EUROPE],
    from: LAUNCH,
    until: '2025-10-23',
    source: CHANGELOG,
  },
  { regions: ['NG', 'ZA'], from: LAUNCH, until: '2026-04-15', source: CHANGELOG },
];
