import { fileURLToPath } from 'node:url';
import { launchChromium } from '../support/chromium.ts';
import { everyShot, manualShots, takeScreenshots } from '../support/screenshots.ts';

/* `npm run screenshots` saves pictures of all pages in artefacts/screenshots, and those in the manual in docs/images. */

const inProject = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

const browser = await launchChromium();
try {
  await takeScreenshots(browser, inProject('artefacts/screenshots'), everyShot);
  await takeScreenshots(browser, inProject('docs/images'), manualShots);
} finally {
  await browser.close();
}
