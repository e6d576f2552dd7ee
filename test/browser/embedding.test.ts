import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launchChromium } from '../support/chromium.ts';
import { type Laptop, startLaptop } from '../support/laptop.ts';
import { mailTo } from '../support/mail.ts';
import { read } from '../unit/docs/markdown.ts';

const form = /```html\n([\s\S]*?)```/.exec(read('docs/embedding.md'))?.[1] ?? '';

let laptop: Laptop;
let browser: Browser;
let known: Site;
let unknown: Site;

/** A site whose only page embeds the form from the manual. */
interface Site {
  readonly origin: string;
  readonly server: Server;
}

/** Starts a site at `localhost`, which browsers treat as a different site from the API's 127.0.0.1. */
async function startSite(): Promise<Site> {
  const server = createServer((request, response) => {
    const action = `action="${laptop.endpoints.api}/token"`;
    const page = `<!doctype html><html lang="en"><title>Elsewhere</title>${form.replace(/action="[^"]*"/, action)}
<a href="${laptop.endpoints.api}/?asset=report.pdf">Their own form</a>`;
    const headers = {
      'content-type': 'text/html; charset=utf-8',
      ...(request.url === '/secretive' && { 'referrer-policy': 'no-referrer' }),
    };
    response.writeHead(200, headers).end(page);
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  return { server, origin: `http://localhost:${(server.address() as AddressInfo).port}` };
}

const SOURCE_LIMIT = 60;

beforeAll(async () => {
  [known, unknown] = await Promise.all([startSite(), startSite()]);
  const options = { allowedOrigins: known.origin, sourceLimitPerHour: String(SOURCE_LIMIT) };
  browser = await launchChromium();
  laptop = await startLaptop(options);
  await laptop.offer('report.pdf', 'the report');
});

afterAll(async () => {
  await browser?.close();
  await laptop?.close();
  for (const { server } of [known, unknown]) {
    server.closeAllConnections();
    server.close();
  }
});

async function ask(context: BrowserContext, site: Site, address: string, path = '/'): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${site.origin}${path}`);
  await page.getByLabel('Your e-mail address').fill(address);
  await page.getByRole('button').click();
  return page;
}

const mailed = (address: string) => mailTo(laptop.endpoints.inbox, address);

describe('the embedded form', () => {
  let context: BrowserContext;

  beforeEach(async () => {
    context = await browser.newContext();
  });

  afterEach(async () => {
    await context.close();
  });

  test('is about twenty lines long', () => {
    expect(form.split('\n').length).toBeLessThanOrEqual(25);
  });

  test('keeps the visitor on the page of an allowed site, and shows the result', async () => {
    const page = await ask(context, known, 'script@example.org');
    await page.getByText('Look in your inbox. The link works for 15 minutes.').waitFor();
    expect(new URL(page.url()).origin).toBe(known.origin);
    expect((await mailed('script@example.org')).subject).toContain('report.pdf');
  });

  test('explains why a request is refused', async () => {
    const page = await ask(context, known, 'somebody@mailinator.com');
    await page.getByText('Disposable addresses cannot receive files').waitFor();
  });

  test('works without scripts on an allowed site, and leads to the machine’s page', async () => {
    const plain = await browser.newContext({ javaScriptEnabled: false });
    const page = await ask(plain, known, 'plain@example.org');
    await page.waitForURL(`${laptop.endpoints.api}/token`);
    await page.getByRole('heading', { name: 'Check your inbox' }).waitFor();
    await mailed('plain@example.org');
    await plain.close();
  });

  test('needs the script if the site’s referrer policy hides its origin', async () => {
    const scripted = await ask(context, known, 'hidden@example.org', '/secretive');
    await scripted.getByText('Look in your inbox.').waitFor();
    const plain = await browser.newContext({ javaScriptEnabled: false });
    const page = await ask(plain, known, 'hidden@example.org', '/secretive');
    await page.getByRole('heading', { name: 'Please use our own form' }).waitFor();
    await plain.close();
  });

  test.each([true, false])(
    'is refused on a site that is not allowed, and leads to the machine’s own form (scripts: %s)',
    async (javaScriptEnabled) => {
      const address = `stranger-${javaScriptEnabled}@example.org`;
      const stranger = await browser.newContext({ javaScriptEnabled });
      const page = await ask(stranger, unknown, address);
      await page.waitForURL(`${laptop.endpoints.api}/token`);
      await page.getByRole('heading', { name: 'Please use our own form' }).waitFor();
      await page.getByRole('link', { name: 'Go to the form' }).click();
      await page.getByLabel('Name of the file').fill('report.pdf');
      await page.getByLabel('Your e-mail address').fill(address);
      await page.getByRole('button').click();
      await page.getByRole('heading', { name: 'Check your inbox' }).waitFor();
      await mailed(address);
      await stranger.close();
    },
  );
});

describe('a site that is not an allowed origin', () => {
  test('can link to the machine’s form, which works for the site’s visitors', async () => {
    const page = await browser.newPage();
    await page.goto(unknown.origin);
    await page.getByRole('link', { name: 'Their own form' }).click();
    await page.getByLabel('Your e-mail address').fill('linked@example.org');
    await page.getByRole('button').click();
    await page.getByRole('heading', { name: 'Check your inbox' }).waitFor();
    await mailed('linked@example.org');
    await page.close();
  });

  test('cannot use up the rate limit of a visitor’s network through the visitor’s browser', async () => {
    const page = await browser.newPage();
    await page.goto(unknown.origin);
    const routes = ['/token', '/redeem/renew', '/redeem/report'].map((path) => laptop.endpoints.api + path);
    // Requests that a script can send to another site without a preflight. The last one has no media type, so the
    // machine treats it as JSON.
    const sent: unknown = await page.evaluate(`(async () => {
      const bodies = [new URLSearchParams({ token: 'x' }), 'x', new FormData(), new Blob(['{"token":"x"}'])];
      let sent = 0;
      for (const route of ${JSON.stringify(routes)}) {
        for (const body of bodies) {
          for (let times = 0; times < 10; times += 1) {
            await fetch(route, { method: 'POST', mode: 'no-cors', body });
            sent += 1;
          }
        }
      }
      return sent;
    })()`);
    expect(sent).toBeGreaterThan(SOURCE_LIMIT);
    await page.close();
    const own = await browser.newPage();
    await own.goto(`${laptop.endpoints.api}/?asset=report.pdf`);
    await own.getByLabel('Your e-mail address').fill('visitor@example.org');
    await own.getByRole('button').click();
    await own.getByRole('heading', { name: 'Check your inbox' }).waitFor();
    await own.close();
  });
});
