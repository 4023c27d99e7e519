/** First-start secrets of a checkout: made once, kept in its data folder for this user alone, read again later. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from './atomic-file.ts';
import { LaunchError } from './launch-error.ts';

export function makeApiKey(): string {
  return `tandem_${randomBytes(24).toString('base64url')}`;
}

const MAKERS = {
  /** 32 bytes in base64, for credentials at rest. */
  encryptionKey: () => randomBytes(32).toString('base64'),
  apiKey: makeApiKey,
  /** Of the second tenant: with one alone nobody would see what one may learn of another. */
  secondApiKey: makeApiKey,
  operatorKey: makeApiKey,
  /** As Meta's: 32 hexadecimal digits. */
  metaAppSecret: () => randomBytes(16).toString('hex'),
  metaVerifyToken: () => randomBytes(24).toString('base64url'),
};

export type Secrets = Readonly<Record<keyof typeof MAKERS, string>>;

export async function ensureSecrets(dataDir: string): Promise<Secrets> {
  const path = join(dataDir, 'secrets.json');
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const kept = await readKept(path);
  const secrets: Secrets = {
    encryptionKey: kept['encryptionKey'] ?? MAKERS.encryptionKey(),
    apiKey: kept['apiKey'] ?? MAKERS.apiKey(),
    secondApiKey: kept['secondApiKey'] ?? MAKERS.secondApiKey(),
    operatorKey: kept['operatorKey'] ?? MAKERS.operatorKey(),
    metaAppSecret: kept['metaAppSecret'] ?? MAKERS.metaAppSecret(),
    metaVerifyToken: kept['metaVerifyToken'] ?? MAKERS.metaVerifyToken(),
  };
  const isComplete = Object.keys(MAKERS).every((name) => kept[name] !== undefined);
  if (!isComplete) writeFileAtomically(path, `${JSON.stringify({ ...kept, ...secrets }, null, 2)}\n`, 0o600);
  return secrets;
}

async function readKept(path: string): Promise<Record<string, string>> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}';
    throw error;
  });
  try {
    return textsOf(JSON.parse(text));
  } catch (error) {
    throw new LaunchError(
      {
        cause: `${path} cannot be read as JSON`,
        remedy: 'mend it, or start over with empty data: stored credentials cannot be opened without its key',
        next: 'npm run demo -- --reset',
      },
      { cause: error },
    );
  }
}

function textsOf(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) throw new TypeError('not an object');
  const texts = Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return Object.fromEntries(texts);
}
