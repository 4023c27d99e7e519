/** The other people of the cast, and how Meta names them: by number, or by a business-scoped id alone. */

export interface Person {
  readonly digits: string;
  readonly userId: string;
  readonly first: string;
  readonly full: string;
  readonly username: string;
}

/** How a person is known. Source: Meta, business-scoped user ids. */
export type KnownBy = 'number' | 'user-id';

/** A name outside ASCII keeps signatures honest. */
const PEOPLE: readonly [Person, Person, Person] = [
  {
    digits: '15550177001',
    userId: 'US.20481216324864128256',
    first: 'Marta',
    full: 'Marta Kowal',
    username: '@marta.k',
  },
  { digits: '15550177002', userId: 'US.20481216324864128257', first: 'Zoë', full: 'Zoë Łuczak', username: '@zoe.l' },
  {
    digits: '15550177003',
    userId: 'US.20481216324864128258',
    first: 'Iñaki',
    full: 'Iñaki Urrutia',
    username: '@inaki',
  },
];

export const MARTA = PEOPLE[0];

export function personOf(ordinal: number): Person {
  return PEOPLE[ordinal % PEOPLE.length] ?? PEOPLE[0];
}

/** The name to an address: of a contact, which has no number among those of the cast. */
export function contactOf(ordinal: number): Person {
  const { first, full } = personOf(ordinal);
  return {
    digits: String(15_550_177_001 + ordinal),
    userId: `US.${20_481_216_324_000_000n + BigInt(ordinal)}`,
    first,
    full: `${full} ${ordinal}`,
    username: `@contact.${ordinal}`,
  };
}
