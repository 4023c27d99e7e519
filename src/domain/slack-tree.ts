/**
 * The room that sorted promises have before their openings. A grant takes one of them out and moves those before it one
 * opening on; both are one change of one leaf, because a promise's slack is kept as the sum of the steps from its leaf on.
 */

interface SlackTree {
  /** The first promise without room to move one opening on; `Infinity` where all have it. */
  firstTight(): number;
  /** Takes one promise out, and a step of slack from each before it. */
  grant(rank: number): void;
}

interface Node {
  sum: number;
  /** The least slack in this part, as if it ended here; `Infinity` where nothing is left in it. */
  least: number;
}

const NOTHING: Node = { sum: 0, least: Infinity };

function joined(left: Node, right: Node): Node {
  return { sum: left.sum + right.sum, least: Math.min(right.least, left.least + right.sum) };
}

export function createSlackTree(slacks: readonly number[]): SlackTree {
  const width = 2 ** Math.ceil(Math.log2(Math.max(1, slacks.length)));
  const nodes: Node[] = Array.from({ length: 2 * width }, () => NOTHING);
  const at = (index: number): Node => nodes[index] ?? NOTHING;
  for (const [rank, slack] of slacks.entries()) {
    const step = slack - (slacks[rank + 1] ?? 0);
    nodes[width + rank] = { sum: step, least: step };
  }
  for (let index = width - 1; index > 0; index -= 1) nodes[index] = joined(at(2 * index), at(2 * index + 1));

  const change = (rank: number, leaf: Node): void => {
    nodes[width + rank] = leaf;
    for (let index = (width + rank) >> 1; index > 0; index >>= 1)
      nodes[index] = joined(at(2 * index), at(2 * index + 1));
  };
  return {
    firstTight: () => {
      if (at(1).least > 0) return Infinity;
      let index = 1;
      for (let after = 0; index < width;) {
        const right = at(2 * index + 1);
        const isLeft = at(2 * index).least + right.sum + after <= 0;
        if (isLeft) after += right.sum;
        index = 2 * index + (isLeft ? 0 : 1);
      }
      return index - width;
    },
    grant: (rank) => {
      change(rank, { sum: at(width + rank).sum, least: Infinity });
      const before = at(width + rank - 1);
      if (rank > 0) change(rank - 1, { sum: before.sum - 1, least: before.least - 1 });
    },
  };
}
