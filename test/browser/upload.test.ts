import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page, Route } from 'playwright-core';
import { EICAR } from '../../laptop/test/support/eicar.ts';
import { signedFetch } from '../../laptop/test/support/signed-fetch.ts';
import { launchChromium } from '../support/chromium.ts';
import { type Laptop, startLaptop } from '../support/laptop.ts';
import { violationsOn } from './violations.ts';

let laptop: Laptop;
let browser: Browser;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tvm-browser-upload-'));
  writeFileSync(join(folder, 'contract.pdf'), pdf(PART + 1).buffer);
  browser = await launchChromium();
  laptop = await startLaptop();
});
afterAll(async () => {
  await browser?.close();
  await laptop?.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Invitation {
  readonly linkId: string;
  readonly url: string;
}

const ask = async (path: string, method: 'GET' | 'POST' = 'GET', body?: object) => {
  const response = await signedFetch(laptop.endpoints, method, path, body);
  return (await response.json()) as Record<string, unknown>;
};

const invite = async (more: object = {}) =>
  (await ask('/upload-links', 'POST', {
    for: 'the signed contract',
    files: 3,
    ...more,
  })) as unknown as Invitation;

const showLink = ({ linkId }: Invitation) => ask(`/upload-links/${linkId}`);

/** Opens a link, and expects no errors and no console output. */
async function visit(
  url: string,
  options: BrowserContextOptions,
  act: (page: Page) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext({ locale: 'en-GB', ...options });
  const complaints: string[] = [];
  try {
    const page = await context.newPage();
    page.on('pageerror', ({ message }) => complaints.push(message));
    page.on('console', (line) => complaints.push(line.text()));
    await page.goto(url);
    await act(page);
    // Chromium prints this for requests that a test aborts.
    expect(complaints.filter((line) => !/Failed to load resource/.test(line))).toEqual([]);
  } finally {
    await context.close();
  }
}

const PART = 16 * 1024 * 1024;
const pdf = (size = 3000) => ({
  name: 'contract.pdf',
  mimeType: 'application/pdf',
  buffer: Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(size - 9, 'x')]),
});

const row = (page: Page, name = 'contract.pdf') => page.locator('#files li').filter({ hasText: name });
const says = (page: Page, words: RegExp, name?: string) =>
  row(page, name).filter({ hasText: words }).waitFor();
const choose = (page: Page, ...files: ReturnType<typeof pdf>[]) =>
  page.locator('#picker').setInputFiles(files);
/** Chooses a two-part PDF from disk, because sending its bytes to the browser would take seconds. */
const chooseLarge = (page: Page) => page.locator('#picker').setInputFiles(join(folder, 'contract.pdf'));
const finish = (page: Page) => page.getByRole('button', { name: /^(Finish|Abschließen|Terminer)$/ });

/** Passes each request for a part's URL to `handle`, and returns a function that counts the PUTs so far. */
async function parts(
  page: Page,
  handle: (route: Route, count: number) => Promise<void>,
): Promise<() => number> {
  let count = 0;
  await page.route(/partNumber=/, async (route) => {
    if (route.request().method() === 'PUT') count += 1;
    await handle(route, count);
  });
  return () => count;
}

describe.each<[string, BrowserContextOptions, RegExp]>([
  ['on a desktop', {}, /Thank you/],
  [
    'on a phone in dark mode, in German',
    {
      viewport: { width: 390, height: 844 },
      isMobile: true,
      hasTouch: true,
      colorScheme: 'dark',
      locale: 'de-DE',
    },
    /Vielen Dank/,
  ],
  ['on a narrow screen, in French', { viewport: { width: 320, height: 640 }, locale: 'fr-FR' }, /Merci/],
])('%s,', (_where, options, thanks) => {
  test('a file is sent and checked, and the inviter gets it once the link is finished', async () => {
    const invitation = await invite();
    await visit(invitation.url, options, async (page) => {
      await choose(page, pdf());
      await says(page, /checked|geprüft|analys/);
      await finish(page).click();
      await page.getByRole('heading', { name: thanks }).waitFor();
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    });
    const { state, files } = await showLink(invitation);
    expect(state).toBe('finished');
    expect(files).toMatchObject([{ fileName: 'contract.pdf', size: 3000 }]);
  });
});

describe('on the upload page,', () => {
  test('a HEAD request, opening the page, reloading it, and going back do not spend the link', async () => {
    const invitation = await invite();
    expect((await fetch(invitation.url, { method: 'HEAD' })).status).toBe(200);
    await visit(invitation.url, {}, async (page) => {
      await page.reload();
      await page.goto(laptop.endpoints.api);
      await page.goBack();
      await page.locator('#picker').waitFor();
    });
    expect(await showLink(invitation)).toMatchObject({ state: 'open', files: [] });
  });

  test('an upload continues after the connection breaks, and the file arrives complete', async () => {
    const invitation = await invite();
    await visit(invitation.url, {}, async (page) => {
      const sent = await parts(page, (route, count) =>
        count === 1 ? route.abort('connectionreset') : route.continue(),
      );
      await chooseLarge(page);
      await says(page, /checked/);
      expect(sent()).toBe(3);
    });
    expect((await showLink(invitation)).files).toMatchObject([
      { size: PART + 1, state: expect.not.stringMatching('rejected') },
    ]);
  });

  test('after a reload, choosing the same file again sends only the parts that S3 does not have yet', async () => {
    const invitation = await invite({ files: 1 });
    await visit(invitation.url, {}, async (page) => {
      const stored = Promise.withResolvers<void>();
      const stuck = Promise.withResolvers<void>();
      let isReloaded = false;
      page.on('response', (response) => {
        if (response.request().method() === 'PUT' && response.ok()) stored.resolve();
      });
      const sent = await parts(page, async (route) => {
        // Holds back the second part until the reload.
        if (!isReloaded && route.request().url().includes('partNumber=2')) return stuck.resolve();
        await route.continue();
      });
      await chooseLarge(page);
      await Promise.all([stored.promise, stuck.promise]);
      const before = sent();
      isReloaded = true;
      page.on('dialog', (dialog) => dialog.accept());
      await page.reload();
      await says(page, /Choose the same file again/);
      expect(await page.locator('#picker').isEnabled()).toBe(true);
      await chooseLarge(page);
      await says(page, /checked/);
      expect([before, sent()]).toEqual([2, 3]);
    });
  });

  test('a file can be paused, continued, and removed by keyboard alone', async () => {
    const invitation = await invite();
    await visit(invitation.url, {}, async (page) => {
      const gate = Promise.withResolvers<void>();
      await parts(page, async (route, count) => {
        if (count === 1) await gate.promise;
        await route.continue().catch(() => undefined);
      });
      await choose(page, pdf());
      const press = async (name: RegExp) => {
        await page.getByRole('button', { name }).focus();
        await page.keyboard.press('Enter');
      };
      await press(/^Pause contract/);
      await says(page, /Paused/);
      gate.resolve();
      await press(/^Resume contract/);
      await says(page, /checked/);
    });
    const other = await invite();
    await visit(other.url, {}, async (page) => {
      const gate = Promise.withResolvers<void>();
      await parts(page, async (route) => {
        await gate.promise;
        await route.abort().catch(() => undefined);
      });
      await choose(page, pdf());
      await page.getByRole('button', { name: /^Remove contract/ }).press('Enter');
      await row(page).waitFor({ state: 'detached' });
      expect(await page.locator('#announce').textContent()).toMatch(/Removed: contract.pdf/);
      gate.resolve();
    });
    expect((await showLink(other)).files).toEqual([]);
  });

  test('malware is rejected with a message that the uploader can understand', async () => {
    const invitation = await invite();
    await visit(invitation.url, {}, async (page) => {
      await choose(page, { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from(EICAR) });
      await says(page, /malware was found/, 'notes.txt');
      await finish(page).press('Enter');
      expect(await page.locator('#announce').textContent()).toMatch(/Send at least one file/);
    });
    expect((await showLink(invitation)).state).toBe('open');
  });

  test('a file that the link does not accept is refused before anything is sent', async () => {
    const { url } = await invite({ files: 1, maxBytes: 5000, types: ['application/pdf'] });
    await visit(url, {}, async (page) => {
      const announced = (words: RegExp) => page.locator('#announce').filter({ hasText: words }).waitFor();
      await choose(page, { ...pdf(), name: 'film.mp4', mimeType: 'video/mp4' });
      await announced(/film.mp4: files of this type are not accepted/);
      await choose(page, pdf(6000));
      await announced(/too large/);
      await choose(page, { ...pdf(), buffer: Buffer.alloc(0) });
      await announced(/empty/);
      await choose(page, pdf());
      await says(page, /checked/);
      await choose(page, { ...pdf(), name: 'another.pdf' });
      await announced(/takes no more files/);
    });
  });

  test('a file chosen before the earlier files are listed appears once, and an error about another file stays', async () => {
    const { url } = await invite();
    await visit(url, {}, async (page) => {
      const other = 'other.pdf';
      await choose(page, pdf(), { ...pdf(), name: other });
      for (const name of ['contract.pdf', other]) await says(page, /Sent and checked/, name);
      const gate = Promise.withResolvers<void>();
      await page.route('**/upload/files', async (route) => {
        await gate.promise;
        await route.continue();
      });
      await page.reload();
      await choose(page, pdf());
      await says(page, /Sent and checked/);
      await choose(page, { ...pdf(), name: 'nothing.pdf', buffer: Buffer.alloc(0) });
      await page.locator('#announce').filter({ hasText: /empty/ }).waitFor();
      gate.resolve();
      await says(page, /Sent and checked/, other);
      expect(await row(page).count()).toBe(1);
      expect(await page.locator('#announce').textContent()).toMatch(/nothing.pdf: .*empty/);
    });
  });

  test('a file dropped on the page while the device is offline is sent once the device is online', async () => {
    const { url } = await invite();
    await visit(url, {}, async (page) => {
      await page.context().setOffline(true);
      const dataTransfer = await page.evaluateHandle(
        `(() => {
          const dropped = new DataTransfer();
          dropped.items.add(new File(['%PDF-1.7 dropped'], 'dropped.pdf', { type: 'application/pdf' }));
          return dropped;
        })()`,
      );
      await page.dispatchEvent('#drop', 'drop', { dataTransfer });
      await says(page, /Interrupted/, 'dropped.pdf');
      await page.context().setOffline(false);
      await says(page, /checked/, 'dropped.pdf');
    });
  });

  test('a page left open until its link has expired says that the link has expired', async () => {
    const { url } = await invite();
    await visit(url, {}, async (page) => {
      await page.route('**/upload/open', (route) =>
        route.fulfill({ status: 410, json: { code: 'token_expired' } }),
      );
      await choose(page, pdf());
      await says(page, /has expired/);
    });
  });

  test('two tabs that send the same file create only one upload', async () => {
    const invitation = await invite();
    await visit(invitation.url, {}, async (page) => {
      const other = await page.context().newPage();
      await other.goto(invitation.url);
      await Promise.all([choose(page, pdf()), choose(other, pdf())]);
      await Promise.all([says(page, /checked/), says(other, /checked/)]);
    });
    expect((await showLink(invitation)).files).toHaveLength(1);
  });

  test('a page left open until its link is revoked says that the link was withdrawn', async () => {
    const invitation = await invite();
    await visit(invitation.url, {}, async (page) => {
      await signedFetch(laptop.endpoints, 'DELETE', `/upload-links/${invitation.linkId}`);
      await choose(page, pdf());
      await says(page, /has been withdrawn/);
    });
  });
});

describe('without JavaScript,', () => {
  test('a file can be sent, and its link finished, with plain forms', async () => {
    const invitation = await invite();
    await visit(invitation.url, { javaScriptEnabled: false }, async (page) => {
      await page.getByLabel('Name of the file').fill('contract.pdf');
      await page.getByRole('button', { name: 'Next' }).click();
      await page.getByLabel('Choose files').setInputFiles(pdf());
      await page.getByRole('button', { name: 'Send the file' }).click();
      await page.locator('#sent').getByText('contract.pdf').waitFor();
      await finish(page).click();
      await page.getByRole('heading', { name: 'Thank you' }).waitFor();
    });
    const { state, files } = await showLink(invitation);
    expect(state).toBe('finished');
    expect(files).toMatchObject([{ fileName: 'contract.pdf', size: 3000 }]);
  });
});

describe.each(['light', 'dark'] as const)('in the %s color scheme,', (colorScheme) => {
  test('axe finds no violations on the page without files, with files, without scripts, and after finishing', async () => {
    const invitation = await invite();
    await visit(invitation.url, { colorScheme, bypassCSP: true }, async (page) => {
      expect(await violationsOn(page)).toEqual([]);
      await choose(page, pdf());
      await says(page, /checked/);
      expect(await violationsOn(page)).toEqual([]);
      await page.evaluate(
        `document.getElementById('plain').hidden = document.getElementById('upload').hidden = false`,
      );
      expect(await violationsOn(page)).toEqual([]);
      await finish(page).click();
      await page.getByRole('heading', { name: 'Thank you' }).waitFor();
      expect(await violationsOn(page)).toEqual([]);
    });
  });
});
