/** Which pages may speak for an owner: exact origins, compared as text and never by their ends (U14, U18). */

/** Of one tenant. */
export const PAGE_ORIGINS_MAX = 50;

const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/** `https://` and a host, with a port where it is not the usual one; `http://` on this machine alone. No wildcard, no path. */
export function isPageOrigin(text: string): boolean {
  const url = urlOf(text);
  return url !== null && url.origin === text && isSafe(url) && !text.includes('*');
}

/** The address of a page; what follows `#` is ours to write. */
export function isPageUrl(text: string): boolean {
  const url = urlOf(text);
  return url !== null && isSafe(url) && url.username === '' && url.password === '' && !text.includes('#');
}

function urlOf(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}

function isSafe({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK_HOSTS.has(hostname));
}
