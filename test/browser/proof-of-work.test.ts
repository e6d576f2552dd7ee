import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launchChromium } from '../support/chromium.ts';
import { type Laptop, postJson, startLaptop } from '../support/laptop.ts';
import { mailTo } from '../support/mail.ts';
import { read } from '../unit/docs/markdown.ts';
import { violationsOn } from './violations.ts';

/** Hourly limit on requests from one source. With `always`, a tenth of the limit is available without a proof. */
const LIMIT = 20;

let laptop: Laptop;
let browser: Browser;
let context: BrowserContext;

beforeAll(async () => {
  browser = await launchChromium();
  laptop = await startLaptop({ proofOfWork: 'always', sourceLimitPerHour: String(LIMIT) });
  await laptop.offer('report.pdf', 'the report');
});
afterAll(async () => {
  await browser?.close();
  await laptop?.close();
});
beforeEach(async () => {
  context = await browser.newContext();
});
afterEach(() => context.close());

async function openForm(of = context): Promise<Page> {
  const page = await of.newPage();
  await page.goto(`${laptop.endpoints.api}/?asset=report.pdf`);
  return page;
}

async function send(page: Page, address: string): Promise<void> {
  await page.getByLabel('Your e-mail address').fill(address);
  await page.getByRole('button').click();
}

const inboxPage = (page: Page) => page.getByRole('heading', { name: 'Check your inbox' }).waitFor();

describe('the form of a deployment that requires a proof of work', () => {
  test('sends a request once, with a proof, and shows that the browser is busy in the meantime', async () => {
    const page = await openForm();
    const posted: string[] = [];
    page.on('request', (request) => {
      if (request.method() === 'POST') posted.push(request.postData() ?? '');
    });
    let response = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      response = resolve;
    });
    await page.route('**/challenge?*', async (route) => {
      await held;
      await route.continue();
    });
    await send(page, 'ada@example.org');
    await page.getByText('your browser is solving a small puzzle').waitFor();
    await page.getByRole('button', { name: 'Checking…' }).click({ force: true });
    response();
    await inboxPage(page);
    expect(posted).toHaveLength(1);
    expect(new URLSearchParams(posted[0]).get('proof')).toMatch(/^[A-Za-z0-9+/=]{500,}$/);
    await mailTo(laptop.endpoints.inbox, 'ada@example.org');
  });

  test('works by keyboard, and works again with a new proof after the visitor goes back', async () => {
    const page = await openForm();
    await page.getByLabel('Your e-mail address').fill('keys@example.org');
    await page.keyboard.press('Enter');
    await inboxPage(page);
    await page.goBack();
    await send(page, 'back@example.org');
    await inboxPage(page);
    await mailTo(laptop.endpoints.inbox, 'back@example.org');
  });

  test('is sent without a proof if the challenge cannot be fetched', async () => {
    const page = await openForm();
    await page.route('**/challenge?*', (route) => route.abort());
    await send(page, 'offline@example.org');
    await inboxPage(page);
  });

  test('has no accessibility violations that axe can find', async () => {
    const page = await openForm();
    expect(await violationsOn(page)).toEqual([]);
  });

  test('accepts proofs computed by the script in the manual', async () => {
    const code = /```js\n([\s\S]*?)```/.exec(read('docs/embedding.md'))?.[1] ?? '';
    const page = await openForm();
    const status = await page.evaluate(`(async () => {
      ${code}
      const body = { email: 'embedded@example.org', asset: 'report.pdf' };
      body.proof = await proofFor('${laptop.endpoints.api}', body.asset);
      const headers = { 'Content-Type': 'application/json', Accept: 'application/json' };
      const response = await fetch('${laptop.endpoints.api}/token', { method: 'POST', headers, body: JSON.stringify(body) });
      return [response.status, body.proof.length > 500];
    })()`);
    expect(status).toEqual([202, true]);
  });

  test('explains without JavaScript how often it can be submitted, and what to do after that', async () => {
    const plain = await browser.newContext({ javaScriptEnabled: false });
    const page = await openForm(plain);
    // Playwright's text locators skip noscript elements.
    expect(await page.locator('noscript p').innerText()).toContain('we accept at most 2 requests an hour');
    for (const address of ['one@example.org', 'two@example.org']) {
      await postJson(`${laptop.endpoints.api}/token`, { email: address, asset: 'report.pdf' });
    }
    await send(page, 'late@example.org');
    await page.getByRole('heading', { name: 'JavaScript is needed for now' }).waitFor();
    await page.getByRole('link', { name: 'Go to the form' }).click();
    expect(await page.getByLabel('Name of the file').inputValue()).toBe('report.pdf');
    await plain.close();
  });
});
