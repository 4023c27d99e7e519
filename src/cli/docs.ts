/** `tandem docs`: writes the documents that are generated from the code, so that they say what it does. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DOOR_PROBLEMS, type DoorProblem } from '../api/door-codes.ts';
import { CONNECTIONS, mayBecome } from '../domain/connection.ts';
import { DOOR_POLICY } from '../domain/door-policy.ts';
import { FAILURES, type Failure } from '../domain/failures.ts';
import { POLICY, type PolicyRow } from '../domain/policy.ts';
import { DEADLINE_KINDS } from '../domain/record.ts';
import { envExample } from '../env.ts';

const NOTICE = '<!-- Generated from the code by `npm run docs:generate`: edit the code, not this page. -->';

/** Files, relative to the checkout, with their texts. */
export function generatedDocs(): readonly { file: string; text: string }[] {
  return [
    { file: '.env.example', text: envExample() },
    { file: 'docs/lifecycle.md', text: lifecyclePage() },
    { file: 'docs/remedies.md', text: remediesPage() },
  ];
}

export async function writeDocs(): Promise<void> {
  for (const { file, text } of generatedDocs()) {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}

function lifecyclePage(): string {
  return [
    '# Lifecycle of a number',
    '',
    NOTICE,
    '',
    '## States',
    '',
    'The connection is derived from four facets (link, attempt, leave, closed); these are the moves that it may make.',
    '',
    '```mermaid',
    'stateDiagram-v2',
    ...moves(),
    '```',
    '',
    '## Timers and limits',
    '',
    'Every duration is in the workflow input, so that nothing in it is a constant. Source: `src/domain/policy.ts`.',
    '',
    ...policyTable(POLICY),
    '',
    'What the HTTP door alone reads stands in no workflow. Source: `src/domain/door-policy.ts`.',
    '',
    ...policyTable(DOOR_POLICY),
    '',
    '## Deadlines',
    '',
    `What the clock alone can bring, as \`nextDeadline.kind\`: ${DEADLINE_KINDS.map((kind) => `\`${kind}\``).join(', ')}.`,
    '',
  ].join('\n');
}

function policyTable(rows: Readonly<Record<string, PolicyRow<unknown>>>): string[] {
  return [
    '| policy | value | meaning | source |',
    '| --- | --- | --- | --- |',
    ...Object.entries(rows).map(
      ([name, { value, meaning, source }]) => `| \`${name}\` | ${String(value)} | ${meaning} | ${source} |`,
    ),
  ];
}

function moves(): string[] {
  const nameOf = (connection: string): string => connection.replaceAll('-', '_');
  const all = CONNECTIONS.flatMap((from) =>
    CONNECTIONS.filter((to) => from !== to && mayBecome(from, to)).map((to) => `  ${nameOf(from)} --> ${nameOf(to)}`),
  );
  return ['  [*] --> awaiting_signup', ...all];
}

/** One heading a code: a link to it is a link to what to do. */
function remediesPage(): string {
  return [
    '# Failures and their remedies',
    '',
    NOTICE,
    '',
    'The `code` of a problem is one of these. The last ones are known to the HTTP door alone: a request that it cannot take.',
    '',
    ...Object.entries<Failure>(FAILURES).flatMap(([code, failure]) => [`## ${code}`, '', ...sectionOf(failure), '']),
    ...Object.entries<DoorProblem>(DOOR_PROBLEMS).flatMap(([code, of]) => [`## ${code}`, '', ...doorSectionOf(of), '']),
  ].join('\n');
}

function doorSectionOf({ sentence, remedy, isRetryable, status }: DoorProblem): string[] {
  return [
    `> ${sentence}`,
    '',
    ...remedy.map((step, index) => `${index + 1}. ${step}`),
    '',
    `- again: ${isRetryable ? 'the same request may help later' : 'the same request will not help'}`,
    `- HTTP status: ${status}`,
  ];
}

function sectionOf(failure: Failure): string[] {
  const { sentence, remedy, isHint, httpStatus, metaCodes, source } = failure;
  return [
    `> ${sentence}`,
    '',
    ...remedy.map((step, index) => `${index + 1}. ${step}`),
    '',
    ...(isHint ? ['A hint, no diagnosis: Meta said something that we do not know.', ''] : []),
    `- again: ${retryWords(failure)}`,
    `- HTTP status: ${httpStatus}`,
    `- from Meta: ${metaCodes.join(', ') || 'none, it is ours'}`,
    `- source: ${source}`,
  ];
}

function retryWords({ retry, waitMinutes, waitMaxMinutes }: Failure): string {
  if (waitMinutes === null) return retry;
  const first = `${retry}, ${waitMinutes} minutes`;
  return waitMaxMinutes === null ? first : `${first}, doubling with each failure in a row up to ${waitMaxMinutes}`;
}
