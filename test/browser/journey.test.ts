import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { launchChromium } from '../support/chromium.ts';
import { issueLink } from '../support/issue-links.ts';
import { type Laptop, startLaptop } from '../support/laptop.ts';
import { mailTo } from '../support/mail.ts';

let laptop: Laptop;
let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
  laptop = await startLaptop();
  await laptop.offer('Jahresbericht 2031.pdf', 'the yearly report');
});
afterAll(async () => {
  await browser?.close();
  await laptop?.close();
});

async function inBrowser(
  options: BrowserContextOptions,
  visit: (page: Page) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext({ ...options, acceptDownloads: true });
  try {
    await visit(await context.newPage());
  } finally {
    await context.close();
  }
}

/** Requests the file through the form, and returns the link from the e-mail. */
async function ask(page: Page, address: string): Promise<string> {
  await page.goto(`${laptop.endpoints.api}/?asset=${encodeURIComponent('Jahresbericht 2031.pdf')}`);
  await page.getByRole('textbox', { name: /e-?mail/i }).fill(address);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: /inbox/i }).waitFor();
  const { body } = await mailTo(laptop.endpoints.inbox, address);
  const link = /http\S+redeem\?token=\S+/.exec(body.text ?? '')?.[0];
  if (link === undefined) throw new Error('the e-mail contains no link');
  return link;
}

describe.each<[string, BrowserContextOptions]>([
  ['with JavaScript', {}],
  ['without JavaScript', { javaScriptEnabled: false }],
  [
    'on a phone in dark mode',
    { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, colorScheme: 'dark' },
  ],
])('in a browser %s,', (how, options) => {
  const address = `${how.replaceAll(' ', '-').toLowerCase()}@example.org`;

  test('a person requests a file, opens the e-mail, and gets the file with the first press, but not with a second', async () => {
    await inBrowser(options, async (page) => {
      const link = await ask(page, address);
      if (options.javaScriptEnabled !== false) await page.clock.install();
      await page.goto(link);
      await page.reload();
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button').click()]);
      expect(download.suggestedFilename()).toBe('Jahresbericht 2031.pdf');
      expect(readFileSync(await download.path(), 'utf8')).toBe('the yearly report');

      // The script ignores a second press while the response to the first could still arrive.
      if (options.javaScriptEnabled !== false) await page.clock.fastForward(30_100);
      await page.getByRole('button').click();
      await page.getByText(/downloaded on/i).waitFor();
      expect(await page.getByRole('button', { name: /new link/i }).count()).toBe(1);

      await page.getByRole('button', { name: /tell the owner/i }).click();
      await page.waitForURL(/\/redeem\/report$/);
      expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1);
    });
  });
});

test.each([true, false])(
  'the button also downloads a streamed file (scripts: %s)',
  async (javaScriptEnabled) => {
    const { url } = await issueLink(laptop.endpoints, {
      asset: 'Jahresbericht 2031.pdf',
      delivery: 'stream',
    });
    await inBrowser({ javaScriptEnabled }, async (page) => {
      await page.goto(url);
      await page.getByText('cannot be resumed').waitFor();
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button').click()]);
      expect(download.suggestedFilename()).toBe('Jahresbericht 2031.pdf');
      expect(download.url()).toBe(`${laptop.endpoints.api}/redeem/stream`);
      expect(readFileSync(await download.path(), 'utf8')).toBe('the yearly report');
      await page.goto(url);
      await page.getByText(/downloaded on/i).waitFor();
    });
  },
);

test('a link that is limited to other networks shows that it does not work from here, and does not name the file', async () => {
  const { url } = await issueLink(laptop.endpoints, {
    asset: 'Jahresbericht 2031.pdf',
    allowedCidrs: ['192.0.2.0/24'],
  });
  await inBrowser({}, async (page) => {
    await page.goto(url);
    await page.getByRole('heading', { name: 'This link does not work from here' }).waitFor();
    expect(await page.getByText('Jahresbericht').count()).toBe(0);
    expect(await page.getByRole('button', { name: 'Try again' }).count()).toBe(1);
  });
});

test('a person can get the file by keyboard alone', async () => {
  await inBrowser({}, async (page) => {
    await page.goto(await ask(page, 'keyboard@example.org'));
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      (async () => {
        await page.keyboard.press('Tab');
        while ((await page.locator('button:focus').count()) === 0) await page.keyboard.press('Tab');
        await page.keyboard.press('Enter');
      })(),
    ]);
    expect(download.suggestedFilename()).toBe('Jahresbericht 2031.pdf');
  });
});

describe.each([
  [
    'de-AT',
    'Ihre Datei per E-Mail',
    'Ihr Download-Link: Jahresbericht 2031.pdf',
    'Datei herunterladen',
    'wurde schon verwendet',
  ],
  [
    'fr-FR',
    'Recevez votre fichier par e-mail',
    'Votre lien de téléchargement : Jahresbericht 2031.pdf',
    'Télécharger le fichier',
    'a déjà été utilisé',
  ],
] as const)('for readers with the locale %s,', (locale, title, subject, submit, used) => {
  const address = `${locale.toLowerCase()}@example.org`;

  test('the form, the e-mail, the page, and the refusal are in the reader’s language', async () => {
    await inBrowser({ locale }, async (page) => {
      await page.goto(`${laptop.endpoints.api}/?asset=${encodeURIComponent('Jahresbericht 2031.pdf')}`);
      await page.getByRole('heading', { name: title }).waitFor();
      await page.locator('input[type=email]').fill(address);
      await Promise.all([page.waitForURL(/\/token$/), page.keyboard.press('Enter')]);

      const mail = await mailTo(laptop.endpoints.inbox, address);
      expect(mail.subject.replaceAll('\u00a0', ' ')).toBe(subject);
      const link = /http\S+redeem\?token=\S+/.exec(mail.body.text ?? '')?.[0] ?? '';
      await page.goto(link);
      const button = page.getByRole('button', { name: submit });
      const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
      expect(readFileSync(await download.path(), 'utf8')).toBe('the yearly report');

      await page.goto(link);
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain(used);
    });
  });
});
