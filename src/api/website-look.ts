/**
 * Looks whether a website answers: a bounded GET of its headers, of public addresses alone, without credentials. Each hop is
 * resolved once and connected to just there, so that a name cannot lead elsewhere after it was checked.
 */
import { Resolver } from 'node:dns/promises';
import { get as getPlain, type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { get as getSecure } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { Unreachable, WebsiteReach } from '../domain/eligibility-answers.ts';
import { isPublicAddress } from './public-address.ts';
import type { Websites } from './websites.ts';

/** Bound of a look as a whole, names and redirects with it. */
const LOOK_MAX_MS = 3_000;
const REDIRECTS_MAX = 3;
const AGENT = 'tandem-website-look';
/** A site that says these is there, and keeps machines out. */
const KEEPS_OUT: readonly number[] = [401, 403, 405, 407, 418, 429, 451];

/** How long nameservers may take. Ours, 2026-11. */
const RESOLVE_MAX_MS = 1_500;

type Get = (url: URL, options: RequestOptions, onAnswer: (response: IncomingMessage) => void) => ClientRequest;

export interface LookOptions {
  /** All addresses of a name. */
  resolve?: (name: string) => Promise<readonly string[]>;
  /** Connects, asks for the headers and hands them over: the one step that leaves this machine. */
  get?: Get;
  /** Whether this address may be connected to at this port. */
  isAllowed?: (address: string, port: number) => boolean;
  timeoutMs?: number;
}

type Line = Required<Omit<LookOptions, 'timeoutMs'>> & { signal: AbortSignal };

export function createWebsites({ timeoutMs = LOOK_MAX_MS, ...given }: LookOptions = {}): Websites {
  return {
    async look(stated) {
      const signal = AbortSignal.timeout(timeoutMs);
      const line = { resolve: resolveBy(), isAllowed: isOpenToAll, get: getPage, ...given, signal };
      try {
        return await follow(urlOf(stated), line);
      } catch (error) {
        return reachOfError(error, line.signal);
      }
    },
  };
}

const getPage: Get = (url, options, onAnswer) =>
  url.protocol === 'https:' ? getSecure(url, options, onAnswer) : getPlain(url, options, onAnswer);

/**
 * Asks nameservers alone. NOTE: not `lookup`, which holds a thread of this process for as long as they are silent; names of
 * /etc/hosts have no address here. Empty: the name has none.
 */
export function resolveBy(servers?: readonly string[]): (name: string) => Promise<readonly string[]> {
  return async (name) => {
    const resolver = new Resolver({ timeout: RESOLVE_MAX_MS, tries: 1 });
    if (servers) resolver.setServers(servers);
    const asked = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    const addresses = asked.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
    const errors = asked.flatMap((one): unknown[] => (one.status === 'rejected' ? [one.reason] : []));
    const cause = errors.find((error) => !NAME_UNKNOWN.includes(codeOf(error)));
    if (addresses.length === 0 && cause) throw new ResolverSilent('the nameservers did not say', { cause });
    return addresses;
  };
}

/** Says nothing about the name. */
class ResolverSilent extends Error {
  readonly code = 'EAI_AGAIN';
}

/** Another port than those of websites would let us be used to knock on doors. */
function isOpenToAll(address: string, port: number): boolean {
  return (port === 80 || port === 443) && isPublicAddress(address);
}

/** Why a look went no further. */
class LookRefused extends Error {
  readonly why: Unreachable;
  constructor(why: Unreachable) {
    super(why);
    this.name = 'LookRefused';
    this.why = why;
  }
}

/** People write an address without its scheme. What it carries of a user is never sent. */
function urlOf(text: string, base?: URL): URL {
  const isBare = base === undefined && !/^[a-z][a-z0-9+.-]*:\/\//i.test(text.trim());
  const written = isBare ? `https://${text.trim()}` : text;
  if (!URL.canParse(written, base?.href)) throw new LookRefused('no-address');
  const url = new URL(written, base);
  if (!/^https?:$/.test(url.protocol)) throw new LookRefused('no-address');
  url.username = '';
  url.password = '';
  return url;
}

async function follow(start: URL, line: Line): Promise<WebsiteReach> {
  let url = start;
  for (let hop = 0; hop <= REDIRECTS_MAX; hop += 1) {
    const { status, location } = await headersOf(url, line);
    if (!isRedirect(status) || location === null) return reachOf(status);
    url = urlOf(location, url);
  }
  return { kind: 'unreachable', why: 'too-many-redirects' };
}

function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}

function reachOf(status: number): WebsiteReach {
  const isThere = status < 400 || KEEPS_OUT.includes(status);
  return isThere ? { kind: 'reachable' } : { kind: 'unreachable', why: status < 500 ? 'no-page' : 'site-broken' };
}

interface Headers {
  status: number;
  location: string | null;
}

async function headersOf(url: URL, line: Line): Promise<Headers> {
  const pinned = await pinnedLookup(url, line);
  const options: RequestOptions = {
    agent: false,
    headers: { accept: '*/*', 'user-agent': AGENT },
    lookup: pinned,
    signal: line.signal,
  };
  return new Promise((resolve, reject) => {
    const request = line.get(url, options, (response) => {
      resolve({ status: response.statusCode ?? 0, location: response.headers.location ?? null });
      request.destroy(); // of the body nothing is read
    });
    request.on('error', reject);
  });
}

/** Answers any name with the addresses that were checked. An address that is written out is connected to as it is. */
async function pinnedLookup(url: URL, { resolve, isAllowed, signal }: Line): Promise<LookupFunction> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const addresses = isIP(host) === 0 ? await bounded(resolve(host), signal) : [host];
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  if (!addresses.every((address) => isAllowed(address, port))) throw new LookRefused('not-public');
  const all = addresses.map((address) => ({ address, family: isIP(address) }));
  const [first] = all;
  if (first === undefined) throw new LookRefused('name-unknown');
  return (_name, options, done) => (options.all ? done(null, all) : done(null, first.address, first.family));
}

/** Names are resolved without a bound of their own. */
function bounded<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(new LookRefused('too-slow')), { once: true });
    work.then(resolve, reject);
  });
}

const NAME_UNKNOWN: readonly string[] = ['ENOTFOUND', 'ENODATA'];
/** Our own resolver, or our own network, is out of order. */
const OURS: readonly string[] = ['EAI_AGAIN', 'ENETUNREACH', 'ENETDOWN'];
const CERTIFICATE = /CERT|SIGNATURE|TLS|SSL/;

function reachOfError(error: unknown, signal: AbortSignal): Awaited<ReturnType<Websites['look']>> {
  if (error instanceof LookRefused) return { kind: 'unreachable', why: error.why };
  if (signal.aborted) return { kind: 'unreachable', why: 'too-slow' };
  const code = codeOf(error);
  if (OURS.includes(code)) return { kind: 'not-looked-up' };
  if (NAME_UNKNOWN.includes(code)) return { kind: 'unreachable', why: 'name-unknown' };
  return { kind: 'unreachable', why: CERTIFICATE.test(code) ? 'certificate' : 'no-connection' };
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
