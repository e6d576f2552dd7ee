import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { waitForMail } from '../../local/inbox.ts';
import { launchChromium } from '../support/chromium.ts';
import { type Laptop, startLaptop } from '../support/laptop.ts';
import { read } from '../unit/docs/markdown.ts';

const form = /```html\n([\s\S]*?)```/.exec(read('docs/embedding.md'))?.[1] ?? '';

let laptop: Laptop;
let browser: Browser;
let known: Site;
let unknown: Site;

/** Somebody else's site, with the form of the manual on its only page. */
interface Site {
  readonly origin: string;
  readonly server: Server;
}

async function startSite(): Promise<Site> {
  const server = createServer((_request, response) => {
    const action = `action="${laptop.endpoints.api}/token"`;
    const page = `<!doctype html><html lang="en"><title>Elsewhere</title>${form.replace(/action="[^"]*"/, action)}`;
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

beforeAll(async () => {
  [known, unknown] = await Promise.all([startSite(), startSite()]);
  [laptop, browser] = await Promise.all([startLaptop({ allowedOrigins: known.origin }), launchChromium()]);
  await laptop.offer('report.pdf', 'the report');
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await laptop?.close();
  for (const { server } of [known, unknown]) {
    server.closeAllConnections();
    server.close();
  }
});

async function ask(context: BrowserContext, site: Site, address: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(site.origin);
  await page.getByLabel('Your e-mail address').fill(address);
  await page.getByRole('button').click();
  return page;
}

const mailTo = (address: string) => waitForMail(laptop.endpoints.inbox, address, 20_000);

describe('the form for other sites', () => {
  let context: BrowserContext;

  beforeEach(async () => {
    context = await browser.newContext();
  });

  afterEach(async () => {
    await context.close();
  });

  test('is about twenty lines', () => {
    expect(form.split('\n').length).toBeLessThanOrEqual(25);
  });

  test('leaves the reader on the page of a site that is allowed, and says what happens', async () => {
    const page = await ask(context, known, 'script@example.org');
    await page.getByText('Look in your inbox. The link works for 15 minutes.').waitFor();
    expect(new URL(page.url()).origin).toBe(known.origin);
    expect((await mailTo('script@example.org')).subject).toContain('report.pdf');
  }, 30_000);

  test('says why a request is refused', async () => {
    const page = await ask(context, known, 'somebody@mailinator.com');
    await page.getByText('Throw-away addresses cannot receive files').waitFor();
  }, 30_000);

  test('goes to the page of the machine from a site that is not allowed', async () => {
    const page = await ask(context, unknown, 'stranger@example.org');
    await page.waitForURL(`${laptop.endpoints.api}/token`);
    await mailTo('stranger@example.org');
  }, 30_000);

  test('needs no script', async () => {
    const plain = await browser.newContext({ javaScriptEnabled: false });
    const page = await ask(plain, unknown, 'plain@example.org');
    await page.waitForURL(`${laptop.endpoints.api}/token`);
    expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1);
    await mailTo('plain@example.org');
    await plain.close();
  }, 30_000);
});
