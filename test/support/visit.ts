import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { pageSecurityPolicy } from '../../lambda/views/security-policy.ts';
import { uploadPageSecurityPolicy } from '../../lambda/views/upload-security-policy.ts';

const ORIGIN = 'https://files.example.org/v1';
const BUCKET = 'https://bucket.s3.eu-central-1.amazonaws.com';

export interface Visit {
  readonly page: Page;
  /** The method and URL of each request from the browser, in order. */
  readonly requests: string[];
  /** The messages in the browser's console, and the errors that the page did not catch. */
  readonly complaints: string[];
}

/** Options of the browser context, and our own. */
export type VisitOptions = BrowserContextOptions & {
  /** A brand's accent color. If set, the policy allows the brand's style sheet. */
  readonly accent?: string | undefined;
  /** The files that an upload page's script finds. If set, the page gets the policy of upload pages. */
  readonly files?: readonly object[] | undefined;
};

/**
 * Opens a page under its content security policy. Every request gets the page, except that a POST gets `files` if they
 * are set. The network is not used. The caller closes the page's context.
 */
export async function visit(
  browser: Browser,
  markup: string,
  { accent, files, ...options }: VisitOptions = {},
): Promise<Visit> {
  const policyOf = files === undefined ? pageSecurityPolicy : uploadPageSecurityPolicy;
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await context.route('**/*', async (route) => {
    requests.push(`${route.request().method()} ${route.request().url()}`);
    if (files !== undefined && route.request().method() === 'POST') return route.fulfill({ json: { files } });
    await route.fulfill({
      contentType: 'text/html; charset=utf-8',
      headers: { 'content-security-policy': policyOf(BUCKET, { accent }) },
      body: markup,
    });
  });
  await page.goto(`${ORIGIN}/`);
  return { page, requests, complaints };
}
