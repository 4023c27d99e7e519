/**
 * How processes log: structured lines through Fastify's logger, without tokens, codes, secrets or addresses that carry one.
 */

const REDACTED = '[redacted]';

/** Names under which a secret travels, in our words and in Meta's; each is hidden at the top and two levels down. */
const SECRET_FIELDS = [
  'accessToken',
  'access_token',
  'input_token',
  'apiKey',
  'appSecret',
  'appsecret_proof',
  'client_secret',
  'authorization',
  'cookie',
  'databaseUrl',
  'encryptionKeys',
  'password',
  'secret',
  'signupCode',
  'token',
  'verifyToken',
  'verify_token',
];

/** The exchange code is called `code`, as are failures: it is hidden only where it is the code of a signup. */
const SIGNUP_CODES = ['body.code', 'req.body.code', 'query.code', 'req.query.code', 'signup.code'];

/** Parts of a path that are secrets in themselves: whoever holds the link may connect. */
const SECRET_PATHS = /^(\/connect\/)[^/]+/;

/** NOTE: a type, because Fastify asks for an index signature, which interfaces do not have. */
type LoggedRequest = { readonly method: string; readonly url: string };

interface LoggerOptions {
  readonly level: string;
  readonly redact: { paths: string[]; censor: string };
  readonly serializers: { req: (request: LoggedRequest) => LoggedRequest };
}

/** The request as it is logged: Meta puts verify tokens into queries, and invitations are links. */
function loggedRequest(request: LoggedRequest): LoggedRequest {
  const [path = ''] = request.url.split('?');
  return { method: request.method, url: path.replace(SECRET_PATHS, `$1${REDACTED}`) };
}

/** Options for Fastify's `logger`. */
export function loggerOptions(log: { readonly level: string }): LoggerOptions {
  const paths = SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]);
  return {
    level: log.level,
    redact: { paths: [...paths, ...SIGNUP_CODES], censor: REDACTED },
    serializers: { req: loggedRequest },
  };
}
