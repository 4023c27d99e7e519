/** The look at a website, over real sockets of this machine. */
import { createSocket } from 'node:dgram';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isPublicAddress } from '../../src/api/public-address.ts';
import { createWebsites, resolveBy, type LookOptions } from '../../src/api/website-look.ts';

const asked: IncomingMessage[] = [];
let answer: (request: IncomingMessage, response: ServerResponse) => void;
const site = createServer((request, response) => {
  asked.push(request);
  answer(request, response);
});
let port = 0;
beforeAll(async () => {
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  port = (site.address() as AddressInfo).port;
});
afterAll(() => {
  site.closeAllConnections();
  site.close();
});

/** This machine's site stands for a public one; every name leads to it. */
const look = (stated: string, options: LookOptions = {}) => {
  asked.length = 0;
  const isAllowed = (address: string, at: number): boolean => address === '127.0.0.1' && at === port;
  return createWebsites({ isAllowed, resolve: async () => ['127.0.0.1'], ...options }).look(stated);
};
const at = (path = '/'): string => `http://shop.example:${port}${path}`;
const reachable = { kind: 'reachable' };
const unreachable = (why: string) => ({ kind: 'unreachable', why });
const redirectTo = (location: string) => (_request: IncomingMessage, response: ServerResponse) =>
  void response.writeHead(302, { location }).end();
const failing = (code: string) => () => Promise.reject(Object.assign(new Error('no'), { code }));

/** Nothing leaves this machine: what would be connected to is noted. */
const heldBack = () => {
  const connected: string[] = [];
  const get: LookOptions['get'] = (url) => {
    connected.push(url.href);
    throw new Error('held back');
  };
  return { get, connected };
};

describe('a website', () => {
  it('that answers is reachable: asked for its headers once, by its name, without credentials', async () => {
    answer = (_request, response) => void response.writeHead(200).write('a page that never ends');
    expect(await look(`http://ada:secret@shop.example:${port}/home`)).toEqual(reachable);
    expect(asked.map(({ method, url, headers }) => [method, url, headers.host])).toEqual([
      ['GET', '/home', `shop.example:${port}`],
    ]);
    expect(asked[0]?.headers).not.toHaveProperty('authorization');
    expect(asked[0]?.headers).not.toHaveProperty('cookie');
  });

  it.each([
    [403, reachable],
    [429, reachable],
    [304, reachable],
    [404, unreachable('no-page')],
    [503, unreachable('site-broken')],
  ])('that answers %i is %j', async (status, reach) => {
    answer = (_request, response) => void response.writeHead(status).end();
    expect(await look(at())).toEqual(reach);
  });

  it('that leads elsewhere is followed three times, and no further', async () => {
    const hops = (most: number) => (request: IncomingMessage, response: ServerResponse) => {
      const hop = Number(request.url?.slice(1));
      return void (hop < most ? response.writeHead(301, { location: `/${hop + 1}` }) : response.writeHead(200)).end();
    };
    answer = hops(3);
    expect([await look(at('/0')), asked.length]).toEqual([reachable, 4]);
    answer = hops(9);
    expect([await look(at('/0')), asked.length]).toEqual([unreachable('too-many-redirects'), 4]);
  });

  it.each(['file:///etc/passwd', 'javascript:1', 'ftp://shop.example/'])(
    'that leads to %s leads nowhere',
    async (location) => {
      answer = redirectTo(location);
      expect(await look(at())).toEqual(unreachable('no-address'));
    },
  );

  it.each(['', 'Lotus GmbH', 'ftp://shop.example', 'http://'])('%j is no address of one', async (stated) => {
    expect([await look(stated), asked.length]).toEqual([unreachable('no-address'), 0]);
  });

  it('without a scheme is looked for under https', async () => {
    answer = (_request, response) => void response.writeHead(200).end();
    expect(await look(`shop.example:${port}`)).toMatchObject({ kind: 'unreachable' }); // it speaks no TLS
    expect(asked).toHaveLength(0);
  });

  it('that takes too long is let go within the bound, and so is a name that nobody resolves', async () => {
    answer = () => {};
    const startedMs = performance.now();
    expect(await look(at(), { timeoutMs: 150 })).toEqual(unreachable('too-slow'));
    expect(await look(at(), { timeoutMs: 150, resolve: () => new Promise(() => {}) })).toEqual(unreachable('too-slow'));
    expect(performance.now() - startedMs).toBeLessThan(3_000);
  });

  it('whose name is unknown, or where nobody listens, is not reachable; a fault of our own says nothing', async () => {
    expect(await look(at(), { resolve: failing('ENOTFOUND') })).toEqual(unreachable('name-unknown'));
    expect(await look(at(), { resolve: async () => [] })).toEqual(unreachable('name-unknown'));
    expect(await look(at(), { resolve: failing('EAI_AGAIN') })).toEqual({ kind: 'not-looked-up' });
    expect(await look('http://shop.example:1/', { isAllowed: () => true })).toEqual(unreachable('no-connection'));
  });
});

describe('what is not public', () => {
  it.each([
    'http://127.0.0.1/',
    'http://localhost/',
    'http://2130706433/',
    'http://0x7f.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'http://169.254.169.254/latest/meta-data/',
    'https://shop.example/',
  ])('is never connected to: %s', async (written) => {
    const { get, connected } = heldBack();
    const websites = createWebsites({ get, resolve: async () => ['127.0.0.1'] });
    expect([await websites.look(written), connected]).toEqual([unreachable('not-public'), []]);
  });

  it.each(['http://10.0.0.1/', 'http://169.254.169.254/latest/', 'http://[fd00::1]/', 'http://inside.example/'])(
    'is not followed to: %s',
    async (location) => {
      answer = redirectTo(location);
      const resolve = async (name: string) => [name === 'inside.example' ? '192.168.0.7' : '127.0.0.1'];
      expect([await look(at(), { resolve }), asked.length]).toEqual([unreachable('not-public'), 1]);
    },
  );

  it('hides behind no second answer: the name is resolved once, and all of its addresses must be public', async () => {
    answer = (_request, response) => void response.writeHead(200).end();
    let resolved = 0;
    const turning = async () => ((resolved += 1) === 1 ? ['127.0.0.1'] : ['192.168.0.7']);
    expect([await look(at(), { resolve: turning }), resolved, asked.length]).toEqual([reachable, 1, 1]);
    expect(await look(at(), { resolve: async () => ['127.0.0.1', '10.0.0.1'] })).toEqual(unreachable('not-public'));
    expect(asked).toHaveLength(0);
  });

  it.each([
    ['93.184.216.34', true],
    ['172.15.255.255', true],
    ['172.16.0.1', false],
    ['172.31.255.255', false],
    ['100.64.0.1', false],
    ['0.0.0.0', false],
    ['192.0.2.1', false],
    ['224.0.0.1', false],
    ['255.255.255.255', false],
    ['2606:2800:220:1::1', true],
    ['2001:db8::1', false],
    ['2002:7f00:1::', false],
    ['64:ff9b::a00:1', false],
    ['fe80::1', false],
    ['::', false],
    ['::ffff:10.0.0.1', false],
    ['shop.example', false],
  ])('%s: %s', (address, isPublic) => {
    expect(isPublicAddress(address)).toBe(isPublic);
  });

  it('is any port but those of websites', async () => {
    const { get, connected } = heldBack();
    const websites = createWebsites({ get, resolve: async () => ['93.184.216.34'] });
    for (const stated of ['http://shop.example:22/', 'https://shop.example:8443/', 'http://shop.example:6379/'])
      expect(await websites.look(stated)).toEqual(unreachable('not-public'));
    expect(connected).toEqual([]);
    for (const stated of ['http://shop.example/', 'shop.example:443']) await websites.look(stated);
    expect(connected).toEqual(['http://shop.example/', 'https://shop.example/']);
  });
});

describe('the name of a website', () => {
  const NO_SUCH_NAME = 0x8183;

  /** A nameserver of this machine; null: it is silent. */
  async function askedOf(flags: number | null, name: string) {
    const server = createSocket('udp4');
    server.on('message', (query, { port: from, address }) => {
      if (flags === null) return;
      const said = Buffer.from(query);
      said.writeUInt16BE(flags, 2);
      server.send(said, from, address);
    });
    await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
    const resolve = resolveBy([`127.0.0.1:${server.address().port}`]);
    const { get, connected } = heldBack();
    const reach = await createWebsites({ get, resolve }).look(name);
    server.close();
    return [reach, connected];
  }

  it('is asked of nameservers alone: one that only this machine knows has no address', async () => {
    expect(await askedOf(NO_SUCH_NAME, 'shop.example')).toEqual([unreachable('name-unknown'), []]);
    expect(await askedOf(NO_SUCH_NAME, 'localhost')).toEqual([unreachable('name-unknown'), []]);
  });

  it('of which silent nameservers say nothing was not looked up, and is let go within the bound', async () => {
    expect(await askedOf(null, 'shop.example')).toEqual([{ kind: 'not-looked-up' }, []]);
  });
});
