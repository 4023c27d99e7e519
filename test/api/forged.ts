/** What somebody makes who does not have the key. */

/** Another signature. The last character would not do: two of its bits are of no signature. */
export function forged(signed: string): string {
  const start = signed.lastIndexOf('.') + 1;
  return `${signed.slice(0, start)}${signed[start] === 'A' ? 'B' : 'A'}${signed.slice(start + 1)}`;
}
