import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { launchChromium } from '../support/chromium.ts';
import { type DownloadProxy, startDownloadProxy } from '../support/download-proxy.ts';
import { type Laptop, startLaptop } from '../support/laptop.ts';

let laptop: Laptop;
let proxy: DownloadProxy;
let browser: Browser;

beforeAll(async () => {
  proxy = await startDownloadProxy();
  [browser, laptop] = await Promise.all([launchChromium(), startLaptop({ downloadHost: proxy.host })]);
  proxy.passTo(laptop.endpoints.s3);
  await laptop.offer('report.pdf', 'the report');
});
afterAll(async () => {
  await browser?.close();
  await laptop?.close();
  await proxy?.close();
});

test('the button leads to the download host, and the browser saves the file under its original name', async () => {
  const page = await browser.newPage({ acceptDownloads: true });
  const token = await laptop.mailedToken('ann@example.org', 'report.pdf');
  await page.goto(`${laptop.endpoints.api}/redeem?token=${token}`);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button').click()]);
  expect(new URL(download.url()).host).toBe(proxy.host);
  expect(download.suggestedFilename()).toBe('report.pdf');
  expect(readFileSync(await download.path(), 'utf8')).toBe('the report');
});
