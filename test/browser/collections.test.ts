import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { launchChromium } from '../support/chromium.ts';
import { issueLink } from '../support/issue-links.ts';
import { type Laptop, startLaptop } from '../support/laptop.ts';
import { violationsOn } from './violations.ts';

/* Tests a collection's page in local mode. Its twenty files have long or right-to-left names. */

const NAMES = Array.from({ length: 20 }, (_, index) =>
  index % 2 === 0
    ? `${index + 1} ${'annual-report-of-the-northern-branch-'.repeat(5)}.txt`
    : `${index + 1} تقرير سنوي שנתי.txt`,
);

let laptop: Laptop;
let browser: Browser;
beforeAll(async () => {
  laptop = await startLaptop({ collections: 'on' });
  for (const name of NAMES) await laptop.offer(name, `This is ${name}`);
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await laptop.close();
});

let url: string;
beforeEach(async () => {
  ({ url } = await issueLink(laptop.endpoints, { assets: NAMES }));
});

async function open(options: BrowserContextOptions, look: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext(options);
  try {
    const page = await context.newPage();
    await page.goto(url);
    await look(page);
  } finally {
    await context.close();
  }
}

const button = (page: Page, index: number) => page.getByRole('button').nth(index);

/** Presses a file's button, and returns the name under which the browser saves the file. */
async function download(
  page: Page,
  index: number,
  press = () => button(page, index).click(),
): Promise<string> {
  const [file] = await Promise.all([page.waitForEvent('download'), press()]);
  return file.suggestedFilename();
}

describe.each([
  ['with JavaScript', {}],
  ['without JavaScript', { javaScriptEnabled: false }],
  ['on a phone', { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true }],
] as const)('%s,', (_how, options) => {
  test('each file is downloaded by its own button, and the page stays open', async () => {
    await open(options, async (page) => {
      expect(await page.getByRole('button').count()).toBe(20);
      for (const index of [0, 1, 19]) expect(await download(page, index)).toBe(NAMES[index]);
      expect(page.url()).toBe(url);
      await page.getByRole('link', { name: 'Load the page again' }).click();
      await page
        .getByText(/Downloaded on \d/)
        .first()
        .waitFor();
      expect(await page.getByRole('button').count()).toBe(17);
      expect(await page.getByText(/Downloaded on \d/).count()).toBe(3);
    });
  });
});

test('a file can be downloaded by keyboard alone, and its name describes the button', async () => {
  await open({}, async (page) => {
    // The button must be the first element to receive focus.
    await page.keyboard.press('Tab');
    const focused = page.locator('button:focus');
    const id = await focused.getAttribute('aria-describedby');
    expect(await page.locator(`[id="${id}"]`).textContent()).toBe(NAMES[0]);
    expect(await download(page, 0, () => page.keyboard.press('Enter'))).toBe(NAMES[0]);
    expect(await focused.textContent()).toBe('Preparing the download…');
    // The other buttons keep their labels.
    expect(await button(page, 1).textContent()).toBe('Download');
  });
});

test.each(['light', 'dark'] as const)(
  'axe finds no violations on a page with twenty files in the %s color scheme',
  async (colorScheme) => {
    await open({ colorScheme, viewport: { width: 320, height: 640 } }, async (page) => {
      expect(await violationsOn(page)).toEqual([]);
      // The page fits the narrowest phone.
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
    });
  },
);
