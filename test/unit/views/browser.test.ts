import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Browser, Page } from 'playwright-core';
import { parseAssetName } from '../../../lambda/domain/asset-name.ts';
import { confirmPage } from '../../../lambda/views/confirm-page.ts';
import { composeMail } from '../../../lambda/views/mail.ts';
import { requestPage } from '../../../lambda/views/request-page.ts';
import { pageSecurityPolicy } from '../../../lambda/views/security-policy.ts';
import { launchChromium } from '../../support/chromium.ts';
import { assetName } from '../../support/values.ts';
import { type Visit, visit } from '../../support/visit.ts';
import { everyPageIn, limits, now, origin, recordOf, themes, token } from './examples.ts';
import { serveTwoOrigins } from './two-origins.ts';

/*
 * What only a real browser can tell: how it reads the markup, whether it applies the style under the policy, what
 * a form may do, and what fits a small screen. Nothing leaves the machine.
 */

const confirm = confirmPage({ origin, record: recordOf('report.pdf'), token, downloadSeconds: 30, now });

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
});

async function closing<T>({ page }: Visit, look: (page: Page) => Promise<T>): Promise<T> {
  try {
    return await look(page);
  } finally {
    await page.context().close();
  }
}

/** Every page of every theme that differs from the others in more than words. */
const pagesInAllThemes = () =>
  themes
    .filter(([name]) => name !== 'en')
    .flatMap(([name, theme]) => everyPageIn(theme).map(([page, markup]) => [name, page, markup] as const));

const BACKGROUND = 'getComputedStyle(document.body).backgroundColor';
const OVERFLOW = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';

describe('the style', () => {
  test.each([
    ['light', 'rgb(243, 246, 245)'],
    ['dark', 'rgb(14, 20, 18)'],
  ] as const)(
    'applies under the policy in the %s scheme, and nothing else is asked for',
    async (colorScheme, colour) => {
      const visited = await visit(browser, confirm, { colorScheme });
      await closing(visited, async (page) => {
        expect(await page.evaluate(BACKGROUND)).toBe(colour);
      });
      expect(visited.requests).toEqual([`GET ${origin}/`]);
      expect(visited.complaints).toEqual([]);
    },
  );

  test('fits every page on 320 pixels, with the longest name of a file and without a space in it', async () => {
    const visited = await visit(browser, '', { viewport: { width: 320, height: 640 } });
    await closing(visited, async (page) => {
      for (const [theme, name, markup] of pagesInAllThemes()) {
        await page.setContent(markup);
        expect([theme, name, await page.evaluate(OVERFLOW)]).toEqual([theme, name, 0]);
      }
    });
  });

  test('makes everything that is pressed or filled in large enough for a thumb', async () => {
    const visited = await visit(browser, '', { viewport: { width: 320, height: 640 } });
    await closing(visited, async (page) => {
      for (const [, name, markup] of pagesInAllThemes()) {
        await page.setContent(markup);
        for (const target of await page.locator('button, .button, input:not([type=hidden])').all()) {
          const { height = 0 } = (await target.boundingBox()) ?? {};
          expect([name, height >= 44]).toEqual([name, true]);
        }
      }
    });
  });

  test('shows where the keyboard is on the way to the button', async () => {
    await closing(
      await visit(browser, requestPage({ origin, lifetimeMinutes: 15, limits })),
      async (page) => {
        const stops: unknown[] = [];
        for (let stop = 0; stop < 3; stop += 1) {
          await page.keyboard.press('Tab');
          stops.push(
            await page.evaluate(
              '[document.activeElement.name || document.activeElement.type, getComputedStyle(document.activeElement).outlineStyle]',
            ),
          );
        }
        expect(stops).toEqual([
          ['asset', 'solid'],
          ['email', 'solid'],
          ['submit', 'solid'],
        ]);
      },
    );
  });
});

test('whoever follows a link to the form for a file types an e-mail address at once', async () => {
  const form = requestPage({ origin, asset: assetName('report.pdf'), lifetimeMinutes: 15, limits });
  await closing(await visit(browser, form), async (page) => {
    await page.waitForFunction('document.activeElement.name === "email"');
    await page.keyboard.type('ada@example.org');
    expect(await page.getByLabel('Your e-mail address').inputValue()).toBe('ada@example.org');
    expect(await page.getByLabel('Name of the file').inputValue()).toBe('report.pdf');
  });
});

describe('the button', () => {
  /** The page of a link at its own origin, with a policy that names this origin of the files, or another. */
  const serve = (policyFor: (files: string) => string) =>
    serveTwoOrigins(({ pages, files }) => ({
      page: confirmPage({ origin: pages, record: recordOf('report.pdf'), token, downloadSeconds: 30, now }),
      policy: policyFor(files),
    }));

  test('posts the token and downloads from the bucket, without script, and the page stays', async () => {
    const origins = await serve((files) => pageSecurityPolicy(files, {}));
    const context = await browser.newContext({ javaScriptEnabled: false });
    try {
      const page = await context.newPage();
      await page.goto(origins.pages);
      const button = page.getByRole('button', { name: 'Download the file' });
      const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
      expect(download.suggestedFilename()).toBe('report.pdf');
      expect(origins.requests).toEqual([`POST /redeem token=${token}`, 'GET /report.pdf']);
      expect(await button.isVisible()).toBe(true);
    } finally {
      await context.close();
      await origins.close();
    }
  });

  test('would be dead if the policy named another origin: so the browser does judge the redirect', async () => {
    const origins = await serve(() => pageSecurityPolicy('https://elsewhere.example', {}));
    const context = await browser.newContext();
    try {
      const page = await context.newPage();
      await page.goto(origins.pages);
      const refused = page.waitForEvent('console');
      await page.getByRole('button', { name: 'Download the file' }).click();
      expect((await refused).text()).toContain('form-action');
      expect(origins.requests).toEqual([`POST /redeem token=${token}`]);
    } finally {
      await context.close();
      await origins.close();
    }
  });
});

describe('a name of a file', () => {
  /** Names as they may be, with what matters to HTML much more often than chance would have it. */
  const names = fc
    .array(
      fc.oneof(
        fc.constantFrom(
          '<',
          '>',
          '"',
          "'",
          '&',
          '&lt;',
          '<b>',
          '<!--',
          '-->',
          '</bdi>',
          '</title>',
          '<script>',
          '👩‍👩‍👧‍👦',
          'تقرير',
        ),
        fc.string({ unit: 'grapheme', maxLength: 6 }),
      ),
      { minLength: 1, maxLength: 12 },
    )
    .map((parts) => parts.join('').replaceAll('/', ''))
    .filter((name) => parseAssetName(name) !== undefined);

  /** What the browser made of some markup: how many elements of what kind, and what stands where names do. */
  const READ = `(markup) => {
    const read = new DOMParser().parseFromString(markup, 'text/html');
    return {
      elements: Array.from(read.querySelectorAll('*'), (element) =>
        [element.localName, ...element.getAttributeNames()].join(' ')).join(),
      shown: read.querySelector('bdi')?.textContent,
      sent: read.querySelector('input[name=asset]')?.value,
    };
  }`;

  const writers: readonly (readonly [string, (name: string) => string])[] = [
    ['the form', (name) => requestPage({ origin, asset: assetName(name), lifetimeMinutes: 15, limits })],
    [
      'the page of a link',
      (name) => confirmPage({ origin, record: recordOf(name), token, downloadSeconds: 30, now }),
    ],
    [
      'the mail',
      (name) => composeMail({ record: recordOf(name), url: `${origin}/redeem`, now: new Date(0) }).html,
    ],
  ];

  test.each(writers)(
    'is read by a browser as it was meant, and as text only, on %s',
    async (where, write) => {
      await closing(await visit(browser, ''), async (page) => {
        const samples = fc.sample(names, 300);
        const markups = ['plain.pdf', ...samples].map(write);
        const [plain, ...readings] = (await page.evaluate(`${JSON.stringify(markups)}.map(${READ})`)) as {
          readonly elements: string;
          readonly shown: string | undefined;
          readonly sent: string | undefined;
        }[];
        expect(readings.map(({ elements }) => elements)).toEqual(samples.map(() => plain?.elements));
        if (where === 'the page of a link') {
          expect(readings.map(({ shown }) => shown)).toEqual(
            samples.map((name) => recordOf(name).asset.fileName),
          );
        }
        if (where === 'the form') expect(readings.map(({ sent }) => sent)).toEqual(samples);
      });
    },
  );
});
