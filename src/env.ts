/**
 * The settings of a process, read once from its environment. All problems are reported together, each with the variable's
 * name and what to do; values of secrets never appear in a message.
 */
import { z } from 'zod';

interface Row {
  readonly says: string;
  readonly remedy: string;
  /** Secrets have no default, and `.env.example` leaves them empty. */
  readonly isSecret?: true;
}

interface EncryptionKey {
  /** Written beside each sealed record, so that keys can be rotated. */
  readonly keyId: string;
  /** 32 bytes, for A256GCM. */
  readonly key: Uint8Array;
}

export interface Env {
  readonly http: {
    readonly host: string;
    readonly port: number;
    /** Without a slash at its end. */
    readonly publicUrl: string | undefined;
    /** Where pages open Meta's window for the domains of tenants; undefined: at the tenants' own pages. */
    readonly brokerOrigin: string | undefined;
  };
  readonly websites: { readonly areLookedUp: boolean };
  readonly temporal: {
    readonly address: string;
    readonly namespace: string;
    readonly workflowBundle: string | undefined;
  };
  readonly meta: {
    readonly graphUrl: string;
    readonly graphVersion: string;
    readonly appId: string;
    /** Without them no new signup can be opened; what is connected stays so. */
    readonly configId: string | undefined;
    readonly signupVersion: SignupVersion | undefined;
  };
  readonly log: { readonly level: LogLevel };
  readonly secrets: {
    readonly databaseUrl: string;
    readonly apiKey: string;
    readonly operatorKey: string | undefined;
    /** The first seals, all of them open. */
    readonly encryptionKeys: readonly EncryptionKey[];
    /** The first signs our calls, each of them may have signed a webhook: the others are for rotation. */
    readonly metaAppSecrets: readonly string[];
    readonly metaVerifyToken: string;
  };
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Versions of Meta's signup dialog that open today. Source: M4. */
const SIGNUP_VERSIONS = ['v3', 'v4'] as const;
type SignupVersion = (typeof SIGNUP_VERSIONS)[number];

const ENCRYPTION_KEY_BYTES = 32;
const SECRET_CHARACTERS_MIN = 16;
const rows = z.registry<Row>();

/** NOTE: the registry goes by identity, so a schema that two variables share is copied first. */
function setting<S extends z.ZodType>(schema: S, row: Row): S {
  const own = schema.clone();
  rows.add(own, row);
  return own;
}

function listOf(text: string): string[] {
  return text.split(',').map((part) => part.trim());
}

function encryptionKeyOf(text: string): EncryptionKey | undefined {
  const [keyId, encoded, ...rest] = text.split(':');
  if (keyId === undefined || keyId === '' || encoded === undefined || rest.length > 0) return undefined;
  const key = new Uint8Array(Buffer.from(encoded, 'base64'));
  return key.length === ENCRYPTION_KEY_BYTES ? { keyId, key } : undefined;
}

const encryptionKeys = z.string().transform((text, context): readonly EncryptionKey[] => {
  const keys = listOf(text).map(encryptionKeyOf);
  const known = keys.filter((key) => key !== undefined);
  if (known.length < keys.length) context.addIssue('each key must be written id:base64, with 32 bytes');
  if (new Set(known.map((key) => key.keyId)).size < known.length) context.addIssue('two keys have the same id');
  return known;
});

function originOf(address: string | undefined): string | undefined {
  return address === undefined ? undefined : new URL(address).origin;
}

const LOOPBACK_HOSTS: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/** As the pages of tenants: what is told there is a credential, so http is for this machine alone. */
function isPageAddress(address: string): boolean {
  const { protocol, hostname } = URL.canParse(address) ? new URL(address) : { protocol: '', hostname: '' };
  const isSafe = protocol === 'https:' || (protocol === 'http:' && LOOPBACK_HOSTS.includes(hostname));
  return isSafe && !hostname.includes('*');
}

const url = (protocol: RegExp): z.ZodType<string, string> => z.url({ protocol, error: 'not a valid address' });
const secret = z.string().min(SECRET_CHARACTERS_MIN, `shorter than ${SECRET_CHARACTERS_MIN} characters`);

export const envSchema = z.object({
  DATABASE_URL: setting(url(/^postgres(ql)?$/), {
    says: 'PostgreSQL 16, as postgres://user:password@host:port/database',
    remedy: 'name the database that Tandem may use',
    isSecret: true,
  }),
  TEMPORAL_ADDRESS: setting(
    z
      .string()
      .regex(/^[^\s/]+:\d+$/, 'not host:port')
      .default('127.0.0.1:7233'),
    {
      says: 'the Temporal frontend, as host:port',
      remedy: 'write host:port without a scheme',
    },
  ),
  TEMPORAL_NAMESPACE: setting(z.string().default('default'), {
    says: 'the Temporal namespace that holds the numbers',
    remedy: 'name a namespace that exists',
  }),
  TANDEM_HOST: setting(z.string().default('127.0.0.1'), {
    says: 'the interface on which the API listens; 0.0.0.0 inside a container',
    remedy: 'write an address of this machine',
  }),
  TANDEM_PORT: setting(z.coerce.number('not a number').int().min(0).max(65_535).default(3000), {
    says: 'the port on which the API listens',
    remedy: 'write a number from 0 to 65535; 0 takes a free one',
  }),
  TANDEM_PUBLIC_URL: setting(url(/^https?$/).optional(), {
    says: 'the address under which the world reaches the API; with it the callback of your Meta app is checked',
    remedy: 'write an https address, as https://tandem.example.com',
  }),
  TANDEM_BROKER_URL: setting(
    url(/^https?$/)
      .refine(isPageAddress, 'not a valid address')
      .optional(),
    {
      says: "the one address at which a page of yours opens Meta's window for pages of any domain; empty: each page opens it",
      remedy: 'write an https address whose domain your Meta app names, as https://connect.example.com',
    },
  ),
  TANDEM_WEBSITE_LOOKUP: setting(z.enum(['on', 'off']).default('on'), {
    says: "whether a check of eligibility looks if the stated website answers: on, off; off for networks that reach no one's",
    remedy: 'write one of: on, off',
  }),
  TANDEM_API_KEY: setting(secret, {
    says: 'the first key for the REST API, sent as Authorization: Bearer …',
    remedy: 'make one with: openssl rand -base64 32',
    isSecret: true,
  }),
  TANDEM_OPERATOR_KEY: setting(secret.optional(), {
    says: 'the key for the routes of operators, not TANDEM_API_KEY; migrate revokes the one before; empty: nobody may use them',
    remedy: 'make one with: openssl rand -base64 32',
    isSecret: true,
  }),
  TANDEM_ENCRYPTION_KEYS: setting(encryptionKeys, {
    says: 'keys for credentials at rest, id:base64 of 32 bytes, separated by commas; the first seals, all open',
    remedy: 'make one with: echo "k1:$(openssl rand -base64 32)"',
    isSecret: true,
  }),
  META_GRAPH_URL: setting(url(/^https?$/).default('https://graph.facebook.com'), {
    says: 'where the Graph API answers; the local Meta in demos and tests',
    remedy: 'write an http or https address',
  }),
  META_GRAPH_VERSION: setting(
    z
      .string()
      .regex(/^v\d+\.\d+$/, 'not a version')
      .default('v25.0'),
    {
      says: 'the version of the Graph API',
      remedy: 'write it as v25.0',
    },
  ),
  META_APP_ID: setting(z.string().regex(/^\d+$/, 'not digits only'), {
    says: 'the id of your Meta app',
    remedy: 'copy it from the dashboard of your Meta app',
  }),
  META_CONFIG_ID: setting(z.string().regex(/^\d+$/, 'not digits only').optional(), {
    says: 'the id of the login configuration for embedded signup; without it no new signup can be opened',
    remedy: 'copy it from Facebook Login for Business, Configurations',
  }),
  META_SIGNUP_VERSION: setting(z.enum(SIGNUP_VERSIONS).optional(), {
    says: 'the version of embedded signup for which that configuration was made; without it no new signup can be opened',
    remedy: `write one of: ${SIGNUP_VERSIONS.join(', ')}`,
  }),
  META_APP_SECRET: setting(z.string().transform(listOf).pipe(z.array(secret)), {
    says: 'the secret of your Meta app; while rotating, the new one and the old one separated by a comma',
    remedy: 'copy it from the basic settings of your Meta app',
    isSecret: true,
  }),
  META_VERIFY_TOKEN: setting(secret, {
    says: 'the verify token that you enter where you subscribe your Meta app to webhooks',
    remedy: 'make one with: openssl rand -hex 32',
    isSecret: true,
  }),
  TANDEM_LOG_LEVEL: setting(z.enum(LOG_LEVELS).default('info'), {
    says: `what is logged: ${LOG_LEVELS.join(', ')}`,
    remedy: `write one of: ${LOG_LEVELS.join(', ')}`,
  }),
  TANDEM_WORKFLOW_BUNDLE: setting(z.string().optional(), {
    says: 'the workflow bundle of a production worker, made by npm run build:workflows; empty builds it at start',
    remedy: 'write the path of the bundle',
  }),
});

type VariableName = keyof typeof envSchema.shape;
type Given = Readonly<Record<string, string | undefined>>;

function rowOf(name: VariableName): Row {
  const row = rows.get(envSchema.shape[name]);
  if (row === undefined) throw new Error(`${name} is not described`);
  return row;
}

function isVariable(name: unknown): name is VariableName {
  return typeof name === 'string' && name in envSchema.shape;
}

/** What is wrong with the settings, one line for each variable. */
export class EnvError extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`These settings need attention:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'EnvError';
    this.problems = problems;
  }
}

function problemOf(issue: z.core.$ZodIssue, isMissing: (name: string) => boolean): string {
  const [name] = issue.path;
  if (!isVariable(name)) return issue.message;
  return `${name} ${isMissing(name) ? 'is missing' : `is refused (${issue.message})`}: ${rowOf(name).remedy}`;
}

/** A key has one role: were both the same, whoever holds a tenant's key would be an operator, or nobody would. */
function sharedKeyProblems({ TANDEM_API_KEY: backend, TANDEM_OPERATOR_KEY: operator }: Given): string[] {
  if (operator === undefined || operator !== backend) return [];
  return [`TANDEM_OPERATOR_KEY is refused (the same as TANDEM_API_KEY): ${rowOf('TANDEM_OPERATOR_KEY').remedy}`];
}

function frozen<T extends object>(group: T): T {
  for (const value of Object.values(group)) {
    if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) frozen(value);
  }
  return Object.freeze(group);
}

/**
 * The settings that `source` (usually the environment of the process) holds, grouped and frozen; an empty variable counts as
 * missing. Throws one EnvError that names every problem.
 */
export function readEnv(source: Readonly<Record<string, string | undefined>>): Env {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = envSchema.safeParse(given);
  const issues = (parsed.error?.issues ?? []).map((issue) => problemOf(issue, (name) => !(name in given)));
  const problems = [...new Set([...issues, ...sharedKeyProblems(given)])];
  if (!parsed.success || problems.length > 0) throw new EnvError(problems);
  const v = parsed.data;
  return frozen({
    http: {
      host: v.TANDEM_HOST,
      port: v.TANDEM_PORT,
      publicUrl: v.TANDEM_PUBLIC_URL?.replace(/\/+$/, ''),
      brokerOrigin: originOf(v.TANDEM_BROKER_URL),
    },
    websites: { areLookedUp: v.TANDEM_WEBSITE_LOOKUP === 'on' },
    temporal: {
      address: v.TEMPORAL_ADDRESS,
      namespace: v.TEMPORAL_NAMESPACE,
      workflowBundle: v.TANDEM_WORKFLOW_BUNDLE,
    },
    meta: {
      graphUrl: v.META_GRAPH_URL,
      graphVersion: v.META_GRAPH_VERSION,
      appId: v.META_APP_ID,
      configId: v.META_CONFIG_ID,
      signupVersion: v.META_SIGNUP_VERSION,
    },
    log: { level: v.TANDEM_LOG_LEVEL },
    secrets: {
      databaseUrl: v.DATABASE_URL,
      apiKey: v.TANDEM_API_KEY,
      operatorKey: v.TANDEM_OPERATOR_KEY,
      encryptionKeys: v.TANDEM_ENCRYPTION_KEYS,
      metaAppSecrets: v.META_APP_SECRET,
      metaVerifyToken: v.META_VERIFY_TOKEN,
    },
  });
}

const printable = z.union([z.string(), z.number()]).optional();

function noteOf(isRequired: boolean, row: Row): string {
  const words = [...(isRequired ? ['required'] : []), ...(row.isSecret ? ['secret'] : [])];
  return words.length > 0 ? ` (${words.join(', ')})` : '';
}

function exampleOf(name: VariableName): string {
  const row = rowOf(name);
  const parsed = envSchema.shape[name].safeParse(undefined);
  const value = parsed.success ? (printable.parse(parsed.data) ?? '') : '';
  return `# ${row.says}${noteOf(!parsed.success, row)}\n# ${row.remedy}\n${name}=${value}\n`;
}

/** The text of `.env.example`: every variable with its meaning, its default, and no value for a secret. */
export function envExample(): string {
  const head = '# Settings of Tandem. Copy to .env and fill in; generated from src/env.ts.\n';
  return [head, ...Object.keys(envSchema.shape).filter(isVariable).map(exampleOf)].join('\n');
}
