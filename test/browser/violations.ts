import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** The success criteria of WCAG 2.2, levels A and AA, by their axe tags. */
export const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** Returns the violations that axe finds on the current page. */
export async function violationsOn(
  page: Page,
  rules: readonly string[] = [...WCAG, 'best-practice'],
): Promise<readonly string[]> {
  const options = JSON.stringify({ runOnly: rules, resultTypes: ['violations'] });
  const found = (await page.evaluate(
    `${axe.source}; axe.run(${options}).then(({ violations }) => violations)`,
  )) as readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[];
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}
