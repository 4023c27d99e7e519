/**
 * Reads JSON without losing the digits of Meta's numeric ids: an integer that a JavaScript number cannot hold becomes text.
 * Nesting is no danger: the engine's parser keeps its own stack.
 */

/** Integers from 16 digits on may lie beyond 2^53. */
const MAY_HOLD_LONG_INTEGER = /[:[,]\s*-?\d{16}/;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const LONG_INTEGER = /^-?\d{16,}$/;

/** Throws a SyntaxError for what is not JSON, as `JSON.parse` does. */
export function parseExactJson(text: string): unknown {
  const parsed: unknown = JSON.parse(text);
  return MAY_HOLD_LONG_INTEGER.test(text) ? JSON.parse(quoteLongIntegers(text)) : parsed;
}

/** One pass over valid JSON; strings are stepped over, so that digits inside them stay as they are. */
function quoteLongIntegers(json: string): string {
  const pieces: string[] = [];
  let copiedTo = 0;
  let at = 0;
  while (at < json.length) {
    if (json[at] === '"') {
      at = endOfString(json, at);
      continue;
    }
    const number = numberAt(json, at);
    if (LONG_INTEGER.test(number)) {
      pieces.push(json.slice(copiedTo, at), `"${number}"`);
      copiedTo = at + number.length;
    }
    at += Math.max(1, number.length);
  }
  return pieces.join('') + json.slice(copiedTo);
}

function endOfString(json: string, start: number): number {
  let at = start + 1;
  while (at < json.length && json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
  return at + 1;
}

function numberAt(json: string, at: number): string {
  const first = json.charCodeAt(at);
  const isNumber = first === 0x2d || (first >= 0x30 && first <= 0x39);
  if (!isNumber) return '';
  NUMBER.lastIndex = at;
  return NUMBER.exec(json)?.[0] ?? '';
}
