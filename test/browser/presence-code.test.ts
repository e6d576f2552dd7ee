import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launchChromium } from '../support/chromium.ts';
import { type Laptop, startLaptop } from '../support/laptop.ts';
import { mailTo, tokenIn } from '../support/mail.ts';
import { differing } from '../support/presence-codes.ts';
import { violationsOn } from './violations.ts';

let laptop: Laptop;
let browser: Browser;
let context: BrowserContext;

beforeAll(async () => {
  browser = await launchChromium();
  laptop = await startLaptop({ presenceCode: 'on' });
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

/** Requests the file in a browser, and reads the code from the page as a person would. */
async function ask(address: string, where = context): Promise<string> {
  const page = await where.newPage();
  await page.goto(`${laptop.endpoints.api}/?asset=report.pdf`);
  await page.getByLabel('Your e-mail address').fill(address);
  await page.getByRole('button').click();
  const code = page.locator('.code');
  const shown = await code.innerText();
  expect(shown).toMatch(/^\d{3} \d{3}$/);
  expect(await code.getAttribute('aria-label')).toBe([...shown.replace(' ', '')].join(' '));
  return shown;
}

/** Opens the mailed link in a separate browser context, as if on another device. */
async function openLink(address: string, where: BrowserContext): Promise<Page> {
  const page = await where.newPage();
  const token = tokenIn(await mailTo(laptop.endpoints.inbox, address));
  await page.goto(`${laptop.endpoints.api}/redeem?token=${token}`);
  return page;
}

const field = (page: Page) => page.getByLabel('Code', { exact: true });

describe.each([
  ['with JavaScript', { javaScriptEnabled: true }],
  ['without JavaScript', { javaScriptEnabled: false }],
])('%s,', (name, options) => {
  const address = `${name.replace(/ .*/, '')}@example.org`;

  test('a wrong code shows an error next to the field, and the right code downloads the file', async () => {
    const other = await browser.newContext(options);
    const code = await ask(address, await browser.newContext(options));
    const page = await openLink(address, other);
    await field(page).fill(differing(code.replace(' ', ''), 1));
    await page.getByRole('button').click();
    await page.getByText('You can try 4 more times').waitFor();
    await field(page).fill(code);
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button').click()]);
    expect(await readFile(await download.path(), 'utf8')).toBe('the report');
    await other.close();
  });
});

test('a code can be typed and corrected by keyboard alone, because a field with an error gets focus', async () => {
  const code = await ask('keys@example.org');
  const page = await openLink('keys@example.org', context);
  await page.keyboard.press('Tab');
  await page.keyboard.type(differing(code.replace(' ', ''), 6));
  await page.keyboard.press('Enter');
  await page.getByText('You can try 4 more times').waitFor();
  expect(await field(page).getAttribute('aria-invalid')).toBe('true');
  const error = page.locator('#code-error');
  expect(await field(page).getAttribute('aria-describedby')).toContain(await error.getAttribute('id'));
  await page.keyboard.type(code);
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
  expect(download.suggestedFilename()).toBe('report.pdf');
});

test('an empty or incomplete code is not sent', async () => {
  await ask('half@example.org');
  const page = await openLink('half@example.org', context);
  const posted: string[] = [];
  page.on('request', (request) => posted.push(request.method()));
  for (const text of ['', '123']) {
    await field(page).fill(text);
    await page.getByRole('button').click();
    expect(await page.locator('#code:invalid').count()).toBe(1);
  }
  expect(posted).toEqual([]);
});

test('the fifth wrong code leads to a page that explains why the link ended and offers a new one', async () => {
  const code = await ask('five@example.org');
  const page = await openLink('five@example.org', context);
  for (let wrong = 1; wrong <= 5; wrong += 1) {
    await field(page).fill(differing(code.replace(' ', ''), wrong));
    await Promise.all([page.waitForEvent('load'), page.getByRole('button').click()]);
  }
  await page.getByRole('heading', { name: 'This link has ended' }).waitFor();
  await page.getByRole('link', { name: 'Ask for a new link' }).click();
  await page.getByLabel('Your e-mail address').waitFor();
});

test('axe finds no violations on the pages that show the code and ask for it', async () => {
  const code = await ask('axe@example.org');
  const page = await openLink('axe@example.org', context);
  await field(page).fill(differing(code.replace(' ', ''), 2));
  await page.getByRole('button').click();
  await page.getByText('You can try 4 more times').waitFor();
  for (const open of context.pages()) {
    expect(await violationsOn(open)).toEqual([]);
  }
});
