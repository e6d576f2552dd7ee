import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { LANGUAGES, type Language } from '../../lambda/domain/language.ts';
import type { Brand } from '../../lambda/views/brand.ts';
import { checkInboxPage } from '../../lambda/views/check-inbox-page.ts';
import { collectionPage } from '../../lambda/views/collection-page.ts';
import { confirmPage } from '../../lambda/views/confirm-page.ts';
import { type LocalizedTheme, localizedTheme } from '../../lambda/views/localized-theme.ts';
import { composeMail } from '../../lambda/views/mail.ts';
import { problemPage } from '../../lambda/views/problem-page.ts';
import { reportedPage } from '../../lambda/views/reported-page.ts';
import { requestPage } from '../../lambda/views/request-page.ts';
import { uploadFormPage, uploadPage } from '../../lambda/views/upload-page.ts';
import {
  brand,
  collectionView,
  limits,
  now,
  origin,
  recordOf,
  token,
  uploadView,
} from '../unit/views/examples.ts';
import { refusals } from './refusals.ts';
import { assetName } from './values.ts';
import { visit } from './visit.ts';

/* Takes screenshots of pages and e-mails, for reviews and for the manual. */

const SCREENS = {
  desktop: { viewport: { width: 900, height: 700 } },
  phone: { viewport: { width: 390, height: 760 }, isMobile: true, hasTouch: true },
} as const satisfies Record<string, BrowserContextOptions>;

const FILE_NAMES: Readonly<Record<Language, string>> = {
  en: 'annual-report-2026.pdf',
  de: 'Geschäftsbericht 2026.pdf',
  fr: 'Rapport annuel 2026.pdf',
};

type Subject =
  | 'request'
  | 'check-inbox'
  | 'confirm'
  | 'collection'
  | 'redeemed'
  | 'expired'
  | 'reported'
  | 'mail'
  | 'upload'
  | 'upload-form'
  | 'upload-thanks';

export interface Shot {
  readonly subject: Subject;
  readonly language: Language;
  readonly screen: keyof typeof SCREENS;
  readonly scheme: 'light' | 'dark';
  readonly brand?: Brand;
}

const SUBJECTS: readonly Subject[] = [
  'request',
  'check-inbox',
  'confirm',
  'collection',
  'redeemed',
  'expired',
  'reported',
  'mail',
  'upload',
  'upload-form',
  'upload-thanks',
];

/** The two screens. They alternate, so about half of the shots show a light desktop, and the others a dark phone. */
const turns: readonly Pick<Shot, 'screen' | 'scheme'>[] = [
  { screen: 'desktop', scheme: 'light' },
  { screen: 'phone', scheme: 'dark' },
];

/** The screenshots that the manual shows. */
export const manualShots: readonly Shot[] = [
  { subject: 'request', language: 'en', screen: 'desktop', scheme: 'light' },
  { subject: 'mail', language: 'en', screen: 'desktop', scheme: 'light' },
  { subject: 'confirm', language: 'en', screen: 'desktop', scheme: 'light' },
  { subject: 'confirm', language: 'fr', screen: 'phone', scheme: 'dark' },
  { subject: 'collection', language: 'en', screen: 'phone', scheme: 'light' },
  { subject: 'redeemed', language: 'en', screen: 'desktop', scheme: 'dark' },
  { subject: 'confirm', language: 'de', screen: 'desktop', scheme: 'light', brand },
  { subject: 'upload', language: 'en', screen: 'desktop', scheme: 'light' },
  { subject: 'upload', language: 'de', screen: 'phone', scheme: 'dark' },
];

export const everyShot: readonly Shot[] = [
  ...SUBJECTS.flatMap((subject, row) =>
    LANGUAGES.flatMap((language, column): Shot[] => {
      const turn = turns[(row + column) % turns.length];
      return turn === undefined ? [] : [{ subject, language, ...turn }];
    }),
  ),
  { subject: 'confirm', language: 'de', screen: 'phone', scheme: 'dark', brand },
  { subject: 'mail', language: 'de', screen: 'phone', scheme: 'dark', brand },
  { subject: 'upload', language: 'de', screen: 'phone', scheme: 'light', brand },
];

/** Returns a screenshot's file name, which says everything that distinguishes the screenshot. */
export function fileNameOf({ subject, language, screen, scheme, brand: own }: Shot): string {
  return `${[subject, language, screen, scheme, ...(own ? ['branded'] : [])].join('-')}.png`;
}

/** Takes screenshots, saves each to its own file, and creates the folder. */
export async function takeScreenshots(
  browser: Browser,
  folder: string,
  shots: readonly Shot[],
): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const shot of shots) {
    const { subject, language, screen, scheme, brand: own = {} } = shot;
    const markup = markupOf(subject, localizedTheme(language, own), language);
    const options = { ...SCREENS[screen], colorScheme: scheme, timezoneId: 'Europe/Berlin' };
    const path = join(folder, fileNameOf(shot));
    if (subject === 'mail') {
      // Mail programs do not apply our pages' policy.
      const page = await browser.newPage(options);
      await page.setContent(markup);
      await capture(page, path);
      await page.close();
    } else {
      const { page } = await visit(browser, markup, {
        ...options,
        accent: own.accent,
        files: subject.startsWith('upload') ? uploadsIn(language) : undefined,
      });
      if (subject === 'upload') await page.locator('#files li').last().waitFor();
      await capture(page, path);
      await page.context().close();
    }
  }
}

/**
 * Saves a screenshot of the whole page.
 *
 * A full-page screenshot resizes the page while it copies the surface. On a busy machine, Chromium then has no frame of
 * the new size ("Unable to capture screenshot"). So we resize the page first, and copy it after it has painted.
 */
async function capture(page: Page, path: string): Promise<void> {
  const size = await page.evaluate<{ width: number; height: number }>(
    '({ width: innerWidth, height: Math.max(innerHeight, document.documentElement.scrollHeight) })',
  );
  await page.setViewportSize(size);
  await page.evaluate(
    'new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)))',
  );
  await page.screenshot({ path });
}

/** Returns the server's list of an upload link's files: one published, one rejected, one half sent. */
function uploadsIn(language: Language) {
  const half = { size: 48_000_000, type: 'application/pdf', partSize: 16_777_216, partCount: 3 };
  return [
    { ...half, fileName: FILE_NAMES[language], state: 'published' },
    { ...half, fileName: 'minutes.pdf', state: 'rejected', reason: 'type_mismatch' },
    { ...half, fileName: `${'appendix-'.repeat(6)}.pdf`, state: 'created', storedParts: [[1, 2]] },
  ].map((file, row) => ({ ...file, uploadId: `c${row}` }));
}

function markupOf(subject: Subject, theme: LocalizedTheme, language: Language): string {
  const fileName = FILE_NAMES[language];
  const record = recordOf(fileName);
  const onward = { origin, token };
  switch (subject) {
    case 'request':
      return requestPage({ origin, asset: assetName(fileName), lifetimeMinutes: 15, limits }, theme);
    case 'check-inbox':
      return checkInboxPage({ origin, lifetimeMinutes: 15 }, theme);
    case 'confirm':
      return confirmPage({ ...onward, record, downloadSeconds: 30, now }, theme);
    case 'collection':
      return collectionPage(collectionView('live', fileName), theme);
    case 'redeemed':
      return problemPage({ ...onward, refusal: refusals.token_redeemed }, theme);
    case 'expired':
      return problemPage({ ...onward, refusal: refusals.token_expired }, theme);
    case 'reported':
      return reportedPage({ origin }, theme);
    case 'upload':
    case 'upload-thanks':
      return uploadPage(uploadView(subject === 'upload' ? 'open' : 'finished', fileName), theme);
    case 'upload-form':
      return uploadFormPage({ origin, token, fileName, url: 'https://bucket.s3.test/', fields: {} }, theme);
    case 'mail':
      return composeMail({ record, url: `${origin}/redeem?token=${token}`, now }, theme).html;
  }
}
