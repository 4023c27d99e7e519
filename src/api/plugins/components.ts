/** Keeps of the named schemas those that an operation refers to, each under its plain name where one form is referred to. */

export type Json = Record<string, unknown>;

export function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const PREFIX = '#/components/schemas/';
/** How the form that requests have is named beside that of answers. */
const OF_REQUESTS = 'Input';

/** NOTE: changes the document in place. */
export function keepReferred(document: Json): void {
  const { components, paths } = document;
  if (!isRecord(components) || !isRecord(components['schemas'])) return;
  const { schemas } = components;
  const referred = referredFrom(paths, schemas);
  const plain = new Map([...referred].map((name) => [name, plainNameOf(name, referred)]));
  const kept = [...referred].map((name): [string, unknown] => [plain.get(name) ?? name, schemas[name]]);
  components['schemas'] = Object.fromEntries(kept.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  for (const told of [paths, components['schemas']])
    visitReferences(told, (holder, name) => (holder['$ref'] = PREFIX + (plain.get(name) ?? name)));
}

function plainNameOf(name: string, referred: ReadonlySet<string>): string {
  if (!name.endsWith(OF_REQUESTS)) return name;
  const plain = name.slice(0, -OF_REQUESTS.length);
  return referred.has(plain) ? name : plain;
}

/** Also what they refer to themselves. */
function referredFrom(root: unknown, schemas: Json): ReadonlySet<string> {
  const found = new Set<string>();
  const follow = (_holder: Json, name: string): void => {
    if (found.has(name)) return;
    found.add(name);
    visitReferences(schemas[name], follow);
  };
  visitReferences(root, follow);
  return found;
}

function visitReferences(value: unknown, visit: (holder: Json, name: string) => void): void {
  if (Array.isArray(value)) for (const one of value) visitReferences(one, visit);
  if (!isRecord(value)) return;
  const { $ref: reference } = value;
  if (typeof reference === 'string' && reference.startsWith(PREFIX)) visit(value, reference.slice(PREFIX.length));
  for (const one of Object.values(value)) visitReferences(one, visit);
}
