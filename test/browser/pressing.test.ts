import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { confirmPage } from '../../lambda/views/confirm-page.ts';
import { localizedTheme } from '../../lambda/views/localized-theme.ts';
import { problemPage } from '../../lambda/views/problem-page.ts';
import { requestPage } from '../../lambda/views/request-page.ts';
import { launchChromium } from '../support/chromium.ts';
import { refusals } from '../support/refusals.ts';
import { visit } from '../support/visit.ts';
import { everyPage, limits, now, origin, recordOf, token } from '../unit/views/examples.ts';

/* Tests what the pages' script does, and that it sends nothing before a button is pressed. The clock is fake. */

const plain = localizedTheme('en', {});
const confirming = { origin, record: recordOf('report.pdf'), token, downloadSeconds: 30, now };
const confirm = confirmPage(confirming, plain);
const form = requestPage({ origin, lifetimeMinutes: 15, limits }, plain);

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
});

/** The paths of POST requests, in order. */
let posted: string[];
beforeEach(() => {
  posted = [];
});

/** Opens a page with a fake clock. Submitting a form does not leave the page. */
async function open(
  markup: string,
  look: (page: Page) => Promise<void>,
  options: BrowserContextOptions = {},
): Promise<void> {
  const { page } = await visit(browser, markup, options);
  try {
    await page.clock.install({ time: now });
    await page.context().route('**/*', async (route) => {
      const request = route.request();
      if (request.method() !== 'POST') return route.fallback();
      posted.push(new URL(request.url()).pathname);
      return route.fulfill(request.url().endsWith('/redeem') ? FILE : { status: 204 });
    });
    await page.reload();
    // The clock moves only when a test moves it, so the speed of the computer does not matter.
    await page.clock.pauseAt(new Date(now.getTime() + 60_000));
    await look(page);
  } finally {
    await page.context().close();
  }
}

/** The bucket's response after the redirect. */
const FILE = { headers: { 'content-disposition': 'attachment; filename="report.pdf"' }, body: 'the file' };

const status = (page: Page) => page.getByRole('status').first();
const button = (page: Page) => page.getByRole('button').first();

/** Presses the first button with the keyboard, and waits until the browser has the file. */
async function download(page: Page): Promise<void> {
  await button(page).focus();
  await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
}

describe('pressing the download button', () => {
  test('shows and announces progress, and keeps the keyboard focus', async () => {
    await open(confirm, async (page) => {
      await download(page);
      expect(await button(page).textContent()).toBe('Preparing the download…');
      expect(await button(page).getAttribute('aria-disabled')).toBe('true');
      expect(await page.locator('button:focus').count()).toBe(1);
      expect(await status(page).textContent()).toContain('One moment');
    });
  });

  test('a second time, by keyboard or pointer, sends nothing', async () => {
    await open(confirm, async (page) => {
      await download(page);
      await page.keyboard.press('Enter');
      await button(page).dblclick({ force: true });
      await page.clock.runFor(29_900);
      await page.keyboard.press('Enter');
      expect(posted).toEqual(['/v1/redeem']);
    });
  });

  test('says after four seconds, if the page is still open, that the download should have started', async () => {
    await open(confirm, async (page) => {
      await download(page);
      await page.clock.runFor(3_900);
      expect(await status(page).textContent()).toContain('One moment');
      await page.clock.runFor(200);
      expect(await status(page).textContent()).toContain('The download should have started');
      expect(await button(page).textContent()).toBe('Download the file');
    });
  });

  test('works again after 30 seconds, when no response can arrive anymore, and keeps the status text', async () => {
    await open(confirm, async (page) => {
      await download(page);
      await page.clock.runFor(30_100);
      expect(await button(page).getAttribute('aria-disabled')).toBeNull();
      expect(await status(page).textContent()).toContain('The download should have started');
      await download(page);
      expect(posted).toEqual(['/v1/redeem', '/v1/redeem']);
    });
  });

  test('works on a page that the browser restored from its cache', async () => {
    await open(confirm, async (page) => {
      await download(page);
      await page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))");
      expect(await button(page).textContent()).toBe('Download the file');
      expect(await button(page).getAttribute('aria-disabled')).toBeNull();
      expect(await status(page).textContent()).toBe('');
      await page.clock.runFor(10_000);
      expect(await status(page).textContent()).toBe('');
    });
  });

  test('works without scripts, and does not change the page', async () => {
    const { page } = await visit(browser, confirm, { javaScriptEnabled: false });
    try {
      await page.context().route('**/redeem', (route) => route.fulfill(FILE));
      await download(page);
      expect(await button(page).textContent()).toBe('Download the file');
      expect((await status(page).boundingBox())?.height).toBe(0);
    } finally {
      await page.context().close();
    }
  });
});

describe('submitting any other form', () => {
  const fillIn = async (page: Page, address: string) => {
    await page.getByLabel('Name of the file').fill('report.pdf');
    await page.getByLabel('Your e-mail address').fill(address);
    await page.keyboard.press('Enter');
  };

  test('shows progress, and sends the request once', async () => {
    await open(form, async (page) => {
      const sent = page.waitForResponse(`${origin}/token`);
      await fillIn(page, 'ada@example.org');
      await sent;
      await page.keyboard.press('Enter');
      expect(await button(page).textContent()).toBe('Sending…');
      expect(await status(page).textContent()).toContain('your request is on its way');
      expect(posted).toEqual(['/v1/token']);
    });
  });

  test('works again if no new page has arrived after 30 seconds', async () => {
    await open(form, async (page) => {
      const sent = page.waitForResponse(`${origin}/token`);
      await fillIn(page, 'ada@example.org');
      await sent;
      await page.clock.runFor(30_100);
      expect(await button(page).textContent()).toBe('E-mail me the link');
      expect(await status(page).textContent()).toBe('');
    });
  });

  test('sends nothing if the browser rejects the e-mail address', async () => {
    await open(form, async (page) => {
      await fillIn(page, 'nobody');
      expect(await button(page).textContent()).toBe('E-mail me the link');
      expect(posted).toEqual([]);
    });
  });

  test('does not block a second form on the page', async () => {
    await open(problemPage({ origin, refusal: refusals.token_redeemed, token }, plain), async (page) => {
      await Promise.all([page.waitForResponse(`${origin}/redeem/renew`), button(page).press('Enter')]);
      const other = page.getByRole('button', { name: 'Tell the owner' });
      expect(await other.getAttribute('aria-disabled')).toBeNull();
      await Promise.all([page.waitForResponse(`${origin}/redeem/report`), other.press('Enter')]);
      expect(posted).toEqual(['/v1/redeem/renew', '/v1/redeem/report']);
    });
  });
});

describe('a page that nobody interacts with', () => {
  test('never sends a request', async () => {
    const { page, requests } = await visit(browser, '');
    try {
      await page.clock.install({ time: now });
      for (const [, markup] of everyPage) {
        await page.setContent(markup);
        await page.clock.runFor(3_600_000);
      }
      expect(requests).toEqual([`GET ${origin}/`]);
    } finally {
      await page.context().close();
    }
  });
});

describe('a date and time', () => {
  test.each([
    ['en', '23 November 2026, 19:05 CET', '23 November 2026, 18:05 UTC'],
    ['de', '23. November 2026 um 19:05 MEZ', '23. November 2026 um 18:05 Uhr (UTC)'],
    ['fr', '23 novembre 2026 à 19:05 UTC+1', '23 novembre 2026 à 18:05 (UTC)'],
  ] as const)(
    'in %s is shown in the reader’s time zone, and in UTC without scripts',
    async (language, zoned, utc) => {
      const timezoneId = 'Europe/Berlin';
      const page = confirmPage(confirming, localizedTheme(language, {}));
      const shown = (expected: string) => async (opened: Page) => {
        expect(await opened.locator('time').textContent()).toBe(expected);
      };
      await open(page, shown(zoned), { timezoneId });
      const { page: still } = await visit(browser, page, { timezoneId, javaScriptEnabled: false });
      expect(await still.locator('time').textContent()).toBe(utc);
      await still.context().close();
    },
  );
});
