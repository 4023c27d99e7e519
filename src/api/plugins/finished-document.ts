/** What the description of the API needs beyond its schemas: a name and a room for each operation, words for each answer. */
import { PROBLEM_TYPE } from '../problem.ts';
import { keepReferred, isRecord, type Json } from './components.ts';

/** By the beginning of a path: the first match is the room. */
const ROOMS = [
  {
    name: 'Pages of owners',
    begin: ['/v1/signup/'],
    description: 'Spoken by an owner: a signed state is the credential.',
  },
  { name: 'Operators', begin: ['/v1/operator/'], description: "The whole fleet, by an operator's key." },
  {
    name: 'Eligibility',
    begin: ['/v1/eligibility', '/v1/disclosures'],
    description: 'Before an onboarding: the questions, their verdict, and what the owner accepts.',
  },
  {
    name: 'Onboardings',
    begin: ['/v1/onboardings', '/v1/signup-funnel', '/v1/numbers/{id}/signup-dialogs'],
    description: "From the invitation through Meta's dialog.",
  },
  { name: 'Imports', begin: ['/v1/numbers/{id}/import'], description: 'Contacts and history, and what they brought.' },
  { name: 'Events', begin: ['/v1/events'], description: 'What became true of your numbers, signed, in order.' },
  { name: 'Numbers', begin: ['/v1/numbers'], description: 'What a number is, and what may be asked of it.' },
] as const;

const UNDESCRIBED = 'Default Response';
const WORDS: Readonly<Record<string, string>> = {
  200: 'What was asked for.',
  201: 'It was made, and this is it.',
  202: 'It was taken; what comes of it shows a little later.',
  400: 'The request is not valid; nothing was done.',
  401: 'No key, or none that is known.',
  403: 'Not with this key, or not from this page.',
  404: 'There is no such thing, or it is not yours.',
  409: 'Not as things stand: the code says why, the remedy what to do.',
  410: 'Over: the invitation has expired or was used.',
  413: 'The body is too large.',
  415: 'The body is of a type or an encoding that is not taken.',
  422: 'The request is valid, but contradicts what is known.',
  429: 'Too often for now: again from the date in retryAt.',
  500: 'A fault on our side.',
  503: 'Something that is needed does not answer or is not set up; retryable says whether the same request may help later.',
};

const STREAM = 'text/event-stream';
const STREAM_SCHEMA = {
  type: 'string',
  description: 'Server-sent events named progress; the data of each is what application/json describes.',
} as const;

/** NOTE: changes the document in place. */
export function finishDocument<Document extends object>(document: Document): Document {
  if (!isRecord(document) || !isRecord(document['paths'])) return document;
  for (const [path, methods] of Object.entries(document['paths'])) {
    if (!isRecord(methods)) continue;
    for (const [method, operation] of Object.entries(methods))
      if (isRecord(operation)) finishOperation(operation, { path, method, document });
  }
  const told: Json = document;
  told['tags'] = ROOMS.map(({ name, description }) => ({ name, description }));
  keepReferred(told);
  return document;
}

function finishOperation(
  operation: Json,
  { path, method, document }: { path: string; method: string; document: Json },
): void {
  operation['operationId'] = operationIdOf(method, path);
  const room = ROOMS.find(({ begin }) => begin.some((beginning) => path.startsWith(beginning)));
  if (room) operation['tags'] = [room.name];
  if (isRecord(operation['requestBody']) && mayBeLeftOut(operation['requestBody'], document))
    operation['requestBody']['required'] = false;
  if (!isRecord(operation['responses'])) return;
  for (const [status, response] of Object.entries(operation['responses']))
    if (isRecord(response)) finishResponse(response, status);
}

/** `get /v1/numbers/{id}/timeline` is `getNumbersTimeline`; the `{id}` of a thing itself is `ById`. */
function operationIdOf(method: string, path: string): string {
  const parts = path.replace(/^\/v1\//, '').split('/');
  const told = parts.flatMap((part, index) => {
    if (!part.startsWith('{')) return part.split('-');
    return index === parts.length - 1 ? ['by', part.slice(1, -1)] : [];
  });
  return method + told.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

function finishResponse(response: Json, status: string): void {
  if (response['description'] === UNDESCRIBED) response['description'] = WORDS[status] ?? UNDESCRIBED;
  const { content } = response;
  if (!isRecord(content)) return;
  const json = content['application/json'];
  if (Number(status) >= 400) response['content'] = { [PROBLEM_TYPE]: json };
  else if (STREAM in content) content[STREAM] = { schema: STREAM_SCHEMA };
}

/** A body of which the schema takes null. */
function mayBeLeftOut({ content }: Json, { components }: Json): boolean {
  if (!isRecord(content) || !isRecord(content['application/json'])) return false;
  const { schema } = content['application/json'];
  if (!isRecord(schema)) return false;
  const { $ref: reference } = schema;
  const name = typeof reference === 'string' ? (reference.split('/').at(-1) ?? '') : '';
  const schemas = isRecord(components) && isRecord(components['schemas']) ? components['schemas'] : {};
  const { anyOf } = isRecord(schemas[name]) ? schemas[name] : schema;
  return Array.isArray(anyOf) && anyOf.some((one) => isRecord(one) && one['type'] === 'null');
}
