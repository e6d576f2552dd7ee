import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { SendEmailCommand } from '@aws-sdk/client-ses';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readInbox } from '../src/inbox.ts';
import { isOwnHost } from '../src/own-host.ts';
import { LocalServices } from './support/local-services.ts';
import { SmallApi } from './support/small-api.ts';

/** Sends a request with an arbitrary Host header, as a browser does if a site's name resolves to 127.0.0.1. */
async function ask(
  url: string,
  headers: Readonly<Record<string, string>>,
  method = 'GET',
): Promise<{ status: number | undefined; text: string }> {
  const request = httpRequest(url, { method, headers, agent: false }).end();
  const [response] = await once(request, 'response');
  const parts: Buffer[] = await response.toArray();
  return { status: response.statusCode, text: Buffer.concat(parts).toString() };
}

const portOf = (url: string): string => new URL(url).port;

/** Returns Host headers that name a different computer or port. */
const foreignHosts = (port: string): readonly string[] => [
  `rebound.example:${port}`,
  `127.0.0.1.rebound.example:${port}`,
  `localhost.rebound.example:${port}`,
  `localhost@rebound.example:${port}`,
  `rebound.example:1:${port}`,
  `127.0.0.2:${port}`,
  'localhost',
  `localhost:${Number(port) - 1}`,
  `localhost:${port}0`,
];
const ownHosts = (port: string): readonly string[] =>
  ['127.0.0.1', 'localhost', 'LOCALHOST', '[::1]'].map((name) => `${name}:${port}`);

describe('the Host header', () => {
  test('port 80 can be omitted', () => {
    expect(['localhost', 'localhost:80', 'localhost:81'].map((host) => isOwnHost(host, 80))).toEqual([
      true,
      true,
      false,
    ]);
  });

  test('a missing or empty Host header is rejected', () => {
    expect([undefined, ''].map((host) => isOwnHost(host, 80))).toEqual([false, false]);
  });
});

describe('the inbox', () => {
  let services: LocalServices;
  let inbox: string;
  let mails: number;
  beforeEach(async () => {
    services = new LocalServices();
    await services.start();
    inbox = services.urlOf('ses');
    const Message = { Subject: { Data: 'Your link' }, Body: { Text: { Data: 'secret' } } };
    const Destination = { ToAddresses: ['ada@example.com'] };
    await services.ses().send(new SendEmailCommand({ Source: 'files@example.com', Destination, Message }));
    mails = (await readInbox(inbox)).length;
  });
  afterEach(() => services.remove());

  test('the inbox is available under all names of this computer', async () => {
    for (const host of ownHosts(portOf(inbox))) {
      expect((await ask(inbox, { host })).status).toBe(200);
      expect((await ask(`${inbox}/store`, { host })).text).toContain('secret');
    }
  });

  test('the inbox can be neither shown nor cleared under other names', async () => {
    for (const host of foreignHosts(portOf(inbox))) {
      for (const [path, method] of [
        ['/', 'GET'],
        ['/store', 'GET'],
        ['/store', 'HEAD'],
        ['/get-emlContent?id=0', 'GET'],
        ['/clear-store', 'POST'],
      ] as const) {
        const { status, text } = await ask(`${inbox}${path}`, { host }, method);
        expect([host, path, status]).toEqual([host, path, 403]);
        expect(text).not.toContain('secret');
      }
    }
    expect(await readInbox(inbox)).toHaveLength(mails);
  });

  test('only the inbox page can clear the inbox', async () => {
    const host = new URL(inbox).host;
    const clear = (origin: string) => ask(`${inbox}/clear-store`, { host, origin }, 'POST');
    for (const origin of ['https://example.org', 'null', `http://localhost:${portOf(inbox)}`]) {
      expect((await clear(origin)).status).toBe(403);
    }
    expect(await readInbox(inbox)).toHaveLength(mails);
    expect((await clear(inbox)).status).toBe(200);
    expect(await readInbox(inbox)).toEqual([]);
  });
});

describe('the API', () => {
  let api: SmallApi;
  beforeEach(async () => {
    api = new SmallApi();
    await api.start({ routes: [['GET', '/redeem', 'NONE']] });
  });
  afterEach(() => api.stop());

  test('the API answers under all names of this computer', async () => {
    const { port, origin } = api.url;
    for (const host of ownHosts(port)) expect((await ask(`${origin}/v1/redeem`, { host })).status).toBe(200);
  });

  test('the API responds with 403 under other names, as on AWS', async () => {
    const { port, origin } = api.url;
    for (const host of foreignHosts(port)) {
      for (const path of ['/', '/v1/redeem']) {
        const reply = await ask(`${origin}${path}`, { host });
        expect([host, path, reply]).toEqual([host, path, { status: 403, text: '{"message":"Forbidden"}' }]);
      }
    }
    expect(api.events).toEqual([]);
  });
});
