/** The lines that a parent writes to its keeper. */

export type Order =
  | {
      readonly order: 'watch';
      readonly pid: number;
      /** Of the process that is meant: its pid may be given out again. */
      readonly identity: string | null;
      /** What the program takes for a clean stop. */
      readonly signal: NodeJS.Signals;
      /** A folder that is worth nothing after the process. */
      readonly removeAfter: string | null;
    }
  | { readonly order: 'forget'; readonly pid: number };

/** Both ends are ours and start from the same source. */
export function parseOrder(line: string): Order {
  return JSON.parse(line) as Order;
}

export function orderLine(order: Order): string {
  return `${JSON.stringify(order)}\n`;
}
