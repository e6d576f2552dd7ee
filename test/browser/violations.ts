import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import type { LocalizedTheme } from '../../lambda/views/localized-theme.ts';
import { visit } from '../support/visit.ts';

/** The axe tags of the WCAG 2.2 success criteria, levels A and AA. */
export const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** Pages, each as a pair of name and HTML. */
type Pages = readonly (readonly [string, string])[];

/** Renders each page under its theme's Content-Security-Policy, and returns the violations, keyed by page name. */
export async function violationsOnEach(
  browser: Browser,
  pages: Pages,
  { brand: { accent } }: LocalizedTheme,
  colorScheme: 'light' | 'dark',
): Promise<Readonly<Record<string, readonly string[]>>> {
  const { page, complaints } = await visit(browser, '', { colorScheme, accent });
  try {
    const found: Record<string, readonly string[]> = {};
    for (const [name, markup] of pages) {
      await page.setContent(markup);
      found[name] = await violationsOn(page);
    }
    // axe can check contrast only if the policy allows the style sheet.
    if (complaints.length > 0) throw new Error(complaints.join('\n'));
    return found;
  } finally {
    await page.context().close();
  }
}

export const withoutViolations = (pages: Pages) => Object.fromEntries(pages.map(([name]) => [name, []]));

/** Returns the violations that axe finds on the current page. */
export async function violationsOn(
  page: Page,
  rules: readonly string[] = [...WCAG, 'best-practice'],
): Promise<readonly string[]> {
  // Content that is set later belongs to the same window, which keeps axe.
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(axe.source);
  const options = JSON.stringify({ runOnly: rules, resultTypes: ['violations'] });
  const found = (await page.evaluate(
    `axe.run(${options}).then(({ violations }) => violations)`,
  )) as readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[];
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}
