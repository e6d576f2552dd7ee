import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { launchChromium } from '../support/chromium.ts';
import { everyShot, fileNameOf, manualShots, takeScreenshots } from '../support/screenshots.ts';

const inProject = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const PNG = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

test('artefacts/screenshots contains a picture of every page and of the e-mail in every language', async () => {
  const folder = inProject('artefacts/screenshots');
  const before = Date.now();
  const browser = await launchChromium();
  try {
    await takeScreenshots(browser, folder, everyShot);
  } finally {
    await browser.close();
  }
  const files = everyShot.map((shot) => statSync(join(folder, fileNameOf(shot))));
  expect(files.every(({ mtimeMs, size }) => mtimeMs >= before - 1_000 && size > 5_000)).toBe(true);
});

test.each(manualShots.map(fileNameOf))('the manual’s %s exists and is smaller than 100 kB', (name) => {
  const picture = readFileSync(inProject(`docs/images/${name}`));
  expect(picture.subarray(0, PNG.length)).toEqual(PNG);
  expect(picture.length).toBeLessThan(100_000);
});
