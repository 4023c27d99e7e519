/** What the imports of a story must have brought, compared with what the API tells of them and with what a tenant can fetch. */
import type { Actor } from './story-scene.ts';
import type { ImportsExpectation } from './story-file.ts';

/** What of the expectation does not hold, in words. */
export async function missingImports({ backend, numberId }: Actor, expected: ImportsExpectation): Promise<string[]> {
  const { contacts, history } = await backend.readImports(numberId);
  const { phases, ...counts } = expected.history ?? {};
  const seenPhases = history.phases.map(({ phase }) => phase).toSorted((one, other) => one - other);
  const wrong = [
    ...wrongCounts('contacts', contacts, expected.contacts ?? {}),
    ...wrongCounts('history', history, counts),
    ...(phases === undefined || phases.join() === seenPhases.join()
      ? []
      : [`history: phases are ${seenPhases.join()}, not ${phases.join()}`]),
  ];
  if (expected.readable === undefined) return wrong;
  return [...wrong, ...wrongCounts('readable', await backend.countReadable(numberId), expected.readable)];
}

function wrongCounts(
  of: string,
  seen: Readonly<Record<string, unknown>>,
  wanted: Readonly<Record<string, number | undefined>>,
): string[] {
  return Object.entries(wanted).flatMap(([name, value]) =>
    value === undefined || value === seen[name] ? [] : [`${of}: ${name} is ${String(seen[name])}, not ${value}`],
  );
}
