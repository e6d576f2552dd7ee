import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../support/chromium.ts';
import { issueLink } from '../support/issue-links.ts';
import { type Laptop, startLaptop } from '../support/laptop.ts';

/* Tests that the browser that redeemed a link can get the file again, even over plain HTTP on the local computer. */

const BYTES = randomBytes(100_000);

let laptop: Laptop;
let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
  laptop = await startLaptop({ secondChance: 'on' });
  await laptop.offer('report.pdf', BYTES);
});
afterAll(async () => {
  await browser?.close();
  await laptop?.close();
});

async function download(page: Page, name: string): Promise<Buffer> {
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name }).click();
  return readFileSync(await (await downloading).path());
}

test.each(['redirect', 'stream'] as const)(
  'the browser that redeemed a link by %s gets the file again, and another browser does not',
  async (delivery) => {
    const { token } = await issueLink(laptop.endpoints, { asset: 'report.pdf', delivery });
    const link = `${laptop.endpoints.api}/redeem?token=${token}`;
    const [redeemer, other] = [await browser.newContext(), await browser.newContext()];
    try {
      const page = await redeemer.newPage();
      await page.goto(link);
      expect(await download(page, 'Download the file')).toEqual(BYTES);
      await page.goto(link);
      expect(await page.evaluate('document.cookie')).toBe('');
      expect(await download(page, 'Get the file again')).toEqual(BYTES);

      const foreign = await other.newPage();
      await foreign.goto(link);
      await foreign.getByRole('button', { name: 'Get the file again' }).click();
      await foreign.waitForURL(/\/redeem$/);
      await foreign.getByRole('heading', { name: 'This link has been used' }).waitFor();
      expect(await foreign.getByRole('button', { name: 'Get the file again' }).count()).toBe(0);
    } finally {
      await redeemer.close();
      await other.close();
    }
  },
);
