/** Codes of problems that only the HTTP door knows: a request that we cannot process. Everything else is in the catalogue. */

export interface DoorProblem {
  status: number;
  sentence: string;
  remedy: readonly string[];
  isRetryable: boolean;
}

function row(status: number, sentence: string, remedy: string): DoorProblem {
  return { status, sentence, remedy: [remedy], isRetryable: false };
}

const READ_DOCS = 'Compare the request with /docs.';

export const DOOR_PROBLEMS = {
  REQUEST_INVALID: row(400, 'Some fields of the request are not valid.', 'Correct the fields listed in errors.'),
  BODY_MALFORMED: row(400, 'The body is not valid JSON.', 'Send one JSON document, or no body and no Content-Type.'),
  SIGNUP_MESSAGE_UNREADABLE: row(
    400,
    'The message is none of the embedded signup.',
    'Send the data of the window message with type WA_EMBEDDED_SIGNUP, unchanged.',
  ),
  SIGNUP_MESSAGE_UNTRUSTED: row(
    400,
    "The message did not come from Meta's dialog.",
    'Pass on messages of https://facebook.com and its subdomains alone, and only those that the browser trusts.',
  ),
  IDEMPOTENCY_KEY_MISSING: row(
    400,
    'The header Idempotency-Key is missing.',
    'Send an Idempotency-Key that is new for each thing you want done, and the same when you repeat it.',
  ),
  IDEMPOTENCY_KEY_TOO_LONG: row(400, 'The Idempotency-Key is too long.', 'Use 1 to 255 characters, such as a UUID.'),
  API_KEY_INVALID: row(401, 'The API key is missing or unknown.', 'Send Authorization: Bearer with a key of yours.'),
  SIGNATURE_INVALID: row(
    401,
    "The webhook's signature does not fit.",
    'Operator: check META_APP_SECRET against the app dashboard.',
  ),
  ORIGIN_FOREIGN: row(
    403,
    'This page may not speak for this owner.',
    'Have an operator name the exact origin of your page, or call from the page that opened the dialog.',
  ),
  ROLE_MISSING: row(403, 'This key may not do that.', 'Use a key of the role that this route is for.'),
  VERIFY_TOKEN_WRONG: row(
    403,
    'The verify token does not fit.',
    'Operator: enter the value of META_VERIFY_TOKEN in the app dashboard.',
  ),
  NUMBER_UNKNOWN: row(404, 'There is no such number.', 'Check the id; list your numbers at /v1/numbers.'),
  TENANT_UNKNOWN: row(404, 'There is no such tenant.', 'Check the id; list the tenants at /v1/operator/tenants.'),
  ALERT_UNKNOWN: row(404, 'There is no such alert.', 'Check the id; list the alerts at /v1/operator/alerts.'),
  CHECK_UNKNOWN: row(404, 'There is no such check.', 'Check the id; make a check with POST /v1/eligibility-checks.'),
  DISCLOSURE_UNKNOWN: row(404, 'No disclosure holds today.', 'Contact support: no dialog can be opened without one.'),
  ROUTE_UNKNOWN: row(404, 'There is no such page.', READ_DOCS),
  CHECK_OF_ANOTHER_NUMBER: row(
    409,
    'This check was made for another phone number.',
    'Make a check for this number, or leave eligibilityCheckId out.',
  ),
  RULE_VERSION_KNOWN: row(
    409,
    'This version of the rule is not new.',
    'List the rules at /v1/operator/eligibility-rules, and use a higher version.',
  ),
  ATTEMPT_RESTING: {
    ...row(409, 'The attempt rests for now.', 'Open a dialog from the date in retryAt.'),
    isRetryable: true,
  },
  DIALOG_RUNS_EXHAUSTED: {
    ...row(429, 'The dialog was opened too often for now.', 'Open a dialog from the date in retryAt.'),
    isRetryable: true,
  },
  DIALOG_CALLS_EXHAUSTED: {
    ...row(429, 'The page called too often for this dialog.', 'Go on from the date in retryAt, and follow the stream.'),
    isRetryable: true,
  },
  STREAMS_EXHAUSTED: {
    ...row(429, 'Too many streams are open for now.', 'Close those that nobody reads, or read the state as JSON.'),
    isRetryable: true,
  },
  DISCLOSURE_OUTDATED: row(
    422,
    'This is not the disclosure that holds today.',
    'Show the owner the text of GET /v1/disclosures/current, and send the version that was accepted.',
  ),
  RESUME_TOKEN_INVALID: row(
    409,
    'This link is not one of ours.',
    'Open the link as it was sent, or ask for a new one.',
  ),
  SIGNUP_PART_DIFFERENT: row(
    409,
    'This dialog has already given another answer.',
    'Open a new dialog; each gives one code and one result.',
  ),
  BODY_TOO_LARGE: row(413, 'The body is too large.', 'Send less in one request.'),
  MEDIA_TYPE_UNSUPPORTED: row(415, 'The Content-Type is not supported.', 'Send application/json.'),
  ENCODING_UNSUPPORTED: row(415, 'The Content-Encoding is not supported.', 'Send the body uncompressed.'),
  IDEMPOTENCY_KEY_REUSED: row(
    422,
    'This Idempotency-Key was used for another request.',
    'Send a new key with a new request; repeat a request unchanged.',
  ),
  REQUEST_REFUSED: row(400, 'The request cannot be processed.', READ_DOCS),
  INTERNAL: row(500, 'A fault on our side.', 'If it happens again, contact support with the time of the request.'),
} as const satisfies Record<string, DoorProblem>;

export type DoorCode = keyof typeof DOOR_PROBLEMS;

export function isDoorCode(text: string): text is DoorCode {
  return Object.hasOwn(DOOR_PROBLEMS, text);
}

export const DOOR_CODES: readonly DoorCode[] = Object.keys(DOOR_PROBLEMS).filter(isDoorCode);
