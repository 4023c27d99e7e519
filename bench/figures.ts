/** The figures of a bench run: printed for a person, written to `docs/figures.md`, and held to their ceilings. */

export interface Figure {
  readonly what: string;
  readonly measured: number;
  readonly unit: string;
  /** Above it the run fails; null: reported beside the others. */
  readonly ceiling: number | null;
  readonly aim: number | null;
}

export interface Report {
  readonly figures: readonly Figure[];
  /** Tables of what the figures are made of: title, then rows of name and value. */
  readonly details: readonly { readonly title: string; readonly rows: readonly (readonly [string, string])[] }[];
  /** What makes the figures untrue whatever they say. */
  readonly problems: readonly string[];
  readonly measuredOn: readonly (readonly [string, string])[];
}

export function isBroken({ measured, ceiling }: Figure): boolean {
  return ceiling !== null && measured > ceiling;
}

export function figuresTable(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.what,
    `${amount(figure.measured)}${figure.unit}${isBroken(figure) ? ' **over**' : ''}`,
    figure.ceiling === null ? '' : amount(figure.ceiling),
    figure.aim === null ? '' : amount(figure.aim),
  ]);
  return table(['what', 'measured', 'ceiling', 'aim'], rows);
}

export function markdownOf({ figures, details, problems, measuredOn }: Report): string {
  return [
    '# Figures',
    '',
    'Written by `npm run bench -- counts`; do not edit. The counts come from the histories of real runs: traffic enters as signed',
    'webhooks from the local Meta, through the API and its dispatcher.',
    '',
    figuresTable(figures),
    '',
    '## How it was counted',
    '',
    '- Actions: from the history of every run of the number (start, signal, update, timer, activity and each retry, search attributes,',
    "  continue-as-new: one each), and equal to the server's own `action` counter for the namespace over the same span.",
    '- Left out on both sides is what only the time machine causes, which no production process has: queries for the next deadline,',
    '  requests to skip time, and the two kinds of history events that they leave (time skipping transitioned, options updated).',
    "- Lucky order: code, result, contacts, twelve history chunks in order. Unlucky: the account's news and the result before the",
    '  code, the chunks in reverse with progress 100 first, the contacts after the history. Late news: as lucky, but the news of the',
    '  account comes when the number is claimed already. Of several onboardings in one order the worst is shown.',
    '- A month is thirty days from the rest after the onboarding; its echoes arrive day by day, up to 500 in one webhook.',
    ...(problems.length === 0 ? [] : ['', '## Problems', '', ...problems.map((problem) => `- ${problem}`)]),
    ...details.flatMap(({ title, rows }) => ['', `## ${title}`, '', table(['', ''], rows)]),
    '',
    '## Measured on',
    '',
    table(['', ''], measuredOn),
    '',
  ].join('\n');
}

function amount(value: number): string {
  return value.toLocaleString('en-US');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
