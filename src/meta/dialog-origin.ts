/** Whether a window message came from Meta's dialog. Source: M4; Meta's own sample compares the end of the origin alone. */

const META_HOST = 'facebook.com';

/**
 * Events that a script has made up are not trusted by the browser. The origin is taken apart: `https://evilfacebook.com` ends
 * in the right letters and is not Meta's.
 */
export function isFromDialog({ origin, isTrusted }: { origin: string; isTrusted: boolean }): boolean {
  if (!isTrusted || !URL.canParse(origin)) return false;
  const { protocol, hostname, port, origin: exact } = new URL(origin);
  const isMetas = hostname === META_HOST || hostname.endsWith(`.${META_HOST}`);
  return protocol === 'https:' && port === '' && exact === origin && isMetas;
}
