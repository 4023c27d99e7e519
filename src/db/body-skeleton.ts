/** What is kept of a processed delivery that held something unknown: its shape and its labels, none of what people wrote. */

/** Keys whose values are Meta's own words. */
const LABELS: readonly string[] = ['object', 'field', 'event', 'type', 'action', 'code', 'error_subcode'];
const LABEL_CHARACTERS_MAX = 80;

/** Of what is no JSON, or too deep to be written again, the size alone. */
export function skeletonOf(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body, withoutValue));
  } catch {
    return JSON.stringify(`(${body.length} characters, not taken apart)`);
  }
}

function withoutValue(key: string, value: unknown): unknown {
  if (typeof value === 'string') {
    const isLabel = LABELS.includes(key) && value.length <= LABEL_CHARACTERS_MAX;
    return isLabel ? value : `(${value.length} characters)`;
  }
  if (typeof value === 'number') return LABELS.includes(key) ? value : 0;
  return value;
}
