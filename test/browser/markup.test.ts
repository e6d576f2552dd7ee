import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Browser, Page } from 'playwright-core';
import { parseAssetName } from '../../lambda/domain/asset-name.ts';
import { confirmPage } from '../../lambda/views/confirm-page.ts';
import { composeMail } from '../../lambda/views/mail.ts';
import { requestPage } from '../../lambda/views/request-page.ts';
import { pageSecurityPolicy } from '../../lambda/views/security-policy.ts';
import { launchChromium } from '../support/chromium.ts';
import { assetName } from '../support/values.ts';
import { type Visit, visit } from '../support/visit.ts';
import { limits, now, origin, recordOf, token } from '../unit/views/examples.ts';
import { serveTwoOrigins } from './two-origins.ts';

/*
 * Tests the behavior that only a real browser can show: how it parses the markup, whether it applies the style under
 * the policy, what a form may do, and where the focus is. No request leaves this computer.
 */

const confirm = confirmPage({ origin, record: recordOf('report.pdf'), token, downloadSeconds: 30, now });

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
});

async function lookAndClose<T>({ page }: Visit, look: (page: Page) => Promise<T>): Promise<T> {
  try {
    return await look(page);
  } finally {
    await page.context().close();
  }
}

const BACKGROUND = 'getComputedStyle(document.body).backgroundColor';

describe('the style sheet in a browser', () => {
  test.each([
    ['light', 'rgb(243, 246, 245)'],
    ['dark', 'rgb(14, 20, 18)'],
  ] as const)(
    'the security policy allows the style in the %s color scheme, and the page loads nothing else',
    async (colorScheme, color) => {
      const visited = await visit(browser, confirm, { colorScheme });
      await lookAndClose(visited, async (page) => {
        expect(await page.evaluate(BACKGROUND)).toBe(color);
      });
      expect(visited.requests).toEqual([`GET ${origin}/`]);
      expect(visited.complaints).toEqual([]);
    },
  );

  test('every field and button of the form shows an outline when it has the focus', async () => {
    await lookAndClose(
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

test('the form for a given file opens with the focus in the address field', async () => {
  const form = requestPage({ origin, asset: assetName('report.pdf'), lifetimeMinutes: 15, limits });
  await lookAndClose(await visit(browser, form), async (page) => {
    await page.waitForFunction('document.activeElement.name === "email"');
    await page.keyboard.type('ada@example.org');
    expect(await page.getByLabel('Your e-mail address').inputValue()).toBe('ada@example.org');
    expect(await page.getByLabel('Name of the file').inputValue()).toBe('report.pdf');
  });
});

describe('the download button in a browser', () => {
  /** Serves the confirmation page with the policy that `policyFor` returns for the files' origin. */
  const serve = (policyFor: (files: string) => string) =>
    serveTwoOrigins(({ pages, files }) => ({
      page: confirmPage({ origin: pages, record: recordOf('report.pdf'), token, downloadSeconds: 30, now }),
      policy: policyFor(files),
    }));

  test('the button posts the token and downloads from the bucket without JavaScript, and the page stays open', async () => {
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

  test('the browser blocks the redirect to the bucket if the policy names another origin', async () => {
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

describe('file names in a browser', () => {
  /** Generates valid names with far more of HTML's special characters than random text has. */
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

  /** A script that returns the elements that the browser parsed, and the file name as it is shown and as it is sent. */
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
      'the confirmation page',
      (name) => confirmPage({ origin, record: recordOf(name), token, downloadSeconds: 30, now }),
    ],
    [
      'the e-mail',
      (name) => composeMail({ record: recordOf(name), url: `${origin}/redeem`, now: new Date(0) }).html,
    ],
  ];

  test.each(writers)('a file name adds no elements to %s and is shown unchanged', async (where, write) => {
    await lookAndClose(await visit(browser, ''), async (page) => {
      const samples = fc.sample(names, 300);
      const markups = ['plain.pdf', ...samples].map(write);
      const [plain, ...readings] = (await page.evaluate(`${JSON.stringify(markups)}.map(${READ})`)) as {
        readonly elements: string;
        readonly shown: string | undefined;
        readonly sent: string | undefined;
      }[];
      expect(readings.map(({ elements }) => elements)).toEqual(samples.map(() => plain?.elements));
      if (where === 'the confirmation page') {
        expect(readings.map(({ shown }) => shown)).toEqual(
          samples.map((name) => recordOf(name).asset.fileName),
        );
      }
      if (where === 'the form') expect(readings.map(({ sent }) => sent)).toEqual(samples);
    });
  });
});
