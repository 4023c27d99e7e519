/** Reads into answers and webhooks by path, so that expectations need no type of what they check. */

/** `a.b.0.c`; a negative place counts from the end; undefined where the path does not lead on. */
export function pick(value: unknown, path: string): unknown {
  let found: unknown = value;
  for (const step of path.split('.')) {
    if (Array.isArray(found)) found = found.at(Number(step));
    else if (isRecord(found)) found = found[step];
    else return undefined;
  }
  return found;
}

export function pickText(value: unknown, path: string): string {
  const found = pick(value, path);
  if (typeof found === 'string') return found;
  throw new Error(`${path} is no text in ${JSON.stringify(value)}`);
}

export function pickList(value: unknown, path: string): unknown[] {
  const found: unknown = pick(value, path);
  if (Array.isArray(found)) return found;
  throw new Error(`${path} is no list in ${JSON.stringify(value)}`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
