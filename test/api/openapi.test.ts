/** The whole description of the API: what a generator of clients and a reader of /docs need of each operation. */
import { describe, expect, it } from 'vitest';
import { DOOR_CODES } from '../../src/api/door-codes.ts';
import { eventPayloadSchema } from '../../src/api/event-payload.ts';
import { ALERT_KINDS } from '../../src/domain/alerts.ts';
import { EVENT_TYPES } from '../../src/domain/events.ts';
import { EVIDENCE_KINDS } from '../../src/domain/facts.ts';
import { FAILURE_CODES } from '../../src/domain/failures.ts';
import { GATE_REASONS, GATE_WARNINGS } from '../../src/domain/send-gate.ts';
import { createDoor } from './door.ts';

type Schema = { $ref?: string; enum?: string[]; properties?: Record<string, Schema>; description?: string };
type Content = Record<string, { schema: Schema }>;
interface Operation {
  operationId?: string;
  tags?: string[];
  requestBody?: { required?: boolean; content: Content };
  responses: Record<string, { description: string; content: Content }>;
}
interface Document {
  tags: { name: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

const { json, text } = await createDoor().get('/openapi.json');
const document = json as unknown as Document;
const OPERATIONS = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ route: `${method} ${path}`, operation })),
);
const RESPONSES = OPERATIONS.flatMap(({ route, operation }) =>
  Object.entries(operation.responses).map(([status, response]) => ({ of: `${route} ${status}`, status, response })),
);
const refersTo = ({ $ref = '' }: Schema): string => $ref.split('/').at(-1) ?? '';

describe('each operation', () => {
  it('has an id of its own, in one word', () => {
    const ids = OPERATIONS.map(({ operation }) => operation.operationId ?? '');
    expect(ids.length).toBeGreaterThan(40);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z][A-Za-z]+$/);
    expect(ids).toEqual(
      expect.arrayContaining(['getNumbers', 'getNumbersById', 'getNumbersTimeline', 'postSignupCode']),
    );
  });

  it('stands in one of the rooms, and no room is empty', () => {
    const rooms = OPERATIONS.map(({ route, operation }) => {
      expect([route, operation.tags]).toEqual([route, [expect.any(String)]]);
      return operation.tags?.[0];
    });
    expect(new Set(rooms)).toEqual(new Set(document.tags.map(({ name }) => name)));
    const roomOf = (at: string) => OPERATIONS.find(({ route }) => route === at)?.operation.tags;
    expect(roomOf('get /v1/numbers/{id}')).toEqual(['Numbers']);
    expect(roomOf('get /v1/numbers/{id}/imported-content')).toEqual(['Imports']);
    expect(roomOf('get /v1/operator/quota')).toEqual(['Operators']);
  });

  it('says of each answer what it means', () => {
    for (const { of, response } of RESPONSES) {
      expect([of, response.description]).toEqual([of, expect.stringMatching(/\w/)]);
      expect([of, response.description]).not.toEqual([of, 'Default Response']);
    }
  });

  it('needs no body where it takes none', () => {
    const required = Object.fromEntries(
      OPERATIONS.flatMap(({ route, operation: { requestBody: body } }) => (body ? [[route, body.required]] : [])),
    );
    expect(required).toMatchObject({
      'post /v1/numbers/{id}/confirm-app-opened': false,
      'post /v1/numbers/{id}/choose-number': true,
      'post /v1/onboardings': true,
    });
  });
});

describe('a problem', () => {
  it('is told as what it is sent as', () => {
    const problems = RESPONSES.filter(({ status }) => Number(status) >= 400);
    expect(problems.length).toBeGreaterThan(200);
    for (const { of, response } of problems) {
      expect([of, Object.keys(response.content)]).toEqual([of, ['application/problem+json']]);
      expect([of, response.content['application/problem+json']?.schema]).toEqual([
        of,
        { $ref: '#/components/schemas/Problem' },
      ]);
    }
  });

  it('has one of a closed list of codes: those of the catalogue, and those of the door', () => {
    const { schemas } = document.components;
    const { enum: codes } = schemas[refersTo(schemas['Problem']?.properties?.['code'] ?? {})] ?? {};
    expect(codes).toEqual([...FAILURE_CODES, ...DOOR_CODES]);
    expect(codes).toEqual(expect.arrayContaining(['HISTORY_DECLINED', 'REQUEST_INVALID']));
  });
});

it('progress is told as a stream too, and nothing else is', () => {
  const streams = RESPONSES.filter(({ response }) => 'text/event-stream' in response.content);
  expect(streams.map(({ of }) => of)).toEqual(['get /v1/signup/progress 200', 'get /v1/numbers/{id}/progress 200']);
  for (const { response } of streams) {
    expect(response.content['text/event-stream']?.schema).toMatchObject({ type: 'string' });
    expect(response.content['application/json']?.schema.$ref).toMatch(/Progress$/);
  }
});

describe('a named schema', () => {
  const names = Object.keys(document.components.schemas);

  it('is referred to, and each that is referred to is there', () => {
    const referred = [...text.matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name]) => name);
    expect(new Set(referred)).toEqual(new Set(names));
  });

  it('has its plain name, in requests and in answers', () => {
    expect(names.filter((name) => name.endsWith('Input'))).toEqual([]);
    const body = document.paths['/v1/onboardings']?.['post']?.requestBody?.content['application/json']?.schema;
    expect(refersTo(body ?? {})).toBe('Onboarding');
  });
});

describe('what is one of few words', () => {
  const { schemas } = document.components;
  const wordsAt = (name: string, ...path: string[]): unknown => {
    let at: unknown = schemas[name];
    for (const step of path) at = (at as Record<string, unknown>)[step];
    return at;
  };

  it('is told as a list of them: of the gate, of evidence, of failures', () => {
    const gate = ['properties', 'sendGate', 'properties'];
    expect(wordsAt('Number', ...gate, 'reason')).toMatchObject({
      anyOf: [{ enum: [...GATE_REASONS] }, { type: 'null' }],
    });
    expect(wordsAt('Number', ...gate, 'warnings')).toMatchObject({ items: { enum: [...GATE_WARNINGS] } });
    const evidence = wordsAt('Number', 'properties', 'activity', 'properties', 'evidence');
    expect(evidence).toMatchObject({ anyOf: [{ enum: [...EVIDENCE_KINDS] }, { type: 'null' }] });
    const failed = wordsAt(
      'Number',
      'properties',
      'attempt',
      'properties',
      'failure',
      'anyOf',
      '0',
      'properties',
      'code',
    );
    expect(failed).toEqual({ $ref: '#/components/schemas/FailureCode' });
    expect(schemas['FailureCode']?.enum).toEqual(FAILURE_CODES);
  });

  it('is told as a list of them: of alerts, whose subject is told kind by kind', () => {
    expect(wordsAt('Alert', 'properties', 'kind')).toMatchObject({ enum: [...ALERT_KINDS] });
    const { description = '' } = wordsAt('Alert', 'properties', 'subject') as Schema;
    for (const kind of ALERT_KINDS) expect(description).toContain(`${kind}: `);
    expect(description).toContain('mode-drift: the word dialog');
  });

  it('is told of the text of an event: its type says which form its data has', () => {
    const content = wordsAt('Event', 'properties', 'payload', 'contentSchema', 'oneOf');
    const types = (content as { properties: { type: { const: string } } }[]).map(
      ({ properties }) => properties.type.const,
    );
    expect(types).toEqual(EVENT_TYPES);
    const due = wordsAt('Event', 'properties', 'payload', 'contentSchema', 'oneOf', '1', 'properties', 'data');
    expect(due).toMatchObject({ required: ['cycle', 'rung', 'evidenceAt'] });
    expect(
      eventPayloadSchema.safeParse(JSON.parse(String(wordsAt('Event', 'properties', 'payload', 'example')))).success,
    ).toBe(true);
  });
});

it('the state of a run is described wherever a page sends it', () => {
  for (const path of ['/v1/signup/code', '/v1/signup/result', '/v1/signup/steps']) {
    const body = document.paths[path]?.['post']?.requestBody?.content['application/json']?.schema;
    expect([path, body?.properties?.['state']?.description]).toEqual([
      path,
      expect.stringContaining('state of the run'),
    ]);
  }
});
